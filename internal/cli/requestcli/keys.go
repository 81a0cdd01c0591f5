package requestcli

import (
	"bytes"
	"crypto/rand"
	"encoding/hex"
	"errors"
	"strings"

	"github.com/spf13/cobra"

	"github.com/remote-issuance/remote-issuance/internal/ca"
	"github.com/remote-issuance/remote-issuance/internal/pki/alg"
)

func keysCommand(others ...*cobra.Command) *cobra.Command {
	own := []*cobra.Command{keysNew(), keysShow(), keysEncrypt(), keysContainer(), keysCA(), keysPerson(), keysCRL()}
	return group("keys", "Make keys and a test CA for trying things out, and confirm backups of the service's keys", append(own, others...)...)
}

func algorithmFlag(cmd *cobra.Command, value *string) {
	var known []string
	for _, a := range alg.KeyAlgorithms() {
		known = append(known, string(a))
	}
	cmd.Flags().StringVar(value, "algorithm", string(alg.KeyBign256), "kind of key: "+strings.Join(known, ", "))
}

func keysNew() *cobra.Command {
	var algorithm, out string
	cmd := &cobra.Command{
		Use:   "new",
		Short: "Make a private key (PKCS#8, not encrypted)",
		Args:  cobra.NoArgs,
		RunE: func(*cobra.Command, []string) error {
			key, err := alg.GenerateKey(alg.KeyAlgorithm(algorithm), rand.Reader)
			if err != nil {
				return err
			}
			data, err := alg.MarshalPrivateKey(key)
			if err != nil {
				return err
			}
			return writeFile(out, data, 0o600)
		},
	}
	algorithmFlag(cmd, &algorithm)
	cmd.Flags().StringVar(&out, "out", "", "file to write")
	_ = cmd.MarkFlagRequired("out")
	return cmd
}

// keysEncrypt makes what CA_DIR wants; OpenSSL does it for NIST keys, but cannot read keys of STB 34.101.45.
func keysEncrypt() *cobra.Command {
	var password, out string
	cmd := &cobra.Command{
		Use:   "encrypt FILE",
		Short: "Encrypt a private key for CA_DIR (PKCS#8, PBES2, AES-256)",
		Long: "Reads a private key that is not encrypted and writes it encrypted. The password is the first line of the file that\n" +
			"--password-file names: the one that CA_KEY_PASSWORD_FILE names for the worker. Destroy the clear key afterwards.",
		Args: cobra.ExactArgs(1),
		RunE: func(_ *cobra.Command, args []string) error {
			key, err := readFile(args[0], alg.ParsePrivateKey)
			if err != nil {
				return err
			}
			passphrase, err := readFile(password, passwordOf)
			if err != nil {
				return err
			}
			data, err := ca.EncryptKey(key, passphrase)
			if err != nil {
				return err
			}
			return writeFile(out, data, 0o600)
		},
	}
	cmd.Flags().StringVar(&password, "password-file", "", "file with the password")
	cmd.Flags().StringVar(&out, "out", "", "file to write")
	_ = cmd.MarkFlagRequired("password-file")
	_ = cmd.MarkFlagRequired("out")
	return cmd
}

// passwordOf reads a file as the worker reads its secrets: without the line's end, and nothing beside the line.
func passwordOf(file []byte) ([]byte, error) {
	password := bytes.TrimRight(file, "\r\n")
	if len(bytes.TrimSpace(password)) == 0 || bytes.ContainsAny(password, "\r\n\x00") {
		return nil, errors.New("want one line with the password")
	}
	return password, nil
}

// keyOutput is what "keys show" prints.
type keyOutput struct {
	Algorithm    alg.KeyAlgorithm `json:"algorithm"`
	KeyID        string           `json:"keyId"`
	SubjectKeyID string           `json:"subjectKeyId"`
}

func keysShow() *cobra.Command {
	return &cobra.Command{
		Use:   "show FILE",
		Short: "Name a private key's kind and identifiers, in JSON",
		Args:  cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			key, err := readFile(args[0], alg.ParsePrivateKey)
			if err != nil {
				return err
			}
			var out keyOutput
			if out.Algorithm, err = alg.KeyAlgorithmOf(key.Public()); err != nil {
				return err
			}
			if out.KeyID, err = alg.KeyID(key.Public()); err != nil {
				return err
			}
			id, err := alg.SubjectKeyID(key.Public())
			if err != nil {
				return err
			}
			out.SubjectKeyID = hex.EncodeToString(id)
			return printJSON(cmd.OutOrStdout(), out)
		},
	}
}
