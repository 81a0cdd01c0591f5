package inbox

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"time"
)

// store keeps messages in memory, and each as a file so that they survive a restart.
type store struct {
	dir string
	now func() time.Time

	mu       sync.Mutex
	messages []Message
}

func openStore(dir string, now func() time.Time) (*store, error) {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, err
	}
	names, err := filepath.Glob(filepath.Join(dir, "*.json"))
	if err != nil {
		return nil, err
	}
	s := &store{dir: dir, now: now}
	for _, name := range names {
		raw, err := os.ReadFile(name)
		if err != nil {
			return nil, err
		}
		var m Message
		if err := json.Unmarshal(raw, &m); err != nil {
			return nil, fmt.Errorf("%s: %w", name, err)
		}
		s.messages = append(s.messages, m)
	}
	slices.SortFunc(s.messages, func(a, b Message) int { return a.ID - b.ID })
	return s, nil
}

// add gives the message its number and time and returns when it is on disk.
func (s *store) add(m Message) (Message, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	m.ID, m.Received = 1, s.now().UTC()
	if n := len(s.messages); n > 0 {
		m.ID = s.messages[n-1].ID + 1
	}
	raw, err := json.Marshal(m)
	if err != nil {
		return Message{}, err
	}
	path := s.path(m.ID)
	// Written aside and renamed: a half file would stop the next start.
	if err := os.WriteFile(path+".new", raw, 0o600); err != nil {
		return Message{}, err
	}
	if err := os.Rename(path+".new", path); err != nil {
		return Message{}, err
	}
	s.messages = append(s.messages, m)
	return m, nil
}

func (s *store) path(id int) string { return filepath.Join(s.dir, fmt.Sprintf("%06d.json", id)) }

// list returns the messages, newest first, whose recipients contain to and whose channel is ch; empty means any.
func (s *store) list(to string, ch Channel) []Message {
	s.mu.Lock()
	defer s.mu.Unlock()
	found := []Message{}
	for _, m := range slices.Backward(s.messages) {
		if (ch == "" || m.Channel == ch) && (to == "" || m.isTo(to)) {
			found = append(found, m)
		}
	}
	return found
}

// isTo compares addresses without case, and phone numbers without a leading plus.
func (m Message) isTo(to string) bool {
	to = strings.TrimPrefix(strings.TrimSpace(to), "+")
	return slices.ContainsFunc(m.To, func(have string) bool { return strings.EqualFold(have, to) })
}

func (s *store) get(id int) (Message, bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	i, ok := slices.BinarySearchFunc(s.messages, id, func(m Message, id int) int { return m.ID - id })
	if !ok {
		return Message{}, false
	}
	return s.messages[i], true
}

func (s *store) clear() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	var errs []error
	for _, m := range s.messages {
		errs = append(errs, os.Remove(s.path(m.ID)))
	}
	s.messages = nil
	return errors.Join(errs...)
}
