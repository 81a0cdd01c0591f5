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
		Use: "diagnose CERTIFICATE", Args: cobra.ExactArgs(1),
		Short: "Tell before an order what stands in its way: certificate, dates, registers, manager",
		Long: "Tell before an order what stands in its way, as the portal's page does.\n" +
			"With --api and --token-file the service is asked whether the holder of the token is the head of the organisation.",
		RunE: func(cmd *cobra.Command, args []string) error {
			texts, err := catalogue.Load()
			if err != nil {
				return err
			}
			q := diagnosis.Question{Policy: order.DefaultPolicy(), Now: time.Now(), Texts: texts.Pick(language, "")}
			if q.File, err = readAtMost(args[0], maxCertificate); err != nil {
				return err
			}
			if (api == "") != (token == "") {
				return errors.New("--api and --token-file go together")
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
				return fmt.Errorf("%s: %s", args[0], q.Texts.T("keys.problem."+operation.Code(err)))
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
	c.Flags().StringVar(&token, "token-file", "", "file with a bearer token of the head of the organisation")
	return c
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
