package intake

import (
	"context"
	"fmt"
	"log/slog"
	"strconv"
	"time"

	"github.com/remote-issuance/remote-issuance/internal/payments"
	"github.com/remote-issuance/remote-issuance/internal/payments/erip"
)

// Registers makes what stands in registers of ERIP paid (P4).
type Registers struct {
	Provider *erip.Provider
	Ledger   payments.Ledger
	Now      func() time.Time
	Log      *slog.Logger
}

// Sink imports the files of a folder. Money that we never consented to, or hold
// for reversed, waits for an operator under the transaction's id; the register's
// layout does not tell us its amount. A file that cannot be read waits as a whole.
func (r Registers) Sink(ctx context.Context, data []byte) error {
	register, err := erip.ReadRegister(data)
	if err != nil {
		if _, failed := r.Ledger.Record(ctx, payments.Unreadable(payments.SourceERIP, data, r.Now())); failed != nil {
			return failed
		}
		return fmt.Errorf("%w: %w", ErrFile, err)
	}
	findings, err := r.Provider.ApplyRegister(ctx, register)
	if err != nil {
		return err
	}
	counts := map[erip.Finding]int{}
	for i, finding := range findings {
		counts[finding]++
		if err := r.found(ctx, finding, register.Lines[i]); err != nil {
			return err
		}
	}
	r.Log.InfoContext(ctx, "register of ERIP applied", "lines", len(findings), "findings", counts)
	return nil
}

func (r Registers) found(ctx context.Context, finding erip.Finding, line erip.RegisterLine) error {
	if finding == erip.FoundKnown {
		return nil
	}
	r.Log.WarnContext(ctx, "register of ERIP tells of a payment", "finding", finding, "transaction", line.TransactionID)
	if finding == erip.FoundLost || finding == erip.FoundKept {
		return nil
	}
	id := strconv.FormatInt(line.TransactionID, 10)
	_, err := r.Ledger.Record(ctx, payments.Notification{
		Source: payments.SourceERIP, Kind: payments.KindPayment, Raw: line.Raw, Currency: payments.BYN,
		ExternalID: id + "/register", Bill: id, ReceivedAt: r.Now(), OccurredAt: line.At,
	})
	return err
}
