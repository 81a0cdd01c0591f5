// Package cardtest makes issued orders with their audit log in memory, for
// trying cards for evidence out.
package cardtest

import (
	"context"
	"crypto"
	"crypto/rand"
	"slices"
	"strconv"
	"time"

	"github.com/remote-issuance/remote-issuance/internal/approval"
	"github.com/remote-issuance/remote-issuance/internal/audit"
	"github.com/remote-issuance/remote-issuance/internal/card"
	"github.com/remote-issuance/remote-issuance/internal/order"
	"github.com/remote-issuance/remote-issuance/internal/pki"
	"github.com/remote-issuance/remote-issuance/internal/pki/alg"
	"github.com/remote-issuance/remote-issuance/internal/pki/cms"
	"github.com/remote-issuance/remote-issuance/internal/pki/testca"
)

// Day is when the first order is checked.
var Day = time.Date(2026, 3, 2, 9, 0, 0, 0, time.UTC)

// Price is of every order.
const Price = order.Kopecks(4320)

// World has a CA, a sealed audit log and documents.
type World struct {
	CA *testca.CA
	// Public is the key of the log's checkpoints.
	Public crypto.PublicKey
	Signer audit.Signer

	entries      []audit.Entry
	checkpoints  []audit.Checkpoint
	documents    map[order.ID][]byte
	certificates map[order.ID][]byte
}

// New makes a world without orders.
func New() (*World, error) {
	ca, err := testca.New(testca.Options{From: Day.AddDate(-1, 0, 0)})
	if err != nil {
		return nil, err
	}
	private, _, err := audit.GenerateKey()
	if err != nil {
		return nil, err
	}
	key, err := audit.ParseKey(private)
	if err != nil {
		return nil, err
	}
	signer, err := audit.NewSigner(key)
	return &World{
		CA: ca, Public: key.Public(), Signer: signer, documents: make(map[order.ID][]byte), certificates: make(map[order.ID][]byte),
	}, err
}

// Roots are those of the world's CA.
func (w *World) Roots() []*pki.Certificate { return []*pki.Certificate{w.CA.Root.Certificate} }

// Append puts an event into the log.
func (w *World) Append(e audit.Event) error {
	var head audit.Head
	if n := len(w.entries); n > 0 {
		head = w.entries[n-1].Head()
	}
	entry, err := audit.Next(head, e)
	if err == nil {
		w.entries = append(w.entries, entry)
	}
	return err
}

// Seal signs the head of the log at an instant.
func (w *World) Seal(at time.Time) error {
	c, err := audit.SignCheckpoint(w.Signer, w.entries[len(w.entries)-1].Head(), at)
	w.checkpoints = append(w.checkpoints, c)
	return err
}

// Entries are the whole log.
func (w *World) Entries() []audit.Entry { return w.entries }

// OrderEntries implements card.Log.
func (w *World) OrderEntries(_ context.Context, id string) ([]audit.Entry, error) {
	var out []audit.Entry
	for _, e := range w.entries {
		if e.OrderID == id {
			out = append(out, e)
		}
	}
	return out, nil
}

// Proof implements card.Log.
func (w *World) Proof(_ context.Context, sequence int64, _ audit.Keys) (audit.Proof, bool, error) {
	for _, c := range w.checkpoints {
		if c.Sequence >= sequence {
			return audit.Proof{Entries: slices.Clone(w.entries[sequence-1 : c.Sequence]), Checkpoint: c}, true, nil
		}
	}
	return audit.Proof{}, false, nil
}

// Get implements approval.Documents.
func (w *World) Get(_ context.Context, id order.ID) (order.Document, error) {
	content, ok := w.documents[id]
	if !ok {
		return order.Document{}, order.ErrNotFound
	}
	return order.Document{ID: id, Content: content}, nil
}

// Source collects cards from the world.
func (w *World) Source() (card.Source, error) {
	keys, err := audit.NewKeys(w.Public)
	return card.Source{
		Log: w, Documents: w, Trust: w.CA.Trust(), Keys: keys,
		Certificate: func(_ context.Context, id order.ID) ([]byte, error) { return w.certificates[id], nil },
	}, err
}

// Changes are what is otherwise than it should be with an order.
type Changes struct {
	// Listed is the id that the list names; the order's when zero.
	Listed order.ID
	// Paid is the sum; Price when zero.
	Paid order.Kopecks
	// Key replaces the key on the list.
	Key string
	// Sealed is how long after the last entry the log is sealed; an hour when zero.
	Sealed time.Duration
	// Unpaid leaves the payment out of the log.
	Unpaid bool
}

// Issue lets an order go its whole way, sealed in three pieces.
func (w *World) Issue(service order.Service, number int64, c Changes) (order.ID, error) {
	p := passage{world: w, service: service, number: number, changes: c, id: order.NewID(), at: Day}
	p.changes.Paid = max(c.Paid, 0)
	if c.Paid == 0 {
		p.changes.Paid = Price
	}
	if c.Sealed == 0 {
		p.changes.Sealed = time.Hour
	}
	if c.Listed.IsZero() {
		p.changes.Listed = p.id
	}
	p.payable = p.id
	p.request()
	if service.NeedsApproval() {
		p.approve()
	}
	p.pay()
	p.issue()
	return p.id, p.err
}

// passage is an order on its way; it keeps the first error.
type passage struct {
	world       *World
	service     order.Service
	number      int64
	changes     Changes
	id, payable order.ID
	at          time.Time
	subject     order.Subject
	key         crypto.Signer
	keyID       string
	err         error
}

func (p *passage) keep(err error) {
	if p.err == nil {
		p.err = err
	}
}

func (p *passage) log(by audit.ActorKind, action audit.Action, of order.ID, evidence audit.Evidence) {
	actor := audit.Actor{Kind: by, ID: "5f1c"}
	if by == audit.ActorGateway {
		actor.ID = "erip"
	}
	p.keep(p.world.Append(audit.Event{At: p.at, Actor: actor, Action: action, OrderID: of.String(), Evidence: evidence}))
	p.at = p.at.Add(time.Minute)
}

// seal ends a day: something of another order, then the checkpoint.
func (p *passage) seal() {
	if p.err != nil {
		return
	}
	p.log(audit.ActorApplicant, audit.ActionTermsAccepted, order.NewID(), audit.Evidence{"agreement": "1"})
	p.keep(p.world.Seal(p.at.Add(p.changes.Sealed)))
	p.at = p.at.Add(24 * time.Hour)
}

func (p *passage) put(content []byte) order.ID {
	id := order.NewID()
	p.world.documents[id] = content
	return id
}

func (p *passage) request() {
	p.subject = testca.SampleIndividual()
	if p.service.NeedsApproval() {
		p.subject = testca.SampleEmployee()
	}
	var err error
	p.key, err = alg.GenerateKey(alg.KeyBign256, rand.Reader)
	p.keep(err)
	p.keyID, err = alg.KeyID(p.key.Public())
	p.keep(err)
	request, err := testca.ProfileExtensions.Request(p.subject, p.key, nil)
	if p.keep(err); p.err != nil {
		return
	}
	id := p.put(request.Raw).String()
	p.log(audit.ActorApplicant, audit.ActionRequestChecked, p.id, audit.Evidence{"verdict": "failed"})
	p.log(audit.ActorApplicant, audit.ActionRequestChecked, p.id, audit.Evidence{
		"verdict": "passed", "request-id": id, "request": audit.Digest(request.Raw), "key": p.keyID,
	})
	p.log(audit.ActorSystem, audit.ActionRequestSaved, p.id, audit.Evidence{"request-id": id})
	p.seal()
}

func (p *passage) pay() {
	if p.changes.Unpaid {
		return
	}
	p.log(audit.ActorGateway, audit.ActionPaymentApplied, p.payable, audit.Evidence{
		"payment": p.payment(), "message": audit.Digest([]byte("message")), "amount": strconv.FormatInt(int64(p.changes.Paid), 10), "currency": "BYN",
	})
}

func (p *passage) payment() string { return p.payable.String() }

func (p *passage) issue() {
	if p.err != nil {
		return
	}
	certificate, err := p.world.CA.Issue(testca.ProfileExtensions, p.subject, p.key.Public(), p.at, p.at.AddDate(1, 0, 0))
	if p.keep(err); p.err != nil {
		return
	}
	p.world.certificates[p.id] = certificate.Raw
	p.log(audit.ActorSystem, audit.ActionCertificateIssued, p.id, audit.Evidence{
		"payment": p.payment(), "certificate": audit.Digest(certificate.Raw), "key": p.keyID, "number": strconv.FormatInt(p.number, 10),
		"service": string(p.service), "serial": certificate.SerialNumber.Text(16),
	})
	p.seal()
}

func (p *passage) approve() {
	if p.err != nil {
		return
	}
	p.payable = order.NewID()
	if p.changes.Key != "" {
		p.keyID, p.changes.Key = p.changes.Key, p.keyID
	}
	list, err := approval.NewList(p.payable.String(), p.subject.Organisation, p.subject.UNP, p.at, []approval.Entry{{
		OrderID: p.changes.Listed.String(), Number: p.number, Surname: p.subject.Surname, GivenName: p.subject.GivenName, Patronymic: p.subject.Patronymic,
		PersonalNumber: p.subject.PersonalNumber, Position: p.subject.Position, Years: 1, KeyID: p.keyID, Price: Price,
	}})
	if p.keep(err); p.changes.Key != "" {
		p.keyID = p.changes.Key
	}
	canonical, err := list.Canonical()
	p.keep(err)
	evidence := p.sign(canonical)
	p.log(audit.ActorManager, audit.ActionListSigned, p.payable, evidence)
	p.log(audit.ActorManager, audit.ActionApproved, p.id, evidence)
	p.seal()
}

// sign keeps list, signature and what it was verified against.
func (p *passage) sign(canonical []byte) audit.Evidence {
	ca := p.world.CA
	key, err := alg.GenerateKey(alg.KeyBign256, rand.Reader)
	p.keep(err)
	head := testca.SampleEmployee()
	head.Surname, head.GivenName, head.Patronymic, head.Position, head.PersonalNumber = "Директоров", "Ян", "Янович", "Директор", "3010190A001PB9"
	manager, err := ca.Issue(testca.ProfileExtensions, head, key.Public(), p.at.AddDate(0, 0, -1), p.at.AddDate(1, 0, 0))
	if p.keep(err); p.err != nil {
		return nil
	}
	signature, err := cms.SignData(canonical, manager, key, cms.SignOptions{})
	p.keep(err)
	trust := ca.Trust()
	issuing, err := ca.CRL(p.at.Add(-time.Hour))
	p.keep(err)
	root, err := ca.RootCRL(p.at.Add(-time.Hour))
	p.keep(err)
	trust.CRLs = []*pki.CRL{issuing, root}
	listID, signatureID, certificateID := p.put(canonical), p.put(signature), p.put(manager.Raw)
	kept, err := approval.EvidenceDocuments(trust, signatureID, p.subject.UNP, p.at)
	p.keep(err)
	for _, d := range kept {
		p.world.documents[d.ID] = d.Content
	}
	return audit.Evidence{
		"confirmation": p.payable.String(), "list": audit.Digest(canonical), "list-id": listID.String(),
		"signature": audit.Digest(signature), "signature-id": signatureID.String(), "certificate": audit.Digest(manager.Raw),
		"certificate-id": certificateID.String(), "evidence": audit.Digest(kept[len(kept)-1].Content),
	}
}

// Checkpoints are all that seal the log.
func (w *World) Checkpoints() []audit.Checkpoint { return w.checkpoints }

// Documents are all that are stored, by id.
func (w *World) Documents() map[order.ID][]byte { return w.documents }
