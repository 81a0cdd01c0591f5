package deploycli

import (
	"fmt"
	"text/tabwriter"

	"github.com/spf13/cobra"

	"github.com/remote-issuance/remote-issuance/internal/cli/operator"
	"github.com/remote-issuance/remote-issuance/internal/engine/deployment"
)

func statusCommand() *cobra.Command {
	var asJSON bool
	cmd := &cobra.Command{
		Use: "status", Short: "Tell which builds get work and how many orders wait on each", Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			s, err := open(cmd.Context(), nobody)
			if err != nil {
				return err
			}
			defer s.close()
			status, err := s.deployment.Status(cmd.Context())
			if err != nil {
				return advise(err)
			}
			if asJSON {
				return operator.PrintJSON(cmd.OutOrStdout(), status)
			}
			return table(cmd, status)
		},
	}
	cmd.Flags().BoolVar(&asJSON, "json", false, "print JSON")
	return cmd
}

func table(cmd *cobra.Command, s deployment.Status) error {
	operator.Printf(cmd, "deployment %s: current is %s", s.Name, shown(s.Current))
	if s.Ramping != "" {
		operator.Printf(cmd, "%g %% of the workflows go to %s", s.Percent, s.Ramping)
	}
	if s.Changing {
		operator.Printf(cmd, "the last change has not reached every queue yet")
	}
	w := tabwriter.NewWriter(cmd.OutOrStdout(), 0, 0, 2, ' ', 0)
	_, _ = fmt.Fprintln(w, "BUILD\tSTATE\tSINCE\tWAITING\tPINNED")
	for _, v := range s.Versions {
		since := "-"
		if !v.Since.IsZero() {
			since = operator.Stamp(v.Since)
		}
		_, _ = fmt.Fprintf(w, "%s\t%s\t%s\t%d\t%d\n", v.BuildID, v.State, since, v.Waiting, v.Pinned)
	}
	if s.Unversioned > 0 {
		_, _ = fmt.Fprintf(w, "(unversioned)\t\t\t%d\t\n", s.Unversioned)
	}
	return w.Flush()
}
