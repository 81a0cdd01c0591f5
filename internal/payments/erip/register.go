package erip

import (
	"context"
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

// Finding is what a line of a register meant for us.
type Finding string

// The findings of applying a register.
const (
	// FoundKnown is a payment we knew to be paid.
	FoundKnown Finding = "known"
	// FoundLost is a payment whose result never reached us; it counts as paid now.
	FoundLost Finding = "lost"
	// FoundUnknown is a payment we never gave consent to; an operator must look.
	FoundUnknown Finding = "unknown"
	// FoundReversed is a payment that we hold for reversed; an operator must look.
	FoundReversed Finding = "reversed"
)

// ApplyRegister makes every transaction that stands in a register paid, even
// one that is only started or that ERIP had told to have failed: a register
// lists money that has been transferred. It answers a finding for each line.
// After an error the lines before it are applied; applying again is harmless.
func (p *Provider) ApplyRegister(ctx context.Context, r Register) ([]Finding, error) {
	findings := make([]Finding, 0, len(r.Lines))
	for _, line := range r.Lines {
		var f Finding
		err := p.store.InTx(ctx, func(tx Tx) error {
			var err error
			s := step{ctx: ctx, tx: tx, now: p.now(), request: Request{TransactionID: line.TransactionID}, raw: line.Raw}
			f, err = s.registered()
			return err
		})
		if err != nil {
			return findings, fmt.Errorf("erip: register: %w", err)
		}
		findings = append(findings, f)
	}
	return findings, nil
}

func (s *step) registered() (Finding, error) {
	finding := FoundUnknown
	_, err := s.onTransaction(func(_ Account, t Transaction) (Response, error) {
		switch t.State {
		case Started, Cancelled:
			finding = FoundLost
			return Response{}, s.commit(&t)
		case StornCommitted:
			finding = FoundReversed
		case Committed, StornStarted:
			finding = FoundKnown
		}
		return Response{}, nil
	})
	return finding, err
}
