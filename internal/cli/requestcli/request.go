package requestcli

import (
	"fmt"
	"io"
	"strings"

	"github.com/spf13/cobra"

	"github.com/remote-issuance/remote-issuance/internal/ca"
	"github.com/remote-issuance/remote-issuance/internal/order"
	"github.com/remote-issuance/remote-issuance/internal/request"
)

func requestCommand() *cobra.Command {
	return group("request", "Check and make certification requests", requestCheck(), requestNew())
}

// checkOutput is what "request check --json" prints.
type checkOutput struct {
	Passed         bool          `json:"passed"`
	Report         order.Report  `json:"report"`
	Subject        order.Subject `json:"subject"`
	Years          int           `json:"years,omitempty"`
	RequestedStart string        `json:"requestedStart,omitempty"`
	KeyID          string        `json:"keyId,omitempty"`
	Changed        []order.Field `json:"changed,omitempty"`
}

func requestCheck() *cobra.Command {
	var trust trustFlags
	var current, service, kind, profile string
	var years int
	var asJSON bool
	cmd := &cobra.Command{
		Use:   "check FILE",
		Short: "Check a request file against the current certificate, as the service does",
		Args:  cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			in := request.Input{Kind: order.Kind(kind), Years: years, Policy: order.DefaultPolicy()}
			var err error
			if in.Service, err = order.ParseService(service); err != nil {
				return err
			}
			if in.Current, err = readCertificate(current); err != nil {
				return err
			}
			if in.File, err = readLimited(args[0]); err != nil {
				return err
			}
			if in.Now, err = trust.instant(); err != nil {
				return err
			}
			v, err := trust.validator(cmd.ErrOrStderr())
			if err != nil {
				return err
			}
			result := request.Verify(in, v)
			if err := rehearse(profile, in, &result); err != nil {
				return err
			}
			return printCheck(cmd.OutOrStdout(), result, asJSON)
		},
	}
	trust.register(cmd)
	cmd.Flags().StringVar(&current, "certificate", "", "file of the current certificate")
	cmd.Flags().StringVar(&service, "service", string(order.ServiceEmployee), "service: 6.0.00 or 6.0.01")
	cmd.Flags().StringVar(&kind, "kind", "", "kind of applicant: individual, sole-proprietor or employee (default by the certificate)")
	cmd.Flags().StringVar(&profile, "profile", "", "profile.json of the issuer (default the one delivered with the service)")
	cmd.Flags().IntVar(&years, "years", 0, "term chosen in the form (default from the file)")
	cmd.Flags().BoolVar(&asJSON, "json", false, "print JSON")
	_ = cmd.MarkFlagRequired("certificate")
	return cmd
}

// rehearse adds what the certification authority would refuse after all other
// checks have passed, as the service asks it before the payment (S3).
func rehearse(file string, in request.Input, r *request.Result) error {
	if !r.Report.Passed() {
		return nil
	}
	profile, err := issuerProfile(file)
	if err != nil {
		return err
	}
	err = ca.Rehearse(profile, ca.Application{
		OrderID: "rehearsal", Request: r.Request, Subject: r.Subject, Service: in.Service, Kind: r.Kind, Years: r.Years,
		RequestedStart: r.RequestedStart.Start(), Now: in.Now,
	})
	if check, refused := ca.Refusal(err); refused {
		r.Report = append(r.Report, check)
		return nil
	}
	return err
}

func issuerProfile(file string) (ca.Profile, error) {
	if file == "" {
		return ca.StandardProfile(), nil
	}
	return readFile(file, ca.ParseProfile)
}

func printCheck(w io.Writer, r request.Result, asJSON bool) error {
	out := checkOutput{
		Passed: r.Report.Passed(), Report: r.Report, Subject: r.Subject, Years: r.Years, KeyID: r.KeyID, Changed: r.Changed,
	}
	if r.Request != nil {
		out.RequestedStart = r.RequestedStart.String()
	}
	if asJSON {
		if err := printJSON(w, out); err != nil {
			return err
		}
	} else {
		printReport(w, r.Report)
	}
	if !out.Passed {
		return ErrVerdict
	}
	return nil
}

// printReport prints one line a check, and the verdict.
func printReport(w io.Writer, report order.Report) {
	for _, c := range report {
		name := string(c.Code)
		if c.Field != order.FieldNone {
			name += " " + string(c.Field)
		}
		line := fmt.Sprintf("%-8s %s", c.Verdict, name)
		switch {
		case c.Verdict == order.VerdictPassed:
		case c.Found != "" || c.Expected != "":
			line += fmt.Sprintf(": %q, expected %q", c.Found, c.Expected)
		}
		if c.Cause != "" {
			line += " (" + c.Cause + ")"
		}
		_, _ = fmt.Fprintln(w, strings.TrimRight(line, " "))
	}
	verdict := "accepted"
	if !report.Passed() {
		verdict = "refused"
	}
	_, _ = fmt.Fprintln(w, "verdict: "+verdict)
}
