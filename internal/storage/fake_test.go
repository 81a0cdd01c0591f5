package storage

import (
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
)

// fakeStore keeps rows as the database would, and fails where a test says so.
type fakeStore struct {
	mu          sync.Mutex
	credentials map[string]Credential
	issued      Issued
	fetched     int
	taken       int
	fail        error
}

func (s *fakeStore) Create(_ context.Context, g Credential) (Credential, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if kept, ok := s.credentials[g.OrderID]; ok {
		return kept, nil
	}
	if s.taken > 0 {
		s.taken--
		return Credential{}, ErrLoginTaken
	}
	s.credentials[g.OrderID] = g
	return g, s.fail
}

func (s *fakeStore) ByLogin(_ context.Context, login Login) (Credential, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.fail != nil {
		return Credential{}, s.fail
	}
	for _, g := range s.credentials {
		if g.Login == login {
			return g, nil
		}
	}
	return Credential{}, ErrNotFound
}

func (s *fakeStore) ByOrder(_ context.Context, orderID string) (Credential, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	g, ok := s.credentials[orderID]
	if !ok {
		return Credential{}, ErrNotFound
	}
	return g, nil
}

func (s *fakeStore) update(orderID string, change func(*Credential)) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	g := s.credentials[orderID]
	change(&g)
	s.credentials[orderID] = g
	return nil
}

func (s *fakeStore) Forget(_ context.Context, orderID string) error {
	return s.update(orderID, func(g *Credential) { g.Sealed = nil })
}

func (s *fakeStore) Rehash(_ context.Context, orderID, old, fresh string) error {
	return s.update(orderID, func(g *Credential) {
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

func (a *fakeAttempts) Release(_ context.Context, c Counter) error {
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.counts[c] > 0 {
		a.counts[c]--
	}
	return a.fail
}

// all are what all counters have together.
func (a *fakeAttempts) all() int {
	a.mu.Lock()
	defer a.mu.Unlock()
	sum := 0
	for _, n := range a.counts {
		sum += n
	}
	return sum
}

type bundleOf struct {
	store    *fakeStore
	attempts *fakeAttempts
	issuer   *Issuer
	service  *Service
	clock    *time.Time
}

var (
	home  = netip.MustParseAddr("192.0.2.7")
	other = netip.MustParseAddr("192.0.2.8")
)

func setup(t *testing.T) bundleOf {
	t.Helper()
	ring := ringOf(t, "m1")
	hasher, err := NewHasher(ring, 4)
	require.NoError(t, err)
	now := time.Date(2026, 3, 2, 9, 1, 0, 0, time.UTC)
	b := bundleOf{
		store:    &fakeStore{credentials: map[string]Credential{}, issued: Issued{Certificate: certificate(t, "end"), Chain: [][]byte{certificate(t, "ca")}}},
		attempts: &fakeAttempts{counts: map[Counter]int{}},
		clock:    &now,
	}
	b.issuer, err = NewIssuer(b.store, hasher, ring, rand.Reader, 0)
	require.NoError(t, err)
	b.service = b.process(t)
	return b
}

// process is another API process over the same database.
func (b bundleOf) process(t *testing.T) *Service {
	t.Helper()
	hasher, err := NewHasher(ringOf(t, "m1"), 2)
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
	_, err := b.issuer.Provide(t.Context(), orderID, *b.clock)
	require.NoError(t, err)
	l, p, err := b.issuer.Reveal(t.Context(), orderID)
	require.NoError(t, err)
	return string(l.Login), p.Reveal()
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
