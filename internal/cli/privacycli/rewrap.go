package privacycli

import (
	"github.com/spf13/cobra"

	"github.com/remote-issuance/remote-issuance/internal/cli/operator"
	"github.com/remote-issuance/remote-issuance/internal/config"
	"github.com/remote-issuance/remote-issuance/internal/postgres"
)

func masterKeysCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use: "rewrap", Short: "Seal the keys of all histories and the secrets of webhooks under the first of MASTER_KEYS", Args: cobra.NoArgs,
		Long: "Seals the keys of all workflow histories and the secrets of webhooks under the first of MASTER_KEYS; the others have to\n" +
			"be there to open what they sealed. It runs beside API and workers and may be repeated.",
		RunE: rewrap,
	}
	return operator.Group("master-keys", "Rotate the keys that seal everything", cmd)
}

func rewrap(cmd *cobra.Command, _ []string) error {
	c, err := config.LoadRotation(config.Environ())
	if err != nil {
		return err
	}
	pool, err := postgres.Connect(cmd.Context(), c.Database.URL.Reveal())
	if err != nil {
		return err
	}
	defer pool.Close()
	ring := c.Keys.Master.Keyring()
	done, err := postgres.NewKeys(pool, ring).Rewrap(cmd.Context())
	operator.Printf(cmd, "%d keys sealed anew under %s, %d were already", done.Moved, ring.Primary(), done.Kept)
	if err != nil {
		return err
	}
	secrets, err := postgres.NewWebhooks(pool, ring).Rewrap(cmd.Context())
	operator.Printf(cmd, "%d secrets of webhooks sealed anew under %s, %d were already", secrets.Moved, ring.Primary(), secrets.Kept)
	return err
}
