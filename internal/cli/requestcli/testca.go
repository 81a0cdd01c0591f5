package requestcli

import (
	"crypto/rand"
	"fmt"
	"os"
	"path/filepath"
	"time"

	"github.com/spf13/cobra"

	"github.com/remote-issuance/remote-issuance/internal/order"
	"github.com/remote-issuance/remote-issuance/internal/pki"
	"github.com/remote-issuance/remote-issuance/internal/pki/alg"
	"github.com/remote-issuance/remote-issuance/internal/pki/testca"
)

func keysCA() *cobra.Command {
	var algorithm, from string
	cmd := &cobra.Command{
		Use:   "ca DIR",
		Short: "Make a test CA: root, issuing CA, their keys and revocation lists",
		Args:  cobra.ExactArgs(1),
		RunE: func(_ *cobra.Command, args []string) error {
			at, err := parseInstant(from)
			if err != nil {
				return err
			}
			if _, err := os.Stat(filepath.Join(args[0], "root.cer")); err == nil {
				return fmt.Errorf("%s: there is a CA already", args[0])
			}
			ca, err := testca.New(testca.Options{Algorithm: alg.KeyAlgorithm(algorithm), From: at})
			if err != nil {
				return err
			}
			return ca.Save(args[0], at)
		},
	}
	algorithmFlag(cmd, &algorithm)
	cmd.Flags().StringVar(&from, "from", "", "when the CA and its first revocation lists begin (default now)")
	return cmd
}

func keysPerson() *cobra.Command {
	var caDir, subject, profile, algorithm, out, from string
	var years int
	cmd := &cobra.Command{
		Use:   "person",
		Short: "Make a person's key and certificate of a test CA: OUT.key.pem and OUT.cer",
		Args:  cobra.NoArgs,
		RunE: func(*cobra.Command, []string) error {
			at, err := parseInstant(from)
			if err != nil {
				return err
			}
			p, err := parseProfile(profile)
			if err != nil {
				return err
			}
			s := testca.SampleEmployee()
			if p == testca.ProfileIndividual {
				s = testca.SampleIndividual()
			}
			if subject != "" {
				if s, err = readFile(subject, parseSubject); err != nil {
					return err
				}
			}
			return makePerson(caDir, out, p, s, alg.KeyAlgorithm(algorithm), at, years)
		},
	}
	algorithmFlag(cmd, &algorithm)
	cmd.Flags().StringVar(&caDir, "ca", "", "directory of the test CA")
	cmd.Flags().StringVar(&subject, "subject", "", "JSON file of the subject (default an invented person)")
	cmd.Flags().StringVar(&profile, "profile", "extensions", "where the data go: extensions, name or individual")
	cmd.Flags().StringVar(&from, "from", "", "when the certificate begins (default now)")
	cmd.Flags().IntVar(&years, "years", 2, "term in years")
	cmd.Flags().StringVar(&out, "out", "", "beginning of the names of the files to write")
	for _, name := range []string{"ca", "out"} {
		_ = cmd.MarkFlagRequired(name)
	}
	return cmd
}

func makePerson(caDir, out string, p testca.Profile, s order.Subject, kind alg.KeyAlgorithm, from time.Time, years int) error {
	ca, err := testca.Load(caDir, testca.Options{})
	if err != nil {
		return err
	}
	key, err := alg.GenerateKey(kind, rand.Reader)
	if err != nil {
		return err
	}
	cert, err := ca.Issue(p, s, key.Public(), from, from.AddDate(years, 0, 0))
	if err != nil {
		return err
	}
	private, err := alg.MarshalPrivateKey(key)
	if err != nil {
		return err
	}
	if err := writeFile(out+".key.pem", private, 0o600); err != nil {
		return err
	}
	return writeFile(out+".cer", cert.Raw, 0o644)
}

func keysCRL() *cobra.Command {
	var revoked []string
	var at, out string
	cmd := &cobra.Command{
		Use:   "crl DIR",
		Short: "Make a revocation list of a test CA's issuing CA",
		Args:  cobra.ExactArgs(1),
		RunE: func(_ *cobra.Command, args []string) error {
			when, err := parseInstant(at)
			if err != nil {
				return err
			}
			ca, err := testca.Load(args[0], testca.Options{})
			if err != nil {
				return err
			}
			certs, err := readCertificates(revoked)
			if err != nil {
				return err
			}
			var entries []pki.Revoked
			for _, c := range certs {
				entries = append(entries, pki.Revoked{SerialNumber: c.SerialNumber, At: when, Reason: pki.ReasonSuperseded})
			}
			crl, err := ca.CRL(when, entries...)
			if err != nil {
				return err
			}
			return writeFile(out, crl.Raw, 0o644)
		},
	}
	cmd.Flags().StringArrayVar(&revoked, "revoke", nil, "file of a certificate to revoke as superseded (may be repeated)")
	cmd.Flags().StringVar(&at, "at", "", "when the list begins (default now)")
	cmd.Flags().StringVar(&out, "out", "", "file to write")
	_ = cmd.MarkFlagRequired("out")
	return cmd
}
