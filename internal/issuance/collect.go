package issuance

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"

	lru "github.com/hashicorp/golang-lru/v2"
	"golang.org/x/sync/singleflight"

	"github.com/remote-issuance/remote-issuance/internal/admission"
	"github.com/remote-issuance/remote-issuance/internal/approval"
	"github.com/remote-issuance/remote-issuance/internal/approval/list"
	"github.com/remote-issuance/remote-issuance/internal/ca"
	"github.com/remote-issuance/remote-issuance/internal/order"
	"github.com/remote-issuance/remote-issuance/internal/pki"
	"github.com/remote-issuance/remote-issuance/internal/pki/alg"
	"github.com/remote-issuance/remote-issuance/internal/pki/cms"
	"github.com/remote-issuance/remote-issuance/internal/pki/fault"
	"github.com/remote-issuance/remote-issuance/internal/pki/path"
)

// Trust is what is trusted here: roots, intermediates and revocation lists.
type Trust interface {
	admission.StandingValidator
	Trust() path.Trust
}

// Gate collects the evidence for a certificate from what is stored and proves
// it before anything is reserved.
type Gate struct {
	trust Trust
	// managerKey is the keyed hash of a manager, as confirmations keep it.
	managerKey func(personalNumber, unp string) string
	// verified keeps the verdict over a manager's approval by its digest: the
	// list is verified once for all its orders, as it never changes.
	verified *lru.Cache[[32]byte, verdict]
	// verifying are the verifications under way: the orders of a list come together.
	verifying singleflight.Group
}

// verdict is what a verification came to.
type verdict struct {
	report order.Report
	signer order.Subject
	list   list.List
}

// approvalsKept bounds the verdicts that are kept.
const approvalsKept = 256

// NewGate makes the gate.
func NewGate(trust Trust, managerKey func(personalNumber, unp string) string) (*Gate, error) {
	verified, err := lru.New[[32]byte, verdict](approvalsKept)
	if err != nil {
		return nil, fmt.Errorf("gate: %w", err)
	}
	return &Gate{trust: trust, managerKey: managerKey, verified: verified}, nil
}

// Prove collects the evidence and asks the table of refusals. Errors:
// *RefusedError; any other means that it is not known yet.
func (g *Gate) Prove(ctx context.Context, s Stored, p ca.Prepared) error {
	e, err := g.collect(ctx, s, p)
	if err != nil {
		return err
	}
	return Prove(e)
}

func (g *Gate) collect(ctx context.Context, s Stored, p ca.Prepared) (Evidence, error) {
	e := Evidence{At: s.At, Order: s.Order, Checked: s.Checked, Registers: s.Registers, Payment: s.Payment}
	docs, err := s.Documents(ctx, wanted(s)...)
	if err != nil {
		return e, fmt.Errorf("evidence of an order: %w", err)
	}
	e.File, e.SignedInWith = docs[s.Order.RequestID], docs[s.Order.CertificateID]
	if request, err := cms.ParseRequestFile(e.File.Content); err == nil {
		if id, err := alg.KeyID(request.PublicKey); err == nil {
			e.FileKeyID = id
		}
	}
	if holder, err := pki.ParseCertificate(e.SignedInWith.Content); err == nil {
		e.Holder = holder.Subject()
		if e.Standing, err = g.standing(holder, s); err != nil {
			return e, err
		}
	}
	if c := s.Approving; c != nil {
		if e.Approval, err = g.approval(ctx, s, *c, docs); err != nil {
			return e, err
		}
	}
	e.Prepared = Prepared{KeyID: p.KeyID, NotBefore: p.NotBefore, NotAfter: p.NotAfter}
	e.Prepared.Subject = subjectOf(p)
	return e, nil
}

// subjectOf reads whom the prepared octets name.
func subjectOf(p ca.Prepared) order.Subject {
	algorithm, err := alg.ParseIdentifier(p.Algorithm)
	if err != nil {
		return order.Subject{}
	}
	// The signature does not exist yet; the parser wants some octets in its place.
	der, err := pki.Assemble(p.TBS, algorithm, make([]byte, 64))
	if err != nil {
		return order.Subject{}
	}
	certificate, err := pki.ParseCertificate(der)
	if err != nil || len(certificate.Read().Faults) > 0 {
		return order.Subject{}
	}
	return certificate.Subject()
}

// wanted are the documents that the evidence consists of.
func wanted(s Stored) []order.ID {
	ids := []order.ID{s.Order.RequestID, s.Order.CertificateID}
	if c := s.Approving; c != nil {
		ids = append(ids, c.ListID, c.SignatureID, c.CertificateID, order.EvidenceDocumentID(c.SignatureID))
	}
	return ids
}

// standing is whether the certificate signed in with was good when its request
// was uploaded and has not been revoked since: an expiry while the order waits
// does not matter (A1c). What lists cannot tell now is an error: they come late,
// and no order ends for that.
func (g *Gate) standing(holder *pki.Certificate, s Stored) (order.Check, error) {
	c := admission.Standing(g.trust, holder, s.Order.UploadedAt, s.At)
	switch fault.Code(c.Cause) {
	case fault.CRLMissing, fault.CRLStale, fault.CRLSignature:
		return c, fmt.Errorf("revocation of the certificate signed in with is not known: %s; put a fresh list of its issuer into the trust directory", c.Cause)
	default:
		return c, nil
	}
}

// approval verifies the manager's signature again, against the stored evidence
// and under the roots that are trusted here (M6).
func (g *Gate) approval(
	ctx context.Context, s Stored, c order.Confirmation, docs map[order.ID]order.Document,
) (*Approval, error) {
	a := &Approval{Confirmation: c, CurrentID: s.Order.ConfirmationID}
	kept := docs[order.EvidenceDocumentID(c.SignatureID)].Content
	signed, signature, certificate := docs[c.ListID].Content, docs[c.SignatureID].Content, docs[c.CertificateID].Content
	key := digest(signed, signature, certificate, kept)
	v, err := g.verdict(ctx, s, c, key)
	if errors.Is(err, order.ErrNotFound) {
		return a, nil
	}
	if err != nil {
		return nil, err
	}
	a.List, a.Verified, a.Signer = v.list, v.report, v.signer
	a.SignerKey = g.managerKey(order.BareNumber(v.signer.PersonalNumber), c.UNP)
	return a, nil
}

// verdict verifies an approval once for all orders of its list; key is the
// digest of what is verified. Error: order.ErrNotFound for evidence that is not stored.
func (g *Gate) verdict(ctx context.Context, s Stored, c order.Confirmation, key [32]byte) (verdict, error) {
	if v, known := g.verified.Get(key); known {
		return v, nil
	}
	found, err, _ := g.verifying.Do(string(key[:]), func() (any, error) {
		if v, known := g.verified.Get(key); known {
			return v, nil
		}
		bundle, err := approval.StoredBundle(ctx, transaction{s}, approval.StoredIDs{
			Confirmation: c.ID, List: c.ListID, Signature: c.SignatureID, Certificate: c.CertificateID,
		})
		if err != nil {
			return verdict{}, err
		}
		v := g.verify(bundle)
		g.verified.Add(key, v)
		return v, nil
	})
	v, _ := found.(verdict)
	return v, err
}

func (g *Gate) verify(b approval.Bundle) verdict {
	report, signer, err := b.Verify(g.trust.Trust().Roots...)
	if err != nil {
		return verdict{}
	}
	read, err := list.Parse(b.List)
	if err != nil {
		return verdict{}
	}
	return verdict{report: report, signer: signer, list: read}
}

// transaction reads documents in the transaction of the reservation.
type transaction struct{ s Stored }

// Get implements approval.Documents.
func (t transaction) Get(ctx context.Context, id order.ID) (order.Document, error) {
	docs, err := t.s.Documents(ctx, id)
	if err != nil {
		return order.Document{}, err
	}
	d, ok := docs[id]
	if !ok {
		return order.Document{}, order.ErrNotFound
	}
	return d, nil
}

// digest is of several contents, each with its length before it.
func digest(contents ...[]byte) [32]byte {
	h := sha256.New()
	for _, c := range contents {
		fmt.Fprintf(h, "%d:", len(c))
		h.Write(c)
	}
	return [32]byte(h.Sum(nil))
}
