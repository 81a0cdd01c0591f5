package card

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strconv"

	"github.com/remote-issuance/remote-issuance/internal/approval"
	"github.com/remote-issuance/remote-issuance/internal/audit"
	"github.com/remote-issuance/remote-issuance/internal/order"
	"github.com/remote-issuance/remote-issuance/internal/pki"
	"github.com/remote-issuance/remote-issuance/internal/pki/path"
)

// Log reads the audit log: see postgres.Audit.
type Log interface {
	OrderEntries(ctx context.Context, id string) ([]audit.Entry, error)
	Proof(ctx context.Context, sequence int64, keys audit.Keys) (audit.Proof, bool, error)
}

// Source is where cards are collected from.
type Source struct {
	Log       Log
	Documents approval.Documents
	// Certificate gives the certificate of an order in DER, nil while there is none.
	Certificate func(ctx context.Context, orderID order.ID) ([]byte, error)
	// Trust holds the roots and intermediates that the certificate's chain is built from.
	Trust path.Trust
	Keys  audit.Keys
}

// Errors of collecting.
var (
	// ErrNotIssued is returned for an order without a certificate.
	ErrNotIssued = errors.New("the order has no certificate")
	// ErrNotSealed is returned while no checkpoint covers the last entry.
	ErrNotSealed = errors.New("the audit log is not sealed over the order's last entry yet")
)

// Collect gathers the card of an issued order. It proves nothing: verify what
// comes of it. Errors: ErrNotIssued, ErrNotSealed, order.ErrNotFound.
func (s Source) Collect(ctx context.Context, id order.ID) (Card, error) {
	c := Card{Format: Format, OrderID: id.String()}
	var err error
	if c.Certificate, err = s.Certificate(ctx, id); err != nil {
		return c, err
	}
	if len(c.Certificate) == 0 {
		return c, ErrNotIssued
	}
	h, err := s.history(ctx, c.OrderID)
	if err != nil {
		return c, err
	}
	if c.Number, err = strconv.ParseInt(h.issued.Evidence["number"], 10, 64); err != nil {
		return c, fmt.Errorf("audit entry %d: number: %w", h.issued.Sequence, err)
	}
	requestID, err := order.ParseID(h.saved.Evidence["request-id"])
	if err != nil {
		return c, fmt.Errorf("audit entry %d: request: %w", h.saved.Sequence, err)
	}
	request, err := s.Documents.Get(ctx, requestID)
	if err != nil {
		return c, fmt.Errorf("request file: %w", err)
	}
	c.Request = request.Content
	if h.service().NeedsApproval() {
		if c.Approval, err = s.approval(ctx, h.approved); err != nil {
			return c, err
		}
	}
	if c.Chain, err = s.chain(c.Certificate, h.issued); err != nil {
		return c, err
	}
	c.Log, err = s.pieces(ctx, h)
	return c, err
}

// history reads the entries of the order, then those of the confirmations that
// they name.
func (s Source) history(ctx context.Context, orderID string) (history, error) {
	entries, err := s.Log.OrderEntries(ctx, orderID)
	if err != nil {
		return history{}, err
	}
	var confirmations []string
	for _, e := range entries {
		if id := e.Evidence["confirmation"]; e.Action == audit.ActionApproved && !slices.Contains(confirmations, id) {
			confirmations = append(confirmations, id)
		}
	}
	for _, id := range confirmations {
		more, err := s.Log.OrderEntries(ctx, id)
		if err != nil {
			return history{}, err
		}
		entries = append(entries, more...)
	}
	return historyOf(entries, orderID)
}

func (s Source) approval(ctx context.Context, approved audit.Entry) (*approval.Bundle, error) {
	var ids approval.StoredIDs
	for name, id := range map[string]*order.ID{
		"confirmation": &ids.Confirmation, "list-id": &ids.List, "signature-id": &ids.Signature, "certificate-id": &ids.Certificate,
	} {
		var err error
		if *id, err = order.ParseID(approved.Evidence[name]); err != nil {
			return nil, fmt.Errorf("audit entry %d: %s: %w", approved.Sequence, name, err)
		}
	}
	b, err := approval.StoredBundle(ctx, s.Documents, ids)
	return &b, err
}

// chain leads from the certificate's issuer to a root.
func (s Source) chain(der []byte, issued audit.Entry) ([][]byte, error) {
	certificate, err := pki.ParseCertificate(der)
	if err != nil {
		return nil, err
	}
	at := issued.At
	if at.Before(certificate.NotBefore) {
		at = certificate.NotBefore
	}
	found, err := path.NewValidator(s.Trust, path.Options{Revocation: path.RevocationOff}).Validate(certificate, at)
	if err != nil {
		return nil, fmt.Errorf("chain of the certificate: %w", err)
	}
	var chain [][]byte
	for _, c := range found[1:] {
		chain = append(chain, c.Raw)
	}
	return chain, nil
}

// pieces are the parts of the log that prove the entries, each entry once.
func (s Source) pieces(ctx context.Context, h history) ([]audit.Proof, error) {
	var out []audit.Proof
	sealed := int64(0)
	for _, e := range h.entries() {
		if e.Sequence <= sealed {
			continue
		}
		p, found, err := s.Log.Proof(ctx, e.Sequence, s.Keys)
		if err != nil {
			return nil, err
		}
		if !found {
			return nil, ErrNotSealed
		}
		sealed = p.Checkpoint.Sequence
		out = append(out, inUTC(p))
	}
	return out, nil
}

// inUTC writes instants as hashes cover them.
func inUTC(p audit.Proof) audit.Proof {
	p.Checkpoint.At = p.Checkpoint.At.UTC()
	for i := range p.Entries {
		p.Entries[i].At = p.Entries[i].At.UTC()
	}
	return p
}
