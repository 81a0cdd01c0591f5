package payload

import (
	"context"
	"crypto/aes"
	"crypto/cipher"
	"errors"
	"fmt"
	"time"

	"github.com/google/uuid"
	lru "github.com/hashicorp/golang-lru/v2"
	"golang.org/x/sync/singleflight"

	"github.com/remote-issuance/remote-issuance/internal/payload/keyring"
)

const (
	// KeyTTL is how long a process may still read what an erased key encrypted.
	KeyTTL = 10 * time.Minute
	// loadBudget bounds all tries of one load; a workflow task lasts 10 s.
	loadBudget = 5 * time.Second
	firstPause = 50 * time.Millisecond
)

// Cache keeps keys in memory in front of a keyring.Store, which it asks again
// when it does not answer. It is safe for concurrent use.
type Cache struct {
	store   keyring.Store
	byID    *lru.Cache[uuid.UUID, entry]
	current *lru.Cache[string, entry]
	flights singleflight.Group
	seen    seen
}

type entry struct {
	key     *opened
	expires time.Time
}

func (e entry) fresh() bool { return e.key != nil && time.Now().Before(e.expires) }

// opened is a key made ready for use; the raw key is not kept.
type opened struct {
	id         uuid.UUID
	workflowID string
	sequence   int64
	aead       cipher.AEAD
}

// NewCache keeps up to size keys, and as many workflow ids, in memory.
func NewCache(store keyring.Store, size int) (*Cache, error) {
	if store == nil {
		return nil, errors.New("payload cache: a key store is needed")
	}
	byID, err := lru.New[uuid.UUID, entry](size)
	if err != nil {
		return nil, fmt.Errorf("payload cache: %w", err)
	}
	current, err := lru.New[string, entry](size)
	if err != nil {
		return nil, fmt.Errorf("payload cache: %w", err)
	}
	return &Cache{store: store, byID: byID, current: current, seen: newSeen()}, nil
}

// Begin makes a key that its store has just made or found the current one of
// its workflow id, in the place of whatever was known.
func (c *Cache) Begin(raw keyring.Key) error {
	c.Forget(raw.WorkflowID)
	_, err := c.keep(raw)
	return err
}

// keep takes a key as the store has just given it.
func (c *Cache) keep(raw keyring.Key) (*opened, error) {
	key, err := open(raw)
	if err != nil {
		return nil, err
	}
	c.byID.Add(key.id, entry{key: key, expires: time.Now().Add(KeyTTL)})
	if raw.Current {
		c.remember(key)
	}
	return key, nil
}

// remember notes the current key of a workflow id; an answer that was overtaken
// by a newer key changes nothing.
func (c *Cache) remember(key *opened) {
	if e, ok := c.current.Peek(key.workflowID); ok && e.fresh() && e.key.sequence > key.sequence {
		return
	}
	c.current.Add(key.workflowID, entry{key: key, expires: time.Now().Add(keyring.CurrentTTL)})
}

// Forget drops what is known of a workflow id: its next payload asks the
// store. To be called where a new key was made for it or its keys were erased.
func (c *Cache) Forget(workflowID string) {
	c.current.Remove(workflowID)
	for _, id := range c.byID.Keys() {
		if e, ok := c.byID.Peek(id); ok && e.key.workflowID == workflowID {
			c.byID.Remove(id)
		}
	}
}

// currentKey is the key to encrypt with. Errors: ErrNoWorkflow, ErrKeysUnavailable.
func (c *Cache) currentKey(ctx context.Context, workflowID string) (*opened, error) {
	if workflowID == "" {
		return nil, ErrNoWorkflow
	}
	if e, ok := c.current.Get(workflowID); ok && e.fresh() {
		return e.key, nil
	}
	return c.load(ctx, "w"+workflowID, func(ctx context.Context) (keyring.Key, error) {
		return c.store.Current(ctx, workflowID)
	})
}

// keyByID is the key to decrypt with. A newer key of the workflow that is
// being read becomes its current one at once: whoever reads the input of a
// new run answers under the key of that run. Errors: keyring.ErrKeyErased,
// keyring.ErrKeyUnknown, ErrKeysUnavailable.
func (c *Cache) keyByID(ctx context.Context, id uuid.UUID, workflowID string) (*opened, error) {
	key, err := c.find(ctx, id)
	if err != nil {
		return nil, err
	}
	if workflowID != "" && key.workflowID == workflowID {
		c.adopt(key)
	}
	return key, nil
}

func (c *Cache) find(ctx context.Context, id uuid.UUID) (*opened, error) {
	if e, ok := c.byID.Get(id); ok && e.fresh() {
		return e.key, nil
	}
	key, err := c.load(ctx, "k"+string(id[:]), func(ctx context.Context) (keyring.Key, error) {
		return c.store.ByID(ctx, id)
	})
	if errors.Is(err, keyring.ErrKeyErased) {
		c.byID.Remove(id)
	}
	return key, err
}

func (c *Cache) adopt(key *opened) {
	e, ok := c.current.Peek(key.workflowID)
	if ok && e.key.sequence >= key.sequence {
		return
	}
	// Without a known current key an old payload proves nothing: a closed
	// order may be read while its successor is running.
	if ok {
		c.remember(key)
	}
}

// load asks the store once for all who wait, and remembers the answer.
func (c *Cache) load(ctx context.Context, flight string, ask func(context.Context) (keyring.Key, error)) (*opened, error) {
	result := c.flights.DoChan(flight, func() (any, error) {
		// The first caller's cancellation must not fail the others.
		ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), loadBudget)
		defer cancel()
		raw, err := insist(ctx, ask)
		if err != nil {
			return nil, err
		}
		return c.keep(raw)
	})
	select {
	case <-ctx.Done():
		return nil, fmt.Errorf("%w: %w", ErrKeysUnavailable, ctx.Err())
	case r := <-result:
		if r.Err != nil {
			return nil, r.Err
		}
		return r.Val.(*opened), nil
	}
}

func open(k keyring.Key) (*opened, error) {
	block, err := aes.NewCipher(k.Key[:])
	if err != nil {
		return nil, fmt.Errorf("payload key: %w", err)
	}
	aead, err := cipher.NewGCMWithRandomNonce(block)
	if err != nil {
		return nil, fmt.Errorf("payload key: %w", err)
	}
	return &opened{id: k.ID, workflowID: k.WorkflowID, sequence: k.Sequence, aead: aead}, nil
}

// insist repeats a failing question with growing pauses until ctx ends.
func insist(ctx context.Context, ask func(context.Context) (keyring.Key, error)) (keyring.Key, error) {
	for pause := firstPause; ; pause *= 2 {
		key, err := ask(ctx)
		if err == nil || errors.Is(err, keyring.ErrKeyErased) || errors.Is(err, keyring.ErrKeyUnknown) {
			return key, err
		}
		select {
		case <-ctx.Done():
			return keyring.Key{}, fmt.Errorf("%w: %w", ErrKeysUnavailable, err)
		case <-time.After(pause):
		}
	}
}
