package requestcli

import (
	"errors"
	"fmt"
	"io"
	"time"

	"github.com/spf13/cobra"

	"github.com/remote-issuance/remote-issuance/internal/pki/fault"
	"github.com/remote-issuance/remote-issuance/internal/pki/path"
)

func trustCommand() *cobra.Command {
	return group("trust", "Look at directories of trusted certificates and revocation lists", trustCheck())
}

// trustOutput is what "trust check --json" prints.
type trustOutput struct {
	Roots         int            `json:"roots"`
	Intermediates int            `json:"intermediates"`
	Lists         int            `json:"lists"`
	Findings      []trustFinding `json:"findings"`
}

// trustFinding is something in the directory that needs somebody's attention.
type trustFinding struct {
	File string `json:"file"`
	// Code is a code of package fault, empty for files that cannot be opened.
	Code   fault.Code `json:"code,omitempty"`
	Reason string     `json:"reason"`
}

func trustCheck() *cobra.Command {
	var at string
	var asJSON bool
	cmd := &cobra.Command{
		Use:   "check DIR",
		Short: "Name every file that cannot be used, and what is not in force; nothing found is a good verdict",
		Args:  cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			instant, err := parseInstant(at)
			if err != nil {
				return err
			}
			read, err := path.ReadDirectory(args[0], nil, instant)
			if err != nil {
				return err
			}
			return printTrust(cmd.OutOrStdout(), read, instant, asJSON)
		},
	}
	cmd.Flags().StringVar(&at, "at", "", "instant of the check, such as 2026-11-23T12:00:00+03:00 (default now)")
	cmd.Flags().BoolVar(&asJSON, "json", false, "print JSON")
	return cmd
}

func printTrust(w io.Writer, read *path.Directory, at time.Time, asJSON bool) error {
	trust := read.Trust()
	out := trustOutput{
		Roots: len(trust.Roots), Intermediates: len(trust.Intermediates), Lists: len(trust.CRLs), Findings: []trustFinding{},
	}
	for _, f := range read.Findings(at) {
		out.Findings = append(out.Findings, trustFinding{File: f.File, Code: fault.CodeOf(f.Err), Reason: reasonOf(f.Err)})
	}
	if asJSON {
		if err := printJSON(w, out); err != nil {
			return err
		}
	} else {
		for _, f := range out.Findings {
			_, _ = fmt.Fprintf(w, "failed   %s: %s\n", f.File, f.Reason)
		}
		_, _ = fmt.Fprintf(w, "roots: %d, intermediates: %d, lists: %d, findings: %d\n", out.Roots, out.Intermediates, out.Lists, len(out.Findings))
	}
	if len(out.Findings) > 0 {
		return ErrVerdict
	}
	return nil
}

func reasonOf(err error) string {
	var e *fault.Error
	if errors.As(err, &e) && e.Detail != "" {
		return string(e.Code) + ": " + e.Detail
	}
	return err.Error()
}
