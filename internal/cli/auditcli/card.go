package auditcli

import (
	"fmt"
	"io"
	"os"
	"time"

	"github.com/spf13/cobra"

	"github.com/remote-issuance/remote-issuance/internal/audit"
	"github.com/remote-issuance/remote-issuance/internal/card"
	"github.com/remote-issuance/remote-issuance/internal/cli/operator"
	"github.com/remote-issuance/remote-issuance/internal/pki/path"
)

type cardFlags struct {
	out      string
	trust    string
	keys     string
	code     string
	within   time.Duration
	evidence bool
	json     bool
	account  func() (string, error)
}

func cardCommand() *cobra.Command {
	var f cardFlags
	cmd := &cobra.Command{
		Use: "card [FILE | ORDER --out FILE]", Short: "Verify a card for evidence offline, or make one of an issued order",
		Long: "FILE is a card: a PDF with its evidence attached, or the evidence alone (card.json). It is verified without a database\n" +
			"and without a network: the request, the signed list and the manager's signature at its instant, the payment, the\n" +
			"certificate and its chain, and the entries of the audit log up to the signed checkpoints. It is good only under roots of\n" +
			"your own (--trust) and public keys of the audit log (--audit-keys): a card proves neither.\n" +
			"--code compares what was read from a QR code on paper.\n" +
			"ORDER is a number (123) or an id; --out writes its card, and the audit log keeps who made it.",
		Args: cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			if f.out != "" {
				return f.make(cmd, args[0])
			}
			return f.verify(cmd, args[0])
		},
	}
	cmd.Flags().StringVar(&f.out, "out", "", "make the card of ORDER and write it to this file")
	cmd.Flags().StringVar(&f.trust, "trust", "", "directory with the roots you trust; for --out with the chain of the certificate too")
	cmd.Flags().StringVar(&f.keys, "audit-keys", "", "directory with public keys of the audit log: *.pem")
	cmd.Flags().StringVar(&f.code, "code", "", "what the QR code of a printed card says")
	cmd.Flags().DurationVar(&f.within, "sealed-within", audit.SealedWithin, "how long after an entry its checkpoint may have been signed")
	cmd.Flags().BoolVar(&f.evidence, "evidence-only", false, "do not compare the pages: those of another version differ")
	cmd.Flags().BoolVar(&f.json, "json", false, "print the result as JSON")
	f.account = operator.AccountFlag(cmd)
	return cmd
}

// verifier is whom the flags say to trust.
func (f *cardFlags) verifier() (card.Verifier, path.Trust, error) {
	v := card.Verifier{Within: f.within}
	var trust path.Trust
	var err error
	if f.trust != "" {
		if trust, err = path.LoadTrust(f.trust); err != nil {
			return v, trust, err
		}
		v.Roots = trust.Roots
	}
	if f.keys != "" {
		if v.Keys, err = audit.ReadKeys(os.DirFS(f.keys)); err != nil {
			return v, trust, err
		}
	}
	return v, trust, nil
}

func (f *cardFlags) verify(cmd *cobra.Command, name string) error {
	v, _, err := f.verifier()
	if err != nil {
		return err
	}
	data, err := readCard(name)
	if err != nil {
		return err
	}
	found, err := v.Examine(data, f.code, f.evidence)
	if err != nil {
		return fmt.Errorf("%s: %w", name, err)
	}
	return conclude(cmd, f.json, found, found.Good, func() { tellCard(cmd, found) })
}

// readCard reads no more than a card may have.
func readCard(name string) ([]byte, error) {
	file, err := os.Open(name)
	if err != nil {
		return nil, err
	}
	defer file.Close()
	return io.ReadAll(io.LimitReader(file, card.MaxFile+1))
}

func tellCard(cmd *cobra.Command, f card.Examined) {
	verdict := "good"
	if !f.Good {
		verdict = "NOT good"
	}
	operator.Printf(cmd, "the card of order %d (%s) is %s", f.Facts.Number, f.Facts.Service, verdict)
	for _, reason := range f.Reasons {
		operator.Printf(cmd, "  %s", reason)
	}
	s := f.Facts.Subject
	operator.Printf(cmd, "certificate %s of %s, %s, from %s to %s", f.Facts.Serial, s.CommonName, s.Organisation, operator.Stamp(f.Facts.NotBefore), operator.Stamp(f.Facts.NotAfter))
	operator.Printf(cmd, "request %s, key %s", f.Facts.Request, f.Facts.KeyID)
	if a := f.Facts.Approval; a != nil {
		operator.Printf(cmd, "list %s of %d orders, signed by %s (UNP %s), verified at %s; price %s BYN",
			a.ListDigest, len(a.List.Entries), a.Signer.CommonName, a.Signer.UNP, operator.Stamp(a.SignedAt), a.Entry.Price)
	} else {
		operator.Printf(cmd, "no list and no signature: nobody approves orders of this service")
	}
	operator.Printf(cmd, "payment %s of %s %s by %s, applied at %s", f.Facts.Payment.ID, f.Facts.Payment.Amount, f.Facts.Payment.Currency,
		f.Facts.Payment.By, operator.Stamp(f.Facts.Payment.At))
	for _, e := range f.Facts.Entries {
		operator.Printf(cmd, "audit entry %d: %s at %s", e.Sequence, e.Action, operator.Stamp(e.At))
	}
	if f.Pages == card.PagesDifferent {
		operator.Printf(cmd, "--evidence-only leaves the pages aside; believe what is printed here, not the pages")
	}
	operator.Printf(cmd, "pages: %s; whether the certificate was revoked later, its revocation list tells", f.Pages)
	operator.Printf(cmd, "%s", f.Facts.Code)
}
