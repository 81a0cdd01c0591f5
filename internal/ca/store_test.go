package ca

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/remote-issuance/remote-issuance/internal/pki"
	"github.com/remote-issuance/remote-issuance/internal/pki/alg"
	"github.com/remote-issuance/remote-issuance/internal/pki/der"
)

func newService(t require.TestingT, store Store, issuers ...Issuer) *Service {
	registry, err := NewRegistry(issuers...)
	require.NoError(t, err)
	s, err := NewService(registry, store)
	require.NoError(t, err)
	return s
}

func TestI1_EveryRetryGivesTheSameCertificate(t *testing.T) {
	t.Parallel()
	store := newFakeStore()
	a := newAuthority(t, "ecdsa", alg.KeyECDSAP256, alg.KeyECDSAP256)
	s := newService(t, store, a)
	app := individual(t, alg.KeyECDSAP256)
	first, err := s.Issue(t.Context(), app)
	require.NoError(t, err)
	app.Now = app.Now.Add(time.Hour)
	again, err := s.Issue(t.Context(), app)
	require.NoError(t, err)
	require.Equal(t, first, again)
	require.Len(t, store.rows, 1)
	c, err := pki.ParseCertificate(first.DER)
	require.NoError(t, err)
	require.NoError(t, c.CheckSignatureFrom(a.certificate))
}

var errCrash = errors.New("crash")

var killPoints = []string{
	"find", "before reserve", "after reserve", "before sign", "after sign", "before complete", "after complete",
}

// The process dies, or the database fails, at each point in turn.
func TestI1_KilledAtEachPoint(t *testing.T) {
	t.Parallel()
	for _, point := range killPoints {
		t.Run(point, func(t *testing.T) {
			t.Parallel()
			store := newFakeStore()
			a := newAuthority(t, "ecdsa", alg.KeyECDSAP256, alg.KeyECDSAP256)
			armed := true
			trip := func(at string) error {
				if armed && at == point {
					armed = false
					return fmt.Errorf("%w: %s", errCrash, at)
				}
				return nil
			}
			store.trip, a.signer = trip, flakySigner{a.signer, trip}
			app := individual(t, alg.KeyECDSAP256)
			_, err := newService(t, store, a).Issue(t.Context(), app)
			require.ErrorIs(t, err, errCrash)
			before := bytes.Clone(store.rows[app.OrderID].TBS)

			c, err := newService(t, store, a).Issue(t.Context(), app)
			require.NoError(t, err)
			require.Len(t, store.rows, 1)
			require.Equal(t, store.issued[app.OrderID], c.DER)
			if before != nil {
				require.Equal(t, before, store.rows[app.OrderID].TBS, "what was reserved is what is finished")
			}
		})
	}
}

// Nothing is signed while nothing is stored, as by a trigger that refuses the row.
func TestI1_NeverSignsWhatIsNotStored(t *testing.T) {
	t.Parallel()
	store := newFakeStore()
	a := newAuthority(t, "ecdsa", alg.KeyECDSAP256, alg.KeyECDSAP256)
	signed := 0
	a.signer = flakySigner{a.signer, func(string) error { signed++; return nil }}
	store.trip = func(point string) error {
		if point == "before reserve" {
			return errCrash
		}
		return nil
	}
	for range 3 {
		_, err := newService(t, store, a).Issue(t.Context(), individual(t, alg.KeyECDSAP256))
		require.ErrorIs(t, err, errCrash)
	}
	require.Zero(t, signed)
	_, err := a.Sign(t.Context(), Stored{})
	require.ErrorIs(t, err, ErrNotStored)
}

// The storing step alone fails again and again: the certificate waits, and comes once.
func TestI1_CompleteBrokenForAWhile(t *testing.T) {
	t.Parallel()
	store := newFakeStore()
	a := newAuthority(t, "ecdsa", alg.KeyECDSAP256, alg.KeyECDSAP256)
	s, app := newService(t, store, a), individual(t, alg.KeyECDSAP256)
	store.trip = func(point string) error {
		if point == "before complete" {
			return errCrash
		}
		return nil
	}
	for range 5 {
		_, err := s.Issue(t.Context(), app)
		require.ErrorIs(t, err, errCrash)
	}
	orphans, err := s.Orphans(t.Context(), issueTime, 10)
	require.NoError(t, err)
	require.Len(t, orphans, 1)
	store.trip = func(string) error { return nil }
	finished, err := s.Finish(t.Context(), orphans[0])
	require.NoError(t, err)
	c, err := s.Issue(t.Context(), app)
	require.NoError(t, err)
	require.Equal(t, finished, c)
	orphans, err = s.Orphans(t.Context(), issueTime, 10)
	require.NoError(t, err)
	require.Empty(t, orphans)
}

// Any number of orders, processes and breakdowns: one certificate each, every
// answer the same, no serial number twice.
func TestI1_AnyInterleavingIssuesOnce(t *testing.T) {
	t.Parallel()
	a := newAuthority(t, "ecdsa", alg.KeyECDSAP256, alg.KeyECDSAP256)
	key := a.signer
	apps := make([]Application, 3)
	for i := range apps {
		apps[i] = individual(t, alg.KeyECDSAP256)
		apps[i].OrderID = fmt.Sprintf("order-%d", i)
	}
	rapid.Check(t, func(t *rapid.T) {
		store, failing := newFakeStore(), map[string]bool{}
		store.trip = func(point string) error {
			if failing[point] {
				return errCrash
			}
			return nil
		}
		a.signer = flakySigner{key, store.trip}
		answers := map[string][]byte{}
		issue := func(t *rapid.T) {
			app := apps[rapid.IntRange(0, len(apps)-1).Draw(t, "order")]
			app.Now = app.Now.Add(time.Duration(rapid.IntRange(0, 600).Draw(t, "later")) * time.Second)
			c, err := newService(t, store, a).Issue(context.Background(), app)
			if err != nil {
				require.ErrorIs(t, err, errCrash)
				return
			}
			if known := answers[app.OrderID]; known != nil {
				require.Equal(t, known, c.DER)
			}
			answers[app.OrderID] = c.DER
		}
		t.Repeat(map[string]func(*rapid.T){
			"issue": issue,
			"break": func(t *rapid.T) { failing[rapid.SampledFrom(killPoints).Draw(t, "point")] = true },
			"mend":  func(*rapid.T) { clear(failing) },
			"": func(t *rapid.T) {
				require.Len(t, store.serials, len(store.rows))
				for id, der := range answers {
					require.Equal(t, der, store.issued[id])
				}
			},
		})
		clear(failing)
		for _, app := range apps {
			c, err := newService(t, store, a).Issue(context.Background(), app)
			require.NoError(t, err)
			require.Equal(t, store.issued[app.OrderID], c.DER)
		}
		require.Len(t, store.issued, len(apps))
	})
}

func TestI1_ConcurrentRetriesKeepOne(t *testing.T) {
	t.Parallel()
	store := newFakeStore()
	a := newAuthority(t, "ecdsa", alg.KeyECDSAP256, alg.KeyECDSAP256)
	app := individual(t, alg.KeyECDSAP256)
	out := make([]Certificate, 8)
	var all sync.WaitGroup
	for i := range out {
		all.Go(func() {
			c, err := newService(t, store, a).Issue(context.Background(), app)
			if err == nil {
				out[i] = c
			}
		})
	}
	all.Wait()
	for _, c := range out {
		require.NotEmpty(t, c.DER)
		require.Equal(t, out[0], c)
	}
}

func TestTakenSerialIsDrawnAnew(t *testing.T) {
	t.Parallel()
	store := newFakeStore()
	a := newAuthority(t, "ecdsa", alg.KeyECDSAP256, alg.KeyECDSAP256)
	same := bytes.Repeat([]byte{7}, 12)
	a.random = bytes.NewReader(bytes.Join([][]byte{same, same, bytes.Repeat([]byte{8}, 12), same, same, same}, nil))
	s := newService(t, store, a)
	for i := range 2 {
		app := individual(t, alg.KeyECDSAP256)
		app.OrderID = fmt.Sprintf("order-%d", i)
		_, err := s.Issue(t.Context(), app)
		require.NoError(t, err)
	}
	app := individual(t, alg.KeyECDSAP256)
	app.OrderID = "order-9"
	_, err := s.Issue(t.Context(), app)
	require.ErrorIs(t, err, ErrSerialTaken)
}

func TestOrderReservedForAnotherKey(t *testing.T) {
	t.Parallel()
	store := newFakeStore()
	s := newService(t, store, newAuthority(t, "ecdsa", alg.KeyECDSAP256, alg.KeyECDSAP256))
	_, err := s.Issue(t.Context(), individual(t, alg.KeyECDSAP256))
	require.NoError(t, err)
	_, err = s.Issue(t.Context(), individual(t, alg.KeyECDSAP256))
	require.ErrorIs(t, err, ErrOtherKey)
}

// What could not be issued after the payment is found before it.
func TestCheckTellsWhatCouldNotBeIssued(t *testing.T) {
	t.Parallel()
	store := newFakeStore()
	s := newService(t, store, newAuthority(t, "ecdsa", alg.KeyECDSAP256, alg.KeyECDSAP256))
	require.NoError(t, s.Check(individual(t, alg.KeyECDSAP256)))
	require.ErrorIs(t, s.Check(individual(t, alg.KeyBign256)), ErrNoIssuer)
	refused := individual(t, alg.KeyECDSAP256)
	refused.Request = newRequest(t, newKey(t, alg.KeyECDSAP256), der.UTF8String, individualName()[1:])
	require.ErrorIs(t, s.Check(refused), ErrRefused)
	long := individual(t, alg.KeyECDSAP256)
	long.Years = 4
	require.ErrorIs(t, s.Check(long), ErrTerm)
	require.Error(t, s.Check(Application{}))
	require.Empty(t, store.rows)
}

func TestServiceNeedsItsParts(t *testing.T) {
	t.Parallel()
	_, err := NewService(nil, newFakeStore())
	require.Error(t, err)
}
