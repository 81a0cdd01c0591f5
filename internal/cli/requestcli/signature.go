package requestcli

import (
	"fmt"
	"io"
	"time"

	"github.com/spf13/cobra"

	"github.com/remote-issuance/remote-issuance/internal/clock"
	"github.com/remote-issuance/remote-issuance/internal/order"
	"github.com/remote-issuance/remote-issuance/internal/pki"
	"github.com/remote-issuance/remote-issuance/internal/pki/alg"
	"github.com/remote-issuance/remote-issuance/internal/pki/cms"
	"github.com/remote-issuance/remote-issuance/internal/pki/fault"
	"github.com/remote-issuance/remote-issuance/internal/pki/path"
)

func signatureCommand() *cobra.Command {
	return group("signature", "Verify and make signatures of documents", signatureVerify(), signatureNew())
}

// signatureOutput is what "signature verify --json" prints.
type signatureOutput struct {
	Passed bool          `json:"passed"`
	Report order.Report  `json:"report"`
	Signer order.Subject `json:"signer"`
	// SigningTime is what the signer claims.
	SigningTime *time.Time `json:"signingTime,omitempty"`
	// AttributeErrors are the codes of why attribute certificates do not count.
	AttributeErrors []fault.Code `json:"attributeErrors,omitempty"`
}

func signatureVerify() *cobra.Command {
	var trust trustFlags
	var content, unp string
	var candidates []string
	var asJSON bool
	cmd := &cobra.Command{
		Use:   "verify FILE",
		Short: "Verify a signature, the signer's certificate and whom the signer speaks for",
		Args:  cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			at, err := trust.instant()
			if err != nil {
				return err
			}
			v, err := trust.validator(cmd.ErrOrStderr())
			if err != nil {
				return err
			}
			file, err := readLimited(args[0])
			if err != nil {
				return err
			}
			var data []byte
			if content != "" {
				if data, err = readLimited(content); err != nil {
					return err
				}
			}
			known, err := readCertificates(candidates)
			if err != nil {
				return err
			}
			d, err := v.VerifyDocument(file, data, at, known...)
			return printSignature(cmd.OutOrStdout(), signatureReport(d, err, unp), d, asJSON)
		},
	}
	trust.register(cmd)
	cmd.Flags().StringVar(&content, "content", "", "file that was signed, for a detached signature")
	cmd.Flags().StringArrayVar(&candidates, "certificate", nil, "file of certificates the signature may leave out (may be repeated)")
	cmd.Flags().StringVar(&unp, "unp", "", "organisation that the signer must speak for")
	cmd.Flags().BoolVar(&asJSON, "json", false, "print JSON")
	return cmd
}

func readCertificates(paths []string) ([]*pki.Certificate, error) {
	var out []*pki.Certificate
	for _, path := range paths {
		list, err := readFile(path, cms.ParseCertificates)
		if err != nil {
			return nil, err
		}
		out = append(out, list...)
	}
	return out, nil
}

func signatureReport(d *path.Document, err error, unp string) order.Report {
	if err != nil {
		code := order.CheckSignature
		if fault.PathCode(fault.CodeOf(err)) {
			code = order.CheckCertificate
		}
		return order.Report{{Code: code, Verdict: order.VerdictFailed, Cause: string(fault.CodeOf(err))}}
	}
	report := order.Report{
		{Code: order.CheckSignature, Verdict: order.VerdictPassed}, {Code: order.CheckCertificate, Verdict: order.VerdictPassed},
	}
	if unp == "" {
		return report
	}
	check := order.Check{
		Code: order.CheckOrganisation, Verdict: order.VerdictPassed, Field: order.FieldUNP, Found: d.Subject().UNP, Expected: unp,
	}
	if !d.SpeaksFor(order.UNP(order.Latin(unp))) {
		check.Verdict, check.Cause = order.VerdictFailed, "differs"
	}
	return append(report, check)
}

func printSignature(w io.Writer, report order.Report, d *path.Document, asJSON bool) error {
	out := signatureOutput{Passed: report.Passed(), Report: report}
	if d != nil {
		out.Signer = d.Subject()
		if !d.SigningTime.IsZero() {
			out.SigningTime = &d.SigningTime
		}
		for _, err := range d.AttributeErrors {
			out.AttributeErrors = append(out.AttributeErrors, fault.CodeOf(err))
		}
	}
	if asJSON {
		if err := printJSON(w, out); err != nil {
			return err
		}
	} else {
		printReport(w, report)
		if d != nil {
			_, _ = fmt.Fprintf(w, "signer: %s %s %s, UNP %s\n", out.Signer.Surname, out.Signer.GivenName, out.Signer.Patronymic, out.Signer.UNP)
		}
		for _, code := range out.AttributeErrors {
			_, _ = fmt.Fprintf(w, "attribute certificate does not count: %s\n", code)
		}
	}
	if !out.Passed {
		return ErrVerdict
	}
	return nil
}

func signatureNew() *cobra.Command {
	var key, certificate, out string
	var attached bool
	cmd := &cobra.Command{
		Use:   "new FILE",
		Short: "Sign a file, detached unless told otherwise",
		Args:  cobra.ExactArgs(1),
		RunE: func(_ *cobra.Command, args []string) error {
			content, err := readLimited(args[0])
			if err != nil {
				return err
			}
			signer, err := readFile(key, alg.ParsePrivateKey)
			if err != nil {
				return err
			}
			cert, err := readCertificate(certificate)
			if err != nil {
				return err
			}
			der, err := cms.SignData(content, cert, signer, cms.SignOptions{Attached: attached, SigningTime: clock.Now()})
			if err != nil {
				return err
			}
			return writeFile(out, der, 0o644)
		},
	}
	cmd.Flags().StringVar(&key, "key", "", "file of the private key (PKCS#8)")
	cmd.Flags().StringVar(&certificate, "certificate", "", "file of the signer's certificate")
	cmd.Flags().StringVar(&out, "out", "", "file to write")
	cmd.Flags().BoolVar(&attached, "attached", false, "keep the content inside")
	for _, name := range []string{"key", "certificate", "out"} {
		_ = cmd.MarkFlagRequired(name)
	}
	return cmd
}
