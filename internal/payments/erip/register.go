package erip

import (
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/remote-issuance/remote-issuance/internal/order"
	"github.com/remote-issuance/remote-issuance/internal/payments/charset"
)

// MaxRegister is the size in bytes above which a register is not read.
const MaxRegister = 20 << 20

// The number of fields in the lines of a register, and the positions whose
// meaning is known. The others, the amount among them, are not documented and
// are never relied on: lines are joined with transactions by their id alone.
const (
	headerFields = 18
	lineFields   = 20

	headerLabel     = 2
	headerOrderNo   = 9
	headerOrderDate = 10
	headerGross     = 12
	headerNet       = 14
	lineServiceNo   = 1
	lineOperationAt = 9
	lineTransaction = 12
)

// ErrRegister is returned for a file that is not a register of payments.
var ErrRegister = errors.New("erip: not a register of payments (.210)")

// Register is a file of payments transferred to the provider's account.
type Register struct {
	// Label names the register.
	Label string
	// PaymentOrderNo and PaymentOrderAt are those of the bank's payment order.
	PaymentOrderNo string
	PaymentOrderAt time.Time
	// Gross is what payers have paid, Net what was transferred; the
	// difference is ERIP's commission.
	Gross, Net order.Kopecks
	Lines      []RegisterLine
}

// RegisterLine is one payment of a register.
type RegisterLine struct {
	ServiceNo     string
	TransactionID int64
	// At is when the payer paid; zero when it cannot be read.
	At time.Time
	// Raw is the line as received, in windows-1251.
	Raw []byte
}

// ReadRegister reads a .210 file in windows-1251. Errors wrap ErrRegister.
func ReadRegister(data []byte) (Register, error) {
	if len(data) > MaxRegister {
		return Register{}, fmt.Errorf("%w: file is too long", ErrRegister)
	}
	lines := strings.Split(strings.ReplaceAll(charset.Windows1251(data), "\r\n", "\n"), "\n")
	header := strings.Split(lines[0], "^")
	if len(header) != headerFields {
		return Register{}, fmt.Errorf("%w: header has %d fields", ErrRegister, len(header))
	}
	r := Register{Label: header[headerLabel], PaymentOrderNo: header[headerOrderNo], PaymentOrderAt: minskTime(header[headerOrderDate])}
	var err error
	if r.Gross, err = order.ParseKopecks(strings.TrimSpace(header[headerGross])); err != nil {
		return Register{}, fmt.Errorf("%w: gross sum", ErrRegister)
	}
	if r.Net, err = order.ParseKopecks(strings.TrimSpace(header[headerNet])); err != nil {
		return Register{}, fmt.Errorf("%w: net sum", ErrRegister)
	}
	for i, line := range lines[1:] {
		if line == "" {
			break
		}
		parsed, err := readLine(line)
		if err != nil {
			return Register{}, fmt.Errorf("line %d: %w", i+2, err)
		}
		r.Lines = append(r.Lines, parsed)
	}
	return r, nil
}

func readLine(line string) (RegisterLine, error) {
	fields := strings.Split(line, "^")
	if len(fields) != lineFields {
		return RegisterLine{}, fmt.Errorf("%w: %d fields", ErrRegister, len(fields))
	}
	id, err := strconv.ParseInt(strings.TrimSpace(fields[lineTransaction]), 10, 64)
	if err != nil || id < 1 {
		return RegisterLine{}, fmt.Errorf("%w: transaction id", ErrRegister)
	}
	return RegisterLine{
		ServiceNo: fields[lineServiceNo], TransactionID: id, At: minskTime(fields[lineOperationAt]), Raw: charset.ToWindows1251(line),
	}, nil
}

func minskTime(s string) time.Time {
	t, err := time.ParseInLocation(timeLayout, strings.TrimSpace(s), order.Minsk())
	if err != nil {
		return time.Time{}
	}
	return t
}
