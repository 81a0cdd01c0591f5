package requestcli

import (
	"crypto/rand"
	"encoding/hex"
	"strings"

	"github.com/spf13/cobra"

	"github.com/remote-issuance/remote-issuance/internal/pki/alg"
)

func keysCommand() *cobra.Command {
	return group("keys", "Make keys and a test CA for trying things out", keysNew(), keysShow(), keysCA(), keysPerson(), keysCRL())
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
