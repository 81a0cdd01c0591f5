package auditcli

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"time"

	"github.com/spf13/cobra"

	"github.com/remote-issuance/remote-issuance/internal/approval"
	"github.com/remote-issuance/remote-issuance/internal/cli/operator"
	"github.com/remote-issuance/remote-issuance/internal/cli/requestcli"
	"github.com/remote-issuance/remote-issuance/internal/order"
	"github.com/remote-issuance/remote-issuance/internal/pki"
	"github.com/remote-issuance/remote-issuance/internal/pki/path"
	"github.com/remote-issuance/remote-issuance/internal/postgres"
)

type approvalFlags struct {
	file   string
	export string
	trust  string
	json   bool
}

func approvalCommand() *cobra.Command {
	var f approvalFlags
	cmd := &cobra.Command{
		Use: "approval [CONFIRMATION | ORDER]", Short: "Verify a manager's approval again, or export it for verifying it elsewhere",
		Long: "Verifies a stored approval with everything it was verified against at first: the exact list, the signature, the\n" +
			"certificates and the revocation lists of then. With --export all of it is written to a file; with --file such a file is\n" +
			"verified without a database and without a network. Give the roots you trust with --trust: a file proves nothing about\n" +
			"its own roots.",
		Args: cobra.MaximumNArgs(1),
		RunE: f.run,
	}
	cmd.Flags().StringVar(&f.file, "file", "", "verify this exported file instead of a stored approval")
	cmd.Flags().StringVar(&f.export, "export", "", "write the approval with all it needs to this file")
	cmd.Flags().StringVar(&f.trust, "trust", "", "directory with the roots to trust instead of those kept with the approval")
	cmd.Flags().BoolVar(&f.json, "json", false, "print the result as JSON")
	return cmd
}

func (f *approvalFlags) run(cmd *cobra.Command, args []string) error {
	bundle, err := f.bundle(cmd.Context(), args)
	if err != nil {
		return err
	}
	var roots []*pki.Certificate
	if f.trust != "" {
		trust, err := path.LoadTrust(f.trust)
		if err != nil {
			return err
		}
		roots = trust.Roots
	}
	found, err := examine(bundle, roots)
	if err != nil {
		return err
	}
	if f.json {
		err = operator.PrintJSON(cmd.OutOrStdout(), found)
	} else {
		found.tell(cmd)
	}
	if err == nil && !found.Good {
		return requestcli.ErrVerdict
	}
	return err
}

func (f *approvalFlags) bundle(ctx context.Context, args []string) (approval.Bundle, error) {
	if (f.file == "") == (len(args) == 0) || f.file != "" && f.export != "" {
		return approval.Bundle{}, errors.New("name a confirmation or an order, or a file with --file")
	}
	if f.file != "" {
		data, err := os.ReadFile(f.file)
		if err != nil {
			return approval.Bundle{}, err
		}
		return approval.ParseBundle(data)
	}
	s, err := operator.Open(ctx)
	if err != nil {
		return approval.Bundle{}, err
	}
	defer s.Close()
	bundle, err := stored(ctx, s, args[0])
	if err != nil || f.export == "" {
		return bundle, err
	}
	data, err := json.MarshalIndent(bundle, "", "  ")
	if err != nil {
		return bundle, err
	}
	return bundle, writeNew(f.export, data, 0o600)
}

// stored gathers the approval of a confirmation, or of an order's confirmation.
func stored(ctx context.Context, s *operator.Session, text string) (approval.Bundle, error) {
	id, err := order.ParseID(text)
	if err != nil {
		return approval.Bundle{}, fmt.Errorf("%q: %w", text, err)
	}
	// Prices are fixed long before: a tariff is not needed to read.
	confirmations := postgres.NewConfirmations(s.Pool, order.Tariff{})
	c, err := confirmations.Confirmation(ctx, id)
	if errors.Is(err, order.ErrNotFound) {
		var of postgres.OrderView
		if of, err = postgres.NewOrders(s.Pool, order.Tariff{}).Order(ctx, id); err == nil {
			c, err = confirmations.Confirmation(ctx, of.Record.ConfirmationID)
		}
	}
	if err != nil {
		return approval.Bundle{}, fmt.Errorf("approval of %s: %w", id, err)
	}
	if c.SignatureID.IsZero() {
		return approval.Bundle{}, fmt.Errorf("confirmation %s is not signed", c.ID)
	}
	return approval.StoredBundle(ctx, postgres.NewDocuments(s.Pool), approval.StoredIDs{
		Confirmation: c.ID, List: c.ListID, Signature: c.SignatureID, Certificate: c.CertificateID,
	})
}

// finding is what became of a verification.
type finding struct {
	Good           bool          `json:"good"`
	ConfirmationID string        `json:"confirmationId"`
	VerifiedAt     time.Time     `json:"verifiedAt"`
	Checks         order.Report  `json:"checks"`
	Signer         order.Subject `json:"signer"`
	List           approval.List `json:"list"`
	// ListDigest is the SHA-256 of the bytes that were signed.
	ListDigest string `json:"listDigest"`
	// Roots are the SHA-256 fingerprints of the roots that were trusted, and
	// OwnRoots tells that they came with the approval itself.
	Roots    []string `json:"roots"`
	OwnRoots bool     `json:"ownRoots"`
}

func examine(b approval.Bundle, roots []*pki.Certificate) (finding, error) {
	f := finding{ConfirmationID: b.ConfirmationID, VerifiedAt: b.At, ListDigest: fingerprint(b.List), OwnRoots: len(roots) == 0}
	trust, err := b.Trust(roots...)
	if err != nil {
		return finding{}, err
	}
	for _, root := range trust.Roots {
		f.Roots = append(f.Roots, fingerprint(root.Raw))
	}
	if f.Checks, f.Signer, err = b.Verify(roots...); err != nil {
		return finding{}, err
	}
	// A list that is not canonical was never signed here, whatever the signature says.
	f.List, err = approval.Parse(b.List)
	f.Good = err == nil && f.Checks.Passed() && f.List.ID == b.ConfirmationID
	return f, nil
}

func fingerprint(data []byte) string {
	sum := sha256.Sum256(data)
	return hex.EncodeToString(sum[:])
}

func (f finding) tell(cmd *cobra.Command) {
	verdict := "good"
	if !f.Good {
		verdict = "NOT good"
	}
	operator.Printf(cmd, "the approval %s is %s at %s", f.ConfirmationID, verdict, f.VerifiedAt.In(order.Minsk()).Format(time.DateTime))
	for _, c := range f.Checks {
		operator.Printf(cmd, "  %s: %s %s", c.Code, c.Verdict, c.Cause)
	}
	operator.Printf(cmd, "signed by %s, %s (UNP %s)", f.Signer.CommonName, f.Signer.Organisation, f.Signer.UNP)
	operator.Printf(cmd, "list sha256:%s, %d orders", f.ListDigest, len(f.List.Entries))
	for _, e := range f.List.Entries {
		operator.Printf(cmd, "  order %d: %s %s, %d years, key %s", e.Number, e.Surname, e.GivenName, e.Years, e.KeyID)
	}
	from := "given with --trust"
	if f.OwnRoots {
		from = "kept with the approval: compare them with the roots you trust"
	}
	operator.Printf(cmd, "roots %s:", from)
	for _, r := range f.Roots {
		operator.Printf(cmd, "  sha256:%s", r)
	}
}
