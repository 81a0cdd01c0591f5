package requestcli

import (
	"fmt"

	"github.com/spf13/cobra"

	"github.com/remote-issuance/remote-issuance/internal/pki/alg"
	"github.com/remote-issuance/remote-issuance/internal/pki/bpki"
	"github.com/remote-issuance/remote-issuance/internal/stb/bign"
)

// keysContainer makes what RENEWAL_KEY_FILE and "renew" want.
func keysContainer() *cobra.Command {
	var password, out string
	cmd := &cobra.Command{
		Use:   "container FILE",
		Short: "Put a bign key into a container of STB 34.101.78 (PBES2, belt-kwp)",
		Long: "Reads a private key that is not encrypted and writes the container, as \"issuance renew\" and RENEWAL_KEY_FILE want it. The\n" +
			"password is the first line of the file that --password-file names. Destroy the clear key afterwards.",
		Args: cobra.ExactArgs(1),
		RunE: func(_ *cobra.Command, args []string) error {
			signer, err := readFile(args[0], alg.ParsePrivateKey)
			if err != nil {
				return err
			}
			key, ok := signer.(*bign.PrivateKey)
			if !ok {
				return fmt.Errorf("%s: containers hold bign keys only", args[0])
			}
			passphrase, err := readFile(password, passwordOf)
			if err != nil {
				return err
			}
			container, err := bpki.SealKey(key, passphrase, bpki.Protection{})
			if err != nil {
				return err
			}
			return writeFile(out, container, 0o600)
		},
	}
	cmd.Flags().StringVar(&password, "password-file", "", "file with the password")
	cmd.Flags().StringVar(&out, "out", "", "file to write")
	_ = cmd.MarkFlagRequired("password-file")
	_ = cmd.MarkFlagRequired("out")
	return cmd
}
