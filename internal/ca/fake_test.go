package ca

import (
	"context"
	"crypto"
	"io"
	"sync"
	"time"
)

// fakeStore keeps rows as the database would. trip is called before and after
// every change: what it returns before is a failure to store, after it an
// answer that was lost although the row is there.
type fakeStore struct {
	mu      sync.Mutex
	rows    map[string]Prepared
	issued  map[string][]byte
	serials map[Serial]string
	trip    func(point string) error
}

func newFakeStore() *fakeStore {
	return &fakeStore{
		rows: map[string]Prepared{}, issued: map[string][]byte{}, serials: map[Serial]string{},
		trip: func(string) error { return nil },
	}
}

func (b *fakeStore) Find(_ context.Context, orderID string) (Stored, []byte, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if err := b.trip("find"); err != nil {
		return Stored{}, nil, err
	}
	p, ok := b.rows[orderID]
	if !ok {
		return Stored{}, nil, ErrNotReserved
	}
	return MarkStored(p), b.issued[orderID], nil
}

func (b *fakeStore) Reserve(_ context.Context, p Prepared) (Stored, bool, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if err := b.trip("before reserve"); err != nil {
		return Stored{}, false, err
	}
	if kept, ok := b.rows[p.OrderID]; ok {
		return MarkStored(kept), true, nil
	}
	if _, taken := b.serials[p.Serial]; taken {
		return Stored{}, false, ErrSerialTaken
	}
	b.rows[p.OrderID], b.serials[p.Serial] = p, p.OrderID
	return MarkStored(p), false, b.trip("after reserve")
}

func (b *fakeStore) Complete(_ context.Context, stored Stored, der []byte) ([]byte, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if err := b.trip("before complete"); err != nil {
		return nil, err
	}
	id := stored.Prepared().OrderID
	if b.issued[id] == nil {
		b.issued[id] = der
	}
	return b.issued[id], b.trip("after complete")
}

func (b *fakeStore) Orphans(_ context.Context, _ time.Time, limit int) ([]Stored, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	var out []Stored
	for id, p := range b.rows {
		if b.issued[id] == nil && len(out) < limit {
			out = append(out, MarkStored(p))
		}
	}
	return out, nil
}

// flakySigner is a key that breaks down when told to, before or after it signed.
type flakySigner struct {
	crypto.Signer
	trip func(point string) error
}

func (s flakySigner) Sign(random io.Reader, digest []byte, opts crypto.SignerOpts) ([]byte, error) {
	if err := s.trip("before sign"); err != nil {
		return nil, err
	}
	signature, err := s.Signer.Sign(random, digest, opts)
	if err := s.trip("after sign"); err != nil {
		return nil, err
	}
	return signature, err
}
