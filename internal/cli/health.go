package cli

import (
	"fmt"
	"net/http"
	"time"

	"github.com/spf13/cobra"

	"github.com/remote-issuance/remote-issuance/internal/cli/requestcli"
)

// healthCommand asks a health address and exits with 1 when it is not well:
// images without a shell have nothing else to ask with.
func healthCommand() *cobra.Command {
	return &cobra.Command{
		Use: "health URL", Short: "Ask a health address; exit with 1 when it is not well", Args: cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			request, err := http.NewRequestWithContext(cmd.Context(), http.MethodGet, args[0], nil)
			if err != nil {
				return err
			}
			response, err := (&http.Client{Timeout: 2 * time.Second}).Do(request)
			if err != nil {
				_, _ = fmt.Fprintln(cmd.OutOrStdout(), err)
				return requestcli.ErrVerdict
			}
			defer func() { _ = response.Body.Close() }()
			if response.StatusCode != http.StatusOK {
				_, _ = fmt.Fprintln(cmd.OutOrStdout(), response.Status)
				return requestcli.ErrVerdict
			}
			return nil
		},
	}
}
