package payload_test

import (
	"context"
	"errors"
	"sync"

	"github.com/google/uuid"

	"github.com/remote-issuance/remote-issuance/internal/payload/keyring"
	"github.com/remote-issuance/remote-issuance/internal/seal"
)

var errStoreDown = errors.New("connection refused")

// memoryStore keeps keys as the database does: sealed under a master key.
type memoryStore struct {
	mu      sync.Mutex
	ring    *seal.Keyring
	sealed  map[uuid.UUID][]byte
	keys    map[uuid.UUID]keyring.Key
	current map[string]keyring.Key
	// down is how many calls fail before the store answers.
	down  int
	calls int
}

func newStore() *memoryStore {
	ring, err := seal.NewKeyring(seal.MasterKey{ID: "m1", Key: [32]byte{1}})
	if err != nil {
		panic(err)
	}
	return &memoryStore{
		ring: ring, sealed: map[uuid.UUID][]byte{}, keys: map[uuid.UUID]keyring.Key{}, current: map[string]keyring.Key{},
	}
}

func (s *memoryStore) called() error {
	s.calls++
	if s.down > 0 {
		s.down--
		return errStoreDown
	}
	return nil
}

func (s *memoryStore) Current(_ context.Context, workflowID string) (keyring.Key, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if err := s.called(); err != nil {
		return keyring.Key{}, err
	}
	if _, ok := s.current[workflowID]; !ok {
		s.put(keyring.NewKey(workflowID, 1))
	}
	return s.current[workflowID], nil
}

func (s *memoryStore) put(k keyring.Key) {
	sealed, err := s.ring.Seal(k.Key[:], k.ID[:])
	if err != nil {
		panic(err)
	}
	s.current[k.WorkflowID], s.sealed[k.ID], s.keys[k.ID] = k, sealed, k
}

func (s *memoryStore) ByID(_ context.Context, id uuid.UUID) (keyring.Key, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if err := s.called(); err != nil {
		return keyring.Key{}, err
	}
	k, ok := s.keys[id]
	if !ok {
		return keyring.Key{}, keyring.ErrKeyUnknown
	}
	sealed := s.sealed[id]
	if sealed == nil {
		return keyring.Key{}, keyring.ErrKeyErased
	}
	raw, err := s.ring.Open(sealed, id[:])
	if err != nil {
		return keyring.Key{}, err
	}
	k.Key, k.Current = [keyring.KeySize]byte(raw), s.current[k.WorkflowID].ID == id
	return k, nil
}

// renew makes the key of the workflow id's next run.
func (s *memoryStore) renew(workflowID string) keyring.Key {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.put(keyring.NewKey(workflowID, s.current[workflowID].Sequence+1))
	return s.current[workflowID]
}

func (s *memoryStore) erase(workflowID string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for id, k := range s.keys {
		if k.WorkflowID == workflowID {
			s.sealed[id] = nil
		}
	}
}

func (s *memoryStore) fail(calls int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.down = calls
}

func (s *memoryStore) asked() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.calls
}
