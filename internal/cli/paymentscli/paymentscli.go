// Package paymentscli holds the commands of the issuance program with which
// operators look at payments, match them by hand and note what was returned.
package paymentscli

import (
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"os"
	"slices"
	"strings"
	"text/tabwriter"

	"github.com/spf13/cobra"

	"github.com/remote-issuance/remote-issuance/internal/cli/requestcli"
	"github.com/remote-issuance/remote-issuance/internal/payments"
	"github.com/remote-issuance/remote-issuance/internal/payments/clientbank"
	"github.com/remote-issuance/remote-issuance/internal/payments/qr"
)

// Command is "payments". A negative verdict is requestcli.ErrVerdict.
func Command() *cobra.Command {
	cmd := &cobra.Command{Use: "payments", Short: "Look at payments and settle those that matched nothing"}
	asJSON := cmd.PersistentFlags().Bool("json", false, "print JSON")
	cmd.AddCommand(
		qrCommand(asJSON), matchCommand(asJSON), listCommand(asJSON), assignCommand(asJSON), returnCommand(asJSON), refundCommand(asJSON),
	)
	return cmd
}

func qrCommand(asJSON *bool) *cobra.Command {
	return &cobra.Command{
		Use: "qr LINK", Short: "Take the link of a payment QR code apart; exit 0 when its check value is right, 1 when not",
		Args: cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			report, ok := qr.Explain(args[0])
			if err := show(cmd.OutOrStdout(), *asJSON, report, func(w io.Writer) { printCode(w, report) }); err != nil {
				return err
			}
			if !ok {
				return requestcli.ErrVerdict
			}
			return nil
		},
	}
}

func printCode(w io.Writer, r qr.Report) {
	printTags(w, "", r.Tags)
	switch {
	case r.Valid:
		_, _ = fmt.Fprintf(w, "check value %s: right (%s)\n", r.Check, r.Algorithm)
	case r.Check != "":
		_, _ = fmt.Fprintf(w, "check value %s: wrong, expected %s\n", r.Check, r.Expected)
	}
	if r.Problem != "" {
		_, _ = fmt.Fprintf(w, "problem: %s\n", r.Problem)
	}
}

func printTags(w io.Writer, indent string, tags []qr.Tag) {
	for _, t := range tags {
		_, _ = fmt.Fprintf(w, "%s%s  %s  %s\n", indent, t.ID, t.Value, t.Meaning)
		printTags(w, indent+"    ", t.Tags)
	}
}

func matchCommand(asJSON *bool) *cobra.Command {
	var accounts []string
	cmd := &cobra.Command{
		Use: "match STATEMENT", Short: "Show the payment number found in each credit of a bank statement, or why there is none; changes nothing",
		Args: cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			data, err := readLimited(args[0], clientbank.MaxStatement)
			if err != nil {
				return err
			}
			found, err := clientbank.DryRun(data, payments.NewAccounts(accounts...))
			if err != nil {
				return fmt.Errorf("%s: %w", args[0], err)
			}
			if err := show(cmd.OutOrStdout(), *asJSON, found.Credits, func(w io.Writer) { printCredits(w, found.Credits) }); err != nil {
				return err
			}
			printPassed(cmd.ErrOrStderr(), found.Passed)
			return nil
		},
	}
	cmd.Flags().StringArrayVar(&accounts, "account", nil, "our account (IBAN), may be repeated: credits of others are marked; without it every account counts as ours")
	return cmd
}

// printPassed says what of the statement is no credit.
func printPassed(w io.Writer, passed map[clientbank.Skip]int) {
	for _, skip := range slices.Sorted(maps.Keys(passed)) {
		_, _ = fmt.Fprintf(w, "passed over: %d %s\n", passed[skip], skip)
	}
}

func printCredits(w io.Writer, reports []clientbank.CreditReport) {
	table := tabwriter.NewWriter(w, 0, 4, 2, ' ', 0)
	_, _ = fmt.Fprintln(table, "OPERATION\tAMOUNT\tPAYER UNP\tNUMBER\tREASON")
	for _, r := range reports {
		number := r.Number
		if number == "" {
			number = strings.Join(r.Numbers, " ")
		}
		_, _ = fmt.Fprintf(table, "%s\t%s %s\t%s\t%s\t%s\n", r.OperationID, r.Amount, r.Currency, r.PayerUNP, number, r.Reason)
	}
	_ = table.Flush()
}

// readLimited reads one octet more than the limit at most, for the parser to refuse.
func readLimited(path string, limit int64) ([]byte, error) {
	f, err := os.Open(path) //nolint:gosec // the operator names the file
	if err != nil {
		return nil, err
	}
	defer func() { _ = f.Close() }()
	return io.ReadAll(io.LimitReader(f, limit+1))
}

// show writes the value as JSON or the text.
func show(w io.Writer, asJSON bool, v any, text func(io.Writer)) error {
	if !asJSON {
		text(w)
		return nil
	}
	e := json.NewEncoder(w)
	e.SetEscapeHTML(false)
	e.SetIndent("", "  ")
	return e.Encode(v)
}
