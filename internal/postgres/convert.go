package postgres

import (
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5/pgtype"
)

// ErrID is returned for an identifier that is not a UUID.
var ErrID = errors.New("not an identifier: want a UUID")

func parseID(s string) (uuid.UUID, error) {
	id, err := uuid.Parse(s)
	if err != nil {
		return uuid.UUID{}, ErrID
	}
	return id, nil
}

// optionalID reads an id that may be missing.
func optionalID(s string) (*uuid.UUID, error) {
	if s == "" {
		return nil, nil //nolint:nilnil // nothing is the value of an empty text
	}
	id, err := parseID(s)
	return &id, err
}

// idReader collects the first error of several ids.
type idReader struct{ err error }

func (r *idReader) id(s string) uuid.UUID {
	id, err := parseID(s)
	r.err = errors.Join(r.err, err)
	return id
}

func (r *idReader) optional(s string) *uuid.UUID {
	id, err := optionalID(s)
	r.err = errors.Join(r.err, err)
	return id
}

func (r *idReader) all(texts []string) []uuid.UUID {
	ids := make([]uuid.UUID, 0, len(texts))
	for _, s := range texts {
		ids = append(ids, r.id(s))
	}
	return ids
}

func texts(ids []uuid.UUID) []string {
	if len(ids) == 0 {
		return nil
	}
	out := make([]string, 0, len(ids))
	for _, id := range ids {
		out = append(out, id.String())
	}
	return out
}

func textOf(id *uuid.UUID) string {
	if id == nil {
		return ""
	}
	return id.String()
}

// orNull makes a zero time a missing one.
func orNull(t time.Time) *time.Time {
	if t.IsZero() {
		return nil
	}
	return &t
}

func timeOf(t *time.Time) time.Time {
	if t == nil {
		return time.Time{}
	}
	return *t
}

// storable drops what PostgreSQL cannot keep in a text: octets that are no
// UTF-8, and NUL. The raw message beside it keeps them.
func storable(s string) string {
	return strings.ReplaceAll(strings.ToValidUTF8(s, "\uFFFD"), "\x00", "")
}

func interval(d time.Duration) pgtype.Interval {
	return pgtype.Interval{Microseconds: d.Microseconds(), Valid: true}
}

func toJSON(what string, v any) ([]byte, error) {
	b, err := json.Marshal(v)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", what, err)
	}
	return b, nil
}

// fromJSON reads a column; a missing one leaves v as it is.
func fromJSON(what string, b []byte, v any) error {
	if len(b) == 0 {
		return nil
	}
	if err := json.Unmarshal(b, v); err != nil {
		return fmt.Errorf("%s: %w", what, err)
	}
	return nil
}
