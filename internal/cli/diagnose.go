package cli

import (
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/remote-issuance/remote-issuance/internal/cli/requestcli"
	"github.com/remote-issuance/remote-issuance/internal/order"
	"github.com/remote-issuance/remote-issuance/portal/catalogue"
	"github.com/remote-issuance/remote-issuance/portal/client"
	"github.com/remote-issuance/remote-issuance/portal/keys/diagnosis"
	"github.com/remote-issuance/remote-issuance/portal/keys/operation"
)

// maxCertificate bounds a certificate file, in octets.
const maxCertificate = 1 << 20

// diagnoseCommand says before an order what the portal's page says.
func diagnoseCommand() *cobra.Command {
	var language, api, token string
	c := &cobra.Command{
		Use: "diagnose [CERTIFICATE]", Args: cobra.MaximumNArgs(1),
		Short: "Tell before an order what stands in its way: certificate, dates, registers, manager",
		Long: "Tell before an order what stands in its way, as the portal's page does.\n" +
			"With --api and --token-file the service asks the state registers about the holder of the token, whose certificate\n" +
			"needs no file.",
		RunE: func(cmd *cobra.Command, args []string) error {
			texts, err := catalogue.Load()
			if err != nil {
				return err
			}
			q := diagnosis.Question{Policy: order.DefaultPolicy(), Now: time.Now(), Texts: texts.Pick(language, "")}
			about := api
			switch {
			case (api == "") != (token == ""):
				return errors.New("--api and --token-file go together")
			case len(args) == 0 && api == "":
				return errors.New("name the file of a certificate, or --api and --token-file")
			case len(args) == 1:
				about = args[0]
				if q.File, err = readAtMost(about, maxCertificate); err != nil {
					return err
				}
				if len(q.File) == 0 {
					return fmt.Errorf("%s: %s", about, q.Texts.T("keys.problem.certificate"))
				}
			}
			if api != "" {
				raw, err := readAtMost(token, maxCertificate)
				if err != nil {
					return err
				}
				q.Service = client.New(api, &http.Client{Timeout: time.Minute}).As(strings.TrimSpace(string(raw)), language)
			}
			report, err := diagnosis.Ask(cmd.Context(), q)
			if err != nil {
				return fmt.Errorf("%s: %s", about, whyNot(q.Texts, err))
			}
			printDiagnosis(cmd.OutOrStdout(), report)
			if !report.Good() {
				return requestcli.ErrVerdict
			}
			return nil
		},
	}
	c.Flags().StringVar(&language, "lang", "ru", "ru, be or en")
	c.Flags().StringVar(&api, "api", "", "address of the API")
	c.Flags().StringVar(&token, "token-file", "", "file with a bearer token of the applicant")
	return c
}

// whyNot is why there is no diagnosis: the file is no certificate, or the service gave no answer.
func whyNot(texts catalogue.Texts, err error) string {
	var p *client.Problem
	switch {
	case errors.As(err, &p) && texts.Has("problems."+p.Slug()+".text"):
		return texts.T("problems." + p.Slug() + ".text")
	case errors.As(err, &p):
		return p.Detail
	case errors.Is(err, client.ErrUnavailable):
		return texts.T("problems.unavailable.text")
	default:
		return texts.T("keys.problem." + operation.Code(err))
	}
}

func printDiagnosis(out io.Writer, r diagnosis.Report) {
	for _, f := range r.Fields {
		_, _ = fmt.Fprintf(out, "%s: %s\n", f.Name, f.Value)
	}
	_, _ = fmt.Fprintln(out)
	for _, f := range r.Findings {
		_, _ = fmt.Fprintf(out, "%-8s %s. %s\n", f.Mark, f.Title, f.Text)
	}
}

func readAtMost(name string, most int64) ([]byte, error) {
	f, err := os.Open(name)
	if err != nil {
		return nil, err
	}
	defer func() { _ = f.Close() }()
	content, err := io.ReadAll(io.LimitReader(f, most+1))
	if err == nil && int64(len(content)) > most {
		err = fmt.Errorf("%s: larger than %d octets", name, most)
	}
	return content, err
}
