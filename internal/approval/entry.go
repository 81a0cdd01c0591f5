package approval

import (
	"encoding/hex"
	"strings"

	"github.com/remote-issuance/remote-issuance/internal/approval/list"
	"github.com/remote-issuance/remote-issuance/internal/order"
)

// EntryOf is the line of an order on a list: its request as both checks found
// it, at a price. The digests bind the line to exactly that file and those
// reports (M5).
func EntryOf(number int64, r order.CheckedRequest, file [32]byte, registers order.Report, price order.Kopecks) list.Entry {
	e := list.Entry{
		Number: number, Surname: r.Subject.Surname, GivenName: r.Subject.GivenName, Patronymic: r.Subject.Patronymic,
		PersonalNumber: r.Subject.PersonalNumber, Position: r.Current.Workplace(), Years: r.Years, Price: price,
		Request: hex.EncodeToString(file[:]), KeyID: r.KeyID, Checked: plainDigest(r.Report), Registers: plainDigest(registers),
	}
	if r.Subject.Workplace() != r.Current.Workplace() {
		e.NewPosition = r.Subject.Workplace()
	}
	return e
}

// plainDigest is that of a report, as the audit log has it, without the name of the algorithm.
func plainDigest(r order.Report) string { return strings.TrimPrefix(r.Digest(), "sha256:") }
