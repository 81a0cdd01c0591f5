package payments

import (
	"crypto/sha256"
	"encoding/binary"
	"hash"
	"strings"
	"time"
	"unicode"

	"github.com/remote-issuance/remote-issuance/internal/order"
)

// Content is a digest of what a message says about money (P5). Two messages
// with the same source, external id and content are one event; the same id
// with another content is a conflict.
//
// It covers kind, number, amount in kopecks, currency, payer's UNP, whether the
// account is ours and, for banks, the Minsk day: banks begin their numbers anew.
// Each is taken as it is compared, so that what means nothing makes no
// difference: letter case, alphabet, blanks, line ends, the order and
// encoding of fields, and the time of day, which pushes and polls of one event
// tell differently. Of an unreadable message all octets count.
func (n Notification) Content() [sha256.Size]byte {
	h := sha256.New()
	write(h, string(n.Kind))
	if n.Kind == KindUnreadable {
		write(h, string(n.Raw))
		return [sha256.Size]byte(h.Sum(nil))
	}
	write(h, sameness(n.Number))
	write(h, n.Amount.String())
	write(h, sameness(n.Currency))
	write(h, sameness(n.PayerUNP))
	if n.OtherAccount {
		write(h, "other account")
	}
	if n.Source == SourceClientBank && !n.OccurredAt.IsZero() {
		write(h, n.OccurredAt.In(order.Minsk()).Format(time.DateOnly))
	}
	return [sha256.Size]byte(h.Sum(nil))
}

// write gives a field to the digest with its length, so that no text can flow
// into the next field.
func write(h hash.Hash, text string) {
	var length [8]byte
	binary.BigEndian.PutUint64(length[:], uint64(len(text)))
	_, _ = h.Write(length[:])
	_, _ = h.Write([]byte(text))
}

// sameness is a text without anything that does not tell it from another:
// the number where it is one, otherwise capitals without blanks.
func sameness(text string) string {
	if number, err := NormalizeNumber(text); err == nil {
		return number.ERIP()
	}
	return strings.Map(func(r rune) rune {
		if unicode.IsSpace(r) || unicode.IsControl(r) {
			return -1
		}
		return r
	}, Canonical(text))
}
