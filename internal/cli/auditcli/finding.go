package auditcli

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"time"

	"github.com/spf13/cobra"

	"github.com/remote-issuance/remote-issuance/internal/approval"
	"github.com/remote-issuance/remote-issuance/internal/approval/list"
	"github.com/remote-issuance/remote-issuance/internal/cli/operator"
	"github.com/remote-issuance/remote-issuance/internal/cli/requestcli"
	"github.com/remote-issuance/remote-issuance/internal/order"
	"github.com/remote-issuance/remote-issuance/internal/pki"
)

// conclude prints what was found, as JSON or in words, and ends with the verdict.
func conclude(cmd *cobra.Command, asJSON bool, found any, good bool, tell func()) error {
	if asJSON {
		if err := operator.PrintJSON(cmd.OutOrStdout(), found); err != nil {
			return err
		}
	} else {
		tell()
	}
	if !good {
		return requestcli.ErrVerdict
	}
	return nil
}

// finding is what became of the verification of an approval.
type finding struct {
	Good bool `json:"good"`
	// Reasons say why it is not good, beside the checks that failed.
	Reasons        []string      `json:"reasons,omitempty"`
	ConfirmationID string        `json:"confirmationId"`
	VerifiedAt     time.Time     `json:"verifiedAt"`
	Checks         order.Report  `json:"checks"`
	Signer         order.Subject `json:"signer"`
	List           list.List     `json:"list"`
	// ListDigest is the SHA-256 of the bytes that were signed.
	ListDigest string `json:"listDigest"`
	// Roots are the SHA-256 fingerprints of the roots that were looked at, and
	// OwnRoots tells that they came with the approval itself.
	Roots    []string `json:"roots"`
	OwnRoots bool     `json:"ownRoots"`
	// Entry is the sequence number of the audit entry, SealedAt when its
	// checkpoint was signed, and Note what is not known of that.
	Entry    int64      `json:"entry,omitempty"`
	SealedAt *time.Time `json:"sealedAt,omitempty"`
	Note     string     `json:"note,omitempty"`
}

const noTrust = "nobody vouches for its roots: name those you trust with --trust DIR"

func examine(b approval.Bundle, roots []*pki.Certificate, when timing) (finding, error) {
	f := finding{
		ConfirmationID: b.ConfirmationID, VerifiedAt: b.At, ListDigest: fingerprint(b.List), OwnRoots: len(roots) == 0,
		Entry: when.entry.Sequence, Note: when.note,
	}
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
	if f.OwnRoots {
		f.Reasons = append(f.Reasons, noTrust)
	}
	if when.wrong != nil {
		f.Reasons = append(f.Reasons, when.wrong.Error())
	} else if when.proof != nil {
		f.SealedAt = &when.proof.Checkpoint.At
	}
	// A list that is not canonical was never signed here, whatever the signature says.
	if f.List, err = list.Parse(b.List); err != nil {
		f.Reasons = append(f.Reasons, err.Error())
	} else if when.order != 0 && f.List.Entry(when.order) == nil {
		f.Reasons = append(f.Reasons, fmt.Sprintf("the list does not name order %d", when.order))
	}
	f.Good = len(f.Reasons) == 0 && f.Checks.Passed()
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
	operator.Printf(cmd, "the approval %s is %s at %s", f.ConfirmationID, verdict, operator.Stamp(f.VerifiedAt))
	for _, reason := range f.Reasons {
		operator.Printf(cmd, "  %s", reason)
	}
	for _, c := range f.Checks {
		operator.Printf(cmd, "  %s: %s %s", c.Code, c.Verdict, c.Cause)
	}
	switch {
	case f.SealedAt != nil:
		operator.Printf(cmd, "audit entry %d, sealed at %s", f.Entry, operator.Stamp(*f.SealedAt))
	case f.Note != "":
		operator.Printf(cmd, "audit entry %d, %s", f.Entry, f.Note)
	}
	operator.Printf(cmd, "signed by %s, %s (UNP %s)", f.Signer.CommonName, f.Signer.Organisation, f.Signer.UNP)
	operator.Printf(cmd, "list %d of %s, sha256:%s, %d orders", f.List.Number, operator.Stamp(f.List.MadeAt), f.ListDigest, len(f.List.Entries))
	for _, e := range f.List.Entries {
		operator.Printf(cmd, "  order %d: %s %s, %d years, %s BYN, request sha256:%s, key %s", e.Number, e.Surname, e.GivenName, e.Years, e.Price,
			e.Request, e.KeyID)
	}
	from := "given with --trust"
	if f.OwnRoots {
		from = "kept with the approval"
	}
	operator.Printf(cmd, "roots %s:", from)
	for _, r := range f.Roots {
		operator.Printf(cmd, "  sha256:%s", r)
	}
}
