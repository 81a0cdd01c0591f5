// Package privacycli holds the commands about what is kept of persons.
package privacycli

import (
	"github.com/spf13/cobra"

	"github.com/remote-issuance/remote-issuance/internal/cli/operator"
	"github.com/remote-issuance/remote-issuance/internal/clock"
	"github.com/remote-issuance/remote-issuance/internal/postgres"
)

// Commands are "privacy" and "master-keys".
func Commands() []*cobra.Command {
	return []*cobra.Command{operator.Group("privacy", "Erase what is kept of persons", eraseCommand()), masterKeysCommand()}
}

func eraseCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use: "erase ORDER", Short: "Destroy the history, contacts, messages and clear password of an order that has ended", Args: cobra.ExactArgs(1),
		Long: "Destroys the key of the order's workflow history, its contacts, the recipients and content of its messages and its\n" +
			"clear password. What proves the order stays: request, certificate, signed list, payments and the audit log. Open orders\n" +
			"are refused. It cannot be undone.",
	}
	account := operator.AccountFlag(cmd)
	cmd.RunE = operator.Run(func(cmd *cobra.Command, args []string, s *operator.Session) error {
		by, err := account()
		if err != nil {
			return err
		}
		id, err := s.Subject(cmd.Context(), args[0])
		if err != nil {
			return err
		}
		if err := postgres.NewPrivacy(s.Pool).Erase(cmd.Context(), id, by, clock.Now()); err != nil {
			return err
		}
		operator.Printf(cmd, "order %s: what is not evidence is erased", args[0])
		return nil
	})
	return cmd
}
