package paymentscli

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/remote-issuance/remote-issuance/internal/cli/operator"
	"github.com/remote-issuance/remote-issuance/internal/config"
	"github.com/remote-issuance/remote-issuance/internal/payments"
	"github.com/remote-issuance/remote-issuance/internal/payments/assist"
	"github.com/remote-issuance/remote-issuance/internal/postgres"
	"github.com/remote-issuance/remote-issuance/internal/process"
)

func refundCommand(asJSON *bool) *cobra.Command {
	var note string
	cmd := &cobra.Command{
		Use: "refund PAYMENT", Short: "Give an unapplied card payment (number or reference) back through ASSIST, and note that it went back",
		Args: cobra.ExactArgs(1),
	}
	account := operator.AccountFlag(cmd)
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		by, err := account()
		if err != nil {
			return err
		}
		return withLedger(cmd.Context(), func(ledger *postgres.Ledger, c config.Tools) error {
			gateway, err := process.CardGateway(c.Assist)
			if err != nil {
				return err
			}
			if gateway == nil {
				return errors.New("payment by card is not configured: set ASSIST_HOST and its group")
			}
			id, err := waiting(cmd.Context(), ledger, args[0])
			if err != nil {
				return err
			}
			payment, err := refund(cmd.Context(), ledger, gateway, id, by, note)
			return report(cmd.OutOrStdout(), *asJSON, payment, err)
		})
	}
	noteFlag(cmd, &note)
	return cmd
}

// refund asks the gateway first: a payment noted as returned has gone back. An
// interrupted refund is finished by asking again, the key makes it one.
func refund(ctx context.Context, ledger *postgres.Ledger, gateway *assist.Gateway, id, by, note string) (payments.Payment, error) {
	payment, err := ledger.Payment(ctx, id)
	if err != nil {
		return payments.Payment{}, err
	}
	switch {
	case payment.State != payments.PaymentUnapplied:
		return payments.Payment{}, payments.ErrResolved
	case payment.Source != payments.SourceAssist || payment.Kind != payments.KindPayment || payment.ParentID != "":
		return payments.Payment{}, errors.New("only a whole payment by card can be given back here")
	case payment.ReversalID != "":
		return payments.Payment{}, errors.New("the gateway has taken this payment back already: note it with \"return\"")
	}
	bill := payments.BillOf(payment.Source, payment.ExternalID)
	_, err = gateway.Refund(ctx, assist.Refund{BillNumber: bill, Reason: assist.CancelByShop, Key: "refund-" + payment.ID})
	if err != nil && !errors.Is(err, assist.ErrAlreadyRefunded) {
		return payments.Payment{}, fmt.Errorf("refund: %w", err)
	}
	returned, err := ledger.Return(ctx, id, by, note)
	if err != nil {
		return payments.Payment{}, err
	}
	return returned, closeReversals(ctx, ledger, gateway, payment, bill, by)
}

// lookBack is how long before we learned of a payment its order may have been
// made at the gateway.
const lookBack = 31 * 24 * time.Hour

// closeReversals records the refund as the gateway tells of it, and closes what
// it makes: an operator who has just given money back need not settle that again.
func closeReversals(ctx context.Context, ledger *postgres.Ledger, gateway *assist.Gateway, payment payments.Payment, bill, by string) error {
	number, err := payments.NormalizeNumber(payment.Number)
	if err != nil {
		// Nobody is asked about such an order, so nothing is left to close.
		return nil //nolint:nilerr // not a number of ours
	}
	status, err := gateway.OrderResult(ctx, number, payment.ReceivedAt.Add(-lookBack))
	if err != nil {
		return fmt.Errorf("the money has gone back, but ASSIST was not asked how: %w", err)
	}
	for _, n := range gateway.Notifications(status) {
		if n.Kind != payments.KindReversal || !strings.HasPrefix(n.ExternalID, bill) {
			continue
		}
		decision, err := ledger.Record(ctx, n)
		if err != nil {
			return err
		}
		reversal, err := ledger.Payment(ctx, decision.PaymentID)
		if err != nil {
			return err
		}
		if reversal.State != payments.PaymentUnapplied {
			continue
		}
		if _, err := ledger.Return(ctx, reversal.ID, by, "refund of "+payment.ID); err != nil {
			return err
		}
	}
	return nil
}
