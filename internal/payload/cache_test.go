package payload_test

import (
	"context"
	"fmt"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"
	"go.temporal.io/sdk/workflow"

	"github.com/remote-issuance/remote-issuance/internal/payload"
	"github.com/remote-issuance/remote-issuance/internal/payload/keyring"
)

func TestAKeyIsAskedForOnce(t *testing.T) {
	store := newStore()
	dc := of(newCache(t, store), "order-1")
	for range 10 {
		p, err := dc.ToPayload(person{Name: marker})
		require.NoError(t, err)
		var back person
		require.NoError(t, dc.FromPayload(p, &back))
	}
	require.Equal(t, 1, store.asked())
}

func TestANewRunsKeyIsUsedAfterItsInputIsRead(t *testing.T) {
	store := newStore()
	api, worker := newCache(t, store), newCache(t, store)
	old, err := of(worker, "order-1").ToPayload(person{Name: "first run"})
	require.NoError(t, err)
	second := store.renew("order-1")
	input, err := of(api, "order-1").ToPayload(person{Name: "second run"})
	require.NoError(t, err)
	require.Equal(t, second.ID.String(), keyIDOf(input))

	var back person
	require.NoError(t, of(worker, "order-1").FromPayload(input, &back))
	result, err := of(worker, "order-1").ToPayload(person{Name: "result"})
	require.NoError(t, err)
	require.Equal(t, second.ID.String(), keyIDOf(result))

	// Reading the closed run again must not bring its key back.
	require.NoError(t, of(worker, "order-1").FromPayload(old, &back))
	require.Equal(t, "first run", back.Name)
	result, err = of(worker, "order-1").ToPayload(person{Name: "result"})
	require.NoError(t, err)
	require.Equal(t, second.ID.String(), keyIDOf(result))
}

func TestAnotherWorkflowsKeyIsNeverAdopted(t *testing.T) {
	store := newStore()
	cache := newCache(t, store)
	own, err := of(cache, "order-1").ToPayload(person{})
	require.NoError(t, err)
	store.renew("confirmation-1")
	store.renew("confirmation-1")
	foreign, err := of(newCache(t, store), "confirmation-1").ToPayload(person{})
	require.NoError(t, err)
	require.ErrorIs(t, of(cache, "order-1").FromPayload(foreign, &person{}), payload.ErrForeignKey)
	next, err := of(cache, "order-1").ToPayload(person{})
	require.NoError(t, err)
	require.Equal(t, keyIDOf(own), keyIDOf(next))
}

func TestTheCurrentKeyIsLookedUpAgainAfterAMinute(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		store := newStore()
		dc := of(newCache(t, store), "order-1")
		first, err := dc.ToPayload(person{})
		require.NoError(t, err)
		second := store.renew("order-1")
		time.Sleep(keyring.CurrentTTL - time.Millisecond)
		p, err := dc.ToPayload(person{})
		require.NoError(t, err)
		require.Equal(t, keyIDOf(first), keyIDOf(p))
		time.Sleep(time.Millisecond)
		p, err = dc.ToPayload(person{})
		require.NoError(t, err)
		require.Equal(t, second.ID.String(), keyIDOf(p))
	})
}

func TestForgetShowsANewKeyAtOnce(t *testing.T) {
	store := newStore()
	cache := newCache(t, store)
	_, err := of(cache, "order-1").ToPayload(person{})
	require.NoError(t, err)
	second := store.renew("order-1")
	cache.Forget("order-1")
	p, err := of(cache, "order-1").ToPayload(person{})
	require.NoError(t, err)
	require.Equal(t, second.ID.String(), keyIDOf(p))
}

func TestAKeyThatIsBegunIsUsedWithoutAsking(t *testing.T) {
	store := newStore()
	cache := newCache(t, store)
	_, err := of(cache, "order-1").ToPayload(person{})
	require.NoError(t, err)
	second, asked := store.renew("order-1"), store.asked()
	require.NoError(t, cache.Begin(second))
	p, err := of(cache, "order-1").ToPayload(person{Name: marker})
	require.NoError(t, err)
	require.Equal(t, second.ID.String(), keyIDOf(p))
	require.Equal(t, asked, store.asked())

	// Who reads it elsewhere is told that it is the last one, and answers under it.
	elsewhere := newCache(t, store)
	var back person
	require.NoError(t, of(elsewhere, "order-1").FromPayload(p, &back))
	require.Equal(t, marker, back.Name)
	q, err := of(elsewhere, "order-1").ToPayload(person{})
	require.NoError(t, err)
	require.Equal(t, second.ID.String(), keyIDOf(q))
	require.Equal(t, asked+1, store.asked())
}

func TestAnOldKeyIsNotAnsweredUnder(t *testing.T) {
	store := newStore()
	p, err := of(newCache(t, store), "order-1").ToPayload(person{})
	require.NoError(t, err)
	second := store.renew("order-1")
	elsewhere := newCache(t, store)
	var back person
	require.NoError(t, of(elsewhere, "order-1").FromPayload(p, &back))
	q, err := of(elsewhere, "order-1").ToPayload(person{})
	require.NoError(t, err)
	require.Equal(t, second.ID.String(), keyIDOf(q))
}

// late gives what it read after something else has happened.
type late struct {
	*memoryStore
	meanwhile func()
}

func (l late) ByID(ctx context.Context, id uuid.UUID) (keyring.Key, error) {
	key, err := l.memoryStore.ByID(ctx, id)
	l.meanwhile()
	return key, err
}

func TestAnAnswerThatWasOvertakenIsNotEncryptedUnder(t *testing.T) {
	store := newStore()
	p, err := of(newCache(t, store), "order-1").ToPayload(person{})
	require.NoError(t, err)
	var cache *payload.Cache
	var second keyring.Key
	cache = newCache(t, late{store, func() {
		second = store.renew("order-1")
		require.NoError(t, cache.Begin(second))
	}})
	var back person
	require.NoError(t, of(cache, "order-1").FromPayload(p, &back))
	q, err := of(cache, "order-1").ToPayload(person{})
	require.NoError(t, err)
	require.Equal(t, second.ID.String(), keyIDOf(q))
}

func TestErasureReachesEveryProcess(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		store := newStore()
		here, elsewhere := newCache(t, store), newCache(t, store)
		p, err := of(here, "order-1").ToPayload(person{Name: marker})
		require.NoError(t, err)
		kept, err := of(here, "order-2").ToPayload(person{Name: marker})
		require.NoError(t, err)
		var back person
		require.NoError(t, of(elsewhere, "order-1").FromPayload(p, &back))

		store.erase("order-1")
		here.Forget("order-1")
		require.ErrorIs(t, of(here, "order-1").FromPayload(p, &person{}), keyring.ErrKeyErased)
		time.Sleep(payload.KeyTTL)
		require.ErrorIs(t, of(elsewhere, "order-1").FromPayload(p, &person{}), keyring.ErrKeyErased)
		require.NoError(t, of(here, "order-2").FromPayload(kept, &back), "other orders stay readable")
	})
}

func TestUnknownKeysAreTold(t *testing.T) {
	p, err := of(newCache(t, newStore()), "order-1").ToPayload(person{})
	require.NoError(t, err)
	require.ErrorIs(t, of(newCache(t, newStore()), "order-1").FromPayload(p, &person{}), keyring.ErrKeyUnknown)
}

func TestAStoreThatIsDownIsAskedAgain(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		store := newStore()
		dc := of(newCache(t, store), "order-1")
		store.fail(4)
		_, err := dc.ToPayload(person{})
		require.NoError(t, err)
		require.Equal(t, 5, store.asked())
	})
}

func TestAStoreThatStaysDown(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		store := newStore()
		cache := newCache(t, store)
		store.fail(1000)
		started := time.Now()
		_, err := of(cache, "order-1").ToPayload(person{})
		require.ErrorIs(t, err, payload.ErrKeysUnavailable)
		require.ErrorIs(t, err, errStoreDown)
		require.Less(t, time.Since(started), 10*time.Second, "shorter than a workflow task")

		inWorkflow := of(cache, "order-1").(workflow.ContextAware).WithWorkflowContext(nil)
		require.Panics(t, func() { _, _ = inWorkflow.ToPayload(person{}) }, "blocks the task, not the workflow")
	})
}

func TestACancelledCallerDoesNotWait(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		store := newStore()
		store.fail(1000)
		ctx, cancel := context.WithCancel(t.Context())
		cancel()
		started := time.Now()
		_, err := of(newCache(t, store), "order-1").(workflow.ContextAware).WithContext(ctx).ToPayload(person{})
		require.ErrorIs(t, err, context.Canceled)
		require.Zero(t, time.Since(started))
		// The shared look-up goes on for others; virtual time lets it end.
		time.Sleep(time.Minute)
	})
}

func TestManyAtOnce(t *testing.T) {
	store := newStore()
	cache, err := payload.NewCache(store, 3)
	require.NoError(t, err)
	var group sync.WaitGroup
	for i := range 40 {
		group.Go(func() {
			id := fmt.Sprintf("order-%d", i%5)
			for round := range 20 {
				p, err := of(cache, id).ToPayload(person{Name: id})
				if err != nil {
					t.Error(err)
					return
				}
				var back person
				if err := of(cache, id).FromPayload(p, &back); err != nil || back.Name != id {
					t.Errorf("%v: %q", err, back.Name)
				}
				if round%7 == 0 {
					store.renew(id)
					cache.Forget(id)
				}
			}
		})
	}
	group.Wait()
}

func TestNewCacheRefuses(t *testing.T) {
	_, err := payload.NewCache(nil, 10)
	require.Error(t, err)
	_, err = payload.NewCache(newStore(), 0)
	require.Error(t, err)
}
