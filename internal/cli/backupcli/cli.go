// Package backupcli holds the commands about backups of keys.
package backupcli

import (
	"errors"
	"time"

	"github.com/spf13/cobra"

	"github.com/remote-issuance/remote-issuance/internal/backups"
	"github.com/remote-issuance/remote-issuance/internal/cli/operator"
	"github.com/remote-issuance/remote-issuance/internal/clock"
	"github.com/remote-issuance/remote-issuance/internal/postgres"
)

// Command is "backup", of "keys".
func Command() *cobra.Command {
	return operator.Group("backup", "Tell which keys of the service need a backup, and confirm that it was tried", listCommand(), confirmCommand())
}

func listCommand() *cobra.Command {
	var asJSON bool
	cmd := &cobra.Command{
		Use: "list", Short: "Name the keys that workers hold, and when their backups were tried", Args: cobra.NoArgs,
		RunE: operator.Run(func(cmd *cobra.Command, _ []string, s *operator.Session) error {
			inUse, err := postgres.NewKeyBackups(s.Pool).InUse(cmd.Context())
			if err != nil {
				return err
			}
			if asJSON {
				return operator.PrintJSON(cmd.OutOrStdout(), inUse)
			}
			if len(inUse) == 0 {
				return errNoKeys
			}
			for _, k := range inUse {
				operator.Printf(cmd, "%s  %s", k.Key, standing(k, s.Config.Backups.Hold))
			}
			return nil
		}),
	}
	cmd.Flags().BoolVar(&asJSON, "json", false, "print the keys as JSON")
	return cmd
}

// errNoKeys is returned before a worker has run on this database.
var errNoKeys = errors.New("no worker has told yet which keys it holds: start one")

func standing(k backups.Standing, hold time.Duration) string {
	if k.ConfirmedBy == "" {
		return "never tried, in use since " + operator.Stamp(k.FirstSeen)
	}
	return "tried " + operator.Stamp(k.ConfirmedAt) + " by " + k.ConfirmedBy + ", holds until " + operator.Stamp(k.Due(hold))
}

// errChoose keeps anybody from confirming everything by leaving a name out.
var errChoose = errors.New("name the keys whose backups you have tried, as `issuance keys backup list` does, or give --all")

func confirmCommand() *cobra.Command {
	var all bool
	cmd := &cobra.Command{
		Use: "confirm KEY…", Short: "Confirm that the backups of keys in use exist and were tried",
		Long: "Writes on the audit log that you have tried the backups of these keys now. docs/operations.md says what trying is.\n" +
			"issuance status is content until KEY_BACKUP_HOLDS is over or the key is another one.",
	}
	cmd.Flags().BoolVar(&all, "all", false, "all keys that are in use")
	account := operator.AccountFlag(cmd)
	cmd.RunE = operator.Run(func(cmd *cobra.Command, names []string, s *operator.Session) error {
		by, err := account()
		if err != nil {
			return err
		}
		if all == (len(names) > 0) {
			return errChoose
		}
		confirmed, err := postgres.NewKeyBackups(s.Pool).Confirm(cmd.Context(), by, clock.Now(), names...)
		if err != nil {
			return err
		}
		if len(confirmed) == 0 {
			return errNoKeys
		}
		for _, k := range confirmed {
			operator.Printf(cmd, "%s: backup confirmed by %s", k, by)
		}
		return nil
	})
	return cmd
}
