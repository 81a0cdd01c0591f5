package paymentscli

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/spf13/cobra"

	"github.com/remote-issuance/remote-issuance/internal/config"
	"github.com/remote-issuance/remote-issuance/internal/payments"
	"github.com/remote-issuance/remote-issuance/internal/payments/assist"
	"github.com/remote-issuance/remote-issuance/internal/postgres"
	"github.com/remote-issuance/remote-issuance/internal/process"
)

func refundCommand(asJSON *bool) *cobra.Command {
	var note string
	cmd := &cobra.Command{
		Use: "refund ID", Short: "Give an unapplied card payment back through ASSIST, and note that it went back", Args: cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			return withLedger(cmd.Context(), func(ledger *postgres.Ledger, c config.Tools) error {
				gateway, err := process.CardGateway(c.Assist)
				if err != nil {
					return err
				}
				if gateway == nil {
					return errors.New("payment by card is not configured: set ASSIST_HOST and its group")
				}
				payment, err := refund(cmd.Context(), ledger, gateway, args[0], note)
				return report(cmd.OutOrStdout(), *asJSON, payment, err)
			})
		},
	}
	noteFlag(cmd, &note)
	return cmd
}

// refund asks the gateway first: a payment noted as returned has gone back. An
// interrupted refund is finished by asking again, the key makes it one.
func refund(ctx context.Context, ledger *postgres.Ledger, gateway *assist.Gateway, id, note string) (postgres.Payment, error) {
	payment, err := ledger.Payment(ctx, id)
	if err != nil {
		return postgres.Payment{}, err
	}
	switch {
	case payment.State != postgres.PaymentUnapplied:
		return postgres.Payment{}, postgres.ErrResolved
	case payment.Source != payments.SourceAssist || payment.Kind != payments.KindPayment || payment.ParentID != "":
		return postgres.Payment{}, errors.New("only a whole payment by card can be given back here")
	}
	bill, _, _ := strings.Cut(payment.ExternalID, "/")
	_, err = gateway.Refund(ctx, assist.Refund{BillNumber: bill, Reason: assist.CancelByShop, Key: "refund-" + payment.ID})
	if err != nil && !errors.Is(err, assist.ErrAlreadyRefunded) {
		return postgres.Payment{}, fmt.Errorf("refund: %w", err)
	}
	return ledger.Return(ctx, id, operator(), note)
}
