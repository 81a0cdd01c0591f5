// Package cardtest makes issued orders with their audit log in memory, for
// trying cards for evidence out.
package cardtest

import (
	"context"
	"crypto"
	"slices"
	"time"

	"github.com/remote-issuance/remote-issuance/internal/audit"
	"github.com/remote-issuance/remote-issuance/internal/card"
	"github.com/remote-issuance/remote-issuance/internal/order"
	"github.com/remote-issuance/remote-issuance/internal/pki"
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
	// Listed is the number that the list names; the order's when zero.
	Listed int64
	// Request and Registers replace digests on the list.
	Request, Registers string
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
	if c.Listed == 0 {
		p.changes.Listed = number
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

// Checkpoints are all that seal the log.
func (w *World) Checkpoints() []audit.Checkpoint { return w.checkpoints }

// Documents are all that are stored, by id.
func (w *World) Documents() map[order.ID][]byte { return w.documents }
