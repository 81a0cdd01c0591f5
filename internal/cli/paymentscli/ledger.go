package paymentscli

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strings"
	"text/tabwriter"

	"github.com/spf13/cobra"

	"github.com/remote-issuance/remote-issuance/api"
	"github.com/remote-issuance/remote-issuance/api/contract"
	"github.com/remote-issuance/remote-issuance/internal/cli/operator"
	"github.com/remote-issuance/remote-issuance/internal/cli/requestcli"
	"github.com/remote-issuance/remote-issuance/internal/config"
	"github.com/remote-issuance/remote-issuance/internal/payments"
	"github.com/remote-issuance/remote-issuance/internal/postgres"
)

// pageSize is how many payments are read at a time.
const pageSize = 200

// reference is what commands take for a payment.
func reference(e contract.LedgerEntry) string { return e.Source + ":" + e.ExternalID }

// withLedger connects the ledger of DATABASE_URL for one command.
func withLedger(ctx context.Context, do func(*postgres.Ledger, config.Tools) error) error {
	c, err := config.LoadTools(config.Environ())
	if err != nil {
		return err
	}
	pool, err := postgres.Connect(ctx, c.Database.URL.Reveal())
	if err != nil {
		return err
	}
	defer pool.Close()
	return do(postgres.NewLedger(pool), c)
}

func listCommand(asJSON *bool) *cobra.Command {
	var unapplied bool
	var state string
	cmd := &cobra.Command{
		Use: "list", Short: "List payments of the ledger: those that wait for an operator unless another state is named", Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			wanted := payments.PaymentState(state)
			switch wanted {
			case payments.PaymentUnapplied, payments.PaymentApplied, payments.PaymentReturned:
			default:
				return fmt.Errorf("--state %q: want unapplied, applied or returned", state)
			}
			if unapplied && wanted != payments.PaymentUnapplied {
				return errors.New("--unapplied and --state name different states")
			}
			return withLedger(cmd.Context(), func(ledger *postgres.Ledger, _ config.Tools) error {
				entries, err := list(cmd.Context(), ledger, wanted)
				if err != nil {
					return err
				}
				return show(cmd.OutOrStdout(), *asJSON, entries, func(w io.Writer) { printEntries(w, entries) })
			})
		},
	}
	cmd.Flags().BoolVar(&unapplied, "unapplied", false, "those that wait for an operator (default)")
	cmd.Flags().StringVar(&state, "state", string(payments.PaymentUnapplied), "unapplied, applied or returned")
	return cmd
}

func list(ctx context.Context, ledger *postgres.Ledger, state payments.PaymentState) ([]contract.LedgerEntry, error) {
	entries := []contract.LedgerEntry{}
	for page := 0; ; page++ {
		found, err := ledger.List(ctx, state, page, pageSize)
		if err != nil {
			return nil, err
		}
		for _, p := range found.Payments {
			entry, err := api.LedgerEntry(p)
			if err != nil {
				return nil, err
			}
			entries = append(entries, entry)
		}
		if len(found.Payments) < pageSize {
			return entries, nil
		}
	}
}

// widestNumber cuts purposes of bank payments to the width of a terminal.
const widestNumber = 40

func printEntries(w io.Writer, entries []contract.LedgerEntry) {
	table := tabwriter.NewWriter(w, 0, 4, 2, ' ', 0)
	_, _ = fmt.Fprintln(table, "REFERENCE\tRECEIVED\tAMOUNT\tPAYER UNP\tREASON\tNUMBER OR PURPOSE")
	for _, e := range entries {
		number := []rune(strings.Join(strings.Fields(e.Number), " "))
		if len(number) > widestNumber {
			number = append(number[:widestNumber], '…')
		}
		for _, by := range e.NamedBy {
			number = append(number, []rune(fmt.Sprintf(" (named by order %s)", by))...)
		}
		_, _ = fmt.Fprintf(table, "%s\t%s\t%s %s\t%s\t%s\t%s\n", reference(e), e.ReceivedAt.Format("2006-01-02 15:04:05"), e.Amount,
			e.Currency, e.PayerUNP, e.Reason, string(number))
	}
	_ = table.Flush()
}

func assignCommand(asJSON *bool) *cobra.Command {
	var number, note string
	cmd := &cobra.Command{
		Use: "assign PAYMENT", Short: "Make an unapplied payment (number or reference) pay for a number; amount and currency still have to agree",
		Args: cobra.ExactArgs(1),
	}
	account := operator.AccountFlag(cmd)
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		n, err := payments.NormalizeNumber(number)
		if err != nil {
			return fmt.Errorf("--number: %w", err)
		}
		return settle(cmd, *asJSON, args[0], account, func(ctx context.Context, ledger *postgres.Ledger, id, by string) (payments.Payment, error) {
			return ledger.Assign(ctx, id, n, by, note)
		})
	}
	cmd.Flags().StringVar(&number, "number", "", "payment number, such as NOAIS000092239")
	noteFlag(cmd, &note)
	_ = cmd.MarkFlagRequired("number")
	return cmd
}

func returnCommand(asJSON *bool) *cobra.Command {
	var note string
	cmd := &cobra.Command{
		Use: "return PAYMENT", Short: "Note that an unapplied payment (number or reference) goes back to its payer", Args: cobra.ExactArgs(1),
	}
	account := operator.AccountFlag(cmd)
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		return settle(cmd, *asJSON, args[0], account, func(ctx context.Context, ledger *postgres.Ledger, id, by string) (payments.Payment, error) {
			return ledger.Return(ctx, id, by, note)
		})
	}
	noteFlag(cmd, &note)
	return cmd
}

const flagNote = "note"

func noteFlag(cmd *cobra.Command, note *string) {
	cmd.Flags().StringVar(note, flagNote, "", "why, for the audit log")
	_ = cmd.MarkFlagRequired(flagNote)
}

// settle does one audited step and prints what has become of the payment.
func settle(
	cmd *cobra.Command, asJSON bool, payment string, account func() (string, error),
	step func(ctx context.Context, ledger *postgres.Ledger, id, by string) (payments.Payment, error),
) error {
	if note, _ := cmd.Flags().GetString(flagNote); strings.TrimSpace(note) == "" {
		return errors.New("--note must say why")
	}
	by, err := account()
	if err != nil {
		return err
	}
	return withLedger(cmd.Context(), func(ledger *postgres.Ledger, _ config.Tools) error {
		id, err := waiting(cmd.Context(), ledger, payment)
		if err != nil {
			return err
		}
		settled, err := step(cmd.Context(), ledger, id, by)
		return report(cmd.OutOrStdout(), asJSON, settled, err)
	})
}

// report prints a settled payment, or as a negative verdict why it cannot be settled so.
func report(w io.Writer, asJSON bool, payment payments.Payment, err error) error {
	var mismatch *payments.MismatchError
	if errors.As(err, &mismatch) || errors.Is(err, payments.ErrResolved) {
		refused := struct {
			Refused string `json:"refused"`
		}{err.Error()}
		if err := show(w, asJSON, refused, func(w io.Writer) { _, _ = fmt.Fprintln(w, "refused: "+refused.Refused) }); err != nil {
			return err
		}
		return requestcli.ErrVerdict
	}
	if err != nil {
		return err
	}
	entry, err := api.LedgerEntry(payment)
	if err != nil {
		return err
	}
	return show(w, asJSON, entry, func(w io.Writer) { printEntries(w, []contract.LedgerEntry{entry}) })
}
