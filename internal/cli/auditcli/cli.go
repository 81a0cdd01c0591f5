// Package auditcli holds the commands that read, seal and prove the audit log.
package auditcli

import (
	"crypto"
	"errors"
	"fmt"
	"os"

	"github.com/spf13/cobra"

	"github.com/remote-issuance/remote-issuance/internal/audit"
	"github.com/remote-issuance/remote-issuance/internal/cli/operator"
	"github.com/remote-issuance/remote-issuance/internal/clock"
	"github.com/remote-issuance/remote-issuance/internal/config"
	"github.com/remote-issuance/remote-issuance/internal/postgres"
)

// Commands is "audit".
func Commands() []*cobra.Command {
	return []*cobra.Command{operator.Group("audit", "Read, seal and prove the audit log",
		verifyCommand(), showCommand(), checkpointCommand(), keyCommand(), approvalCommand(), cardCommand())}
}

func showCommand() *cobra.Command {
	var asJSON bool
	cmd := &cobra.Command{
		Use: "show ORDER", Short: "Tell the story of an order or a confirmation, by number (123, NOAIS000000123) or id", Args: cobra.ExactArgs(1),
		RunE: operator.Run(func(cmd *cobra.Command, args []string, s *operator.Session) error {
			id, err := s.Subject(cmd.Context(), args[0])
			if err != nil {
				return err
			}
			entries, err := postgres.NewAudit(s.Pool).OrderEntries(cmd.Context(), id.String())
			if err != nil {
				return err
			}
			if len(entries) == 0 {
				return fmt.Errorf("the audit log says nothing of %s", args[0])
			}
			if asJSON {
				return operator.PrintJSON(cmd.OutOrStdout(), entries)
			}
			for _, line := range audit.Show(id.String(), entries) {
				operator.Printf(cmd, "%s", line)
			}
			return nil
		}),
	}
	cmd.Flags().BoolVar(&asJSON, "json", false, "print the entries as JSON")
	return cmd
}

// errNoKey says how to get a key.
var errNoKey = errors.New("no key: set AUDIT_KEY_FILE; `issuance audit new-key FILE` makes one")

func checkpointCommand() *cobra.Command {
	return &cobra.Command{
		Use: "checkpoint", Short: "Sign the head of the audit log now and print the checkpoint as JSON", Args: cobra.NoArgs,
		Long: "Signs the head of the audit log now and prints the checkpoint as JSON. Kept outside of the database, it proves later\n" +
			"that nothing before it was changed or cut off: issuance audit verify --checkpoints FILE.",
		RunE: operator.Run(func(cmd *cobra.Command, _ []string, s *operator.Session) error {
			signer, err := signerOf(s.Config.Audit)
			if err != nil {
				return err
			}
			log := postgres.NewAudit(s.Pool)
			c, _, err := audit.Seal(cmd.Context(), log, signer, clock.Now())
			if err != nil {
				return err
			}
			if c.Sequence == 0 {
				return errors.New("the audit log is empty")
			}
			return operator.PrintJSON(cmd.OutOrStdout(), c)
		}),
	}
}

func keyCommand() *cobra.Command {
	return &cobra.Command{
		Use: "new-key FILE", Short: "Make a key for checkpoints: FILE, and FILE.pub.pem for those who verify", Args: cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			private, public, err := audit.GenerateKey()
			if err != nil {
				return err
			}
			if err := writeNew(args[0], private, 0o600); err != nil {
				return err
			}
			if err := writeNew(args[0]+".pub.pem", public, 0o644); err != nil {
				return err
			}
			key, err := audit.ParsePublicKey(public)
			if err != nil {
				return err
			}
			id, err := audit.KeyID(key)
			operator.Printf(cmd, "key %s", id)
			return err
		},
	}
}

// writeNew refuses to write over a file.
func writeNew(path string, data []byte, mode os.FileMode) error {
	f, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_EXCL, mode)
	if err != nil {
		return err
	}
	_, err = f.Write(data)
	return errors.Join(err, f.Close())
}

func signerOf(c config.Audit) (audit.Signer, error) {
	key, err := privateKey(c)
	if err != nil {
		return nil, err
	}
	if key == nil {
		return nil, errNoKey
	}
	return audit.NewSigner(key)
}

func privateKey(c config.Audit) (crypto.Signer, error) {
	if c.KeyFile == "" {
		return nil, nil //nolint:nilnil // without a file there is no key
	}
	data, err := os.ReadFile(string(c.KeyFile))
	if err != nil {
		return nil, err
	}
	return audit.ParseKey(data)
}

// publicKeys are those that checkpoints are verified with: the folder's, and
// the public half of the key that signs now.
func publicKeys(c config.Operator) (audit.Keys, error) {
	var all []crypto.PublicKey
	if c.AuditKeys.Dir != "" {
		found, err := audit.ReadPublicKeys(os.DirFS(string(c.AuditKeys.Dir)))
		if err != nil {
			return nil, err
		}
		all = append(all, found...)
	}
	key, err := privateKey(c.Audit)
	if err != nil {
		return nil, err
	}
	if key != nil {
		all = append(all, key.Public())
	}
	return audit.NewKeys(all...)
}
