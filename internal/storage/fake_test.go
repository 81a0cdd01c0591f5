package storage

import (
	"bytes"
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"crypto/x509/pkix"
	"math/big"
	"net/netip"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/remote-issuance/remote-issuance/internal/seal"
)

// fakeStore keeps rows as the database would, and fails where a test says so.
type fakeStore struct {
	mu      sync.Mutex
	grants  map[string]Grant
	issued  Issued
	fetched int
	taken   int
	fail    error
}

func (s *fakeStore) Create(_ context.Context, g Grant) (Grant, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if kept, ok := s.grants[g.OrderID]; ok {
		return kept, nil
	}
	if s.taken > 0 {
		s.taken--
		return Grant{}, ErrLoginTaken
	}
	s.grants[g.OrderID] = g
	return g, s.fail
}

func (s *fakeStore) ByLogin(_ context.Context, login Login) (Grant, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.fail != nil {
		return Grant{}, s.fail
	}
	for _, g := range s.grants {
		if g.Login == login {
			return g, nil
		}
	}
	return Grant{}, ErrNotFound
}

func (s *fakeStore) ByOrder(_ context.Context, orderID string) (Grant, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	g, ok := s.grants[orderID]
	if !ok {
		return Grant{}, ErrNotFound
	}
	return g, nil
}

func (s *fakeStore) update(orderID string, change func(*Grant)) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	g := s.grants[orderID]
	change(&g)
	s.grants[orderID] = g
	return nil
}

func (s *fakeStore) Forget(_ context.Context, orderID string) error {
	return s.update(orderID, func(g *Grant) { g.Sealed = nil })
}

func (s *fakeStore) Rehash(_ context.Context, orderID, old, fresh string) error {
	return s.update(orderID, func(g *Grant) {
		if g.Hash == old {
			g.Hash = fresh
		}
	})
}

func (s *fakeStore) Fetch(context.Context, string, time.Time) (Issued, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.fetched++
	return s.issued, nil
}

// fakeAttempts counts like the shared table.
type fakeAttempts struct {
	mu     sync.Mutex
	counts map[Counter]int
	fail   error
}

func (a *fakeAttempts) Register(_ context.Context, c Counter) (int, error) {
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.fail != nil {
		return 0, a.fail
	}
	a.counts[c]++
	return a.counts[c], nil
}

type bundleOf struct {
	store    *fakeStore
	attempts *fakeAttempts
	desk     *Desk
	service  *Service
	clock    *time.Time
}

var (
	home  = netip.MustParseAddr("192.0.2.7")
	other = netip.MustParseAddr("192.0.2.8")
)

// quick is the cheapest cost: what is tested is the logic around the hash.
func quick() Cost { return Cost{MemoryKiB: 8, Passes: 1, Lanes: 1} }

func setup(t *testing.T) bundleOf {
	t.Helper()
	hasher, err := NewHasher(quick(), 4)
	require.NoError(t, err)
	ring, err := seal.NewKeyring(seal.MasterKey{ID: "m1", Key: [seal.KeySize]byte(bytes.Repeat([]byte{7}, seal.KeySize))})
	require.NoError(t, err)
	now := time.Date(2026, 3, 2, 9, 1, 0, 0, time.UTC)
	b := bundleOf{
		store:    &fakeStore{grants: map[string]Grant{}, issued: Issued{Certificate: certificate(t, "end"), Chain: [][]byte{certificate(t, "ca")}}},
		attempts: &fakeAttempts{counts: map[Counter]int{}},
		clock:    &now,
	}
	b.desk, err = NewDesk(b.store, hasher, ring, rand.Reader, 0)
	require.NoError(t, err)
	b.service = b.process(t)
	return b
}

// process is another API process over the same database.
func (b bundleOf) process(t *testing.T) *Service {
	t.Helper()
	hasher, err := NewHasher(quick(), 2)
	require.NoError(t, err)
	limiter, err := NewLimiter(b.attempts, DefaultLimits(), []byte("sixteen octets .."))
	require.NoError(t, err)
	service, err := NewService(b.store, hasher, limiter, func() time.Time { return *b.clock })
	require.NoError(t, err)
	return service
}

// provide gives the credentials of a new order in the clear.
func (b bundleOf) provide(t *testing.T, orderID string) (login, password string) {
	t.Helper()
	_, err := b.desk.Provide(t.Context(), orderID, *b.clock)
	require.NoError(t, err)
	l, p, err := b.desk.Reveal(t.Context(), orderID)
	require.NoError(t, err)
	return string(l), p.Reveal()
}

func certificate(t *testing.T, name string) []byte {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	require.NoError(t, err)
	template := &x509.Certificate{SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: name}}
	der, err := x509.CreateCertificate(rand.Reader, template, template, key.Public(), key)
	require.NoError(t, err)
	return der
}
