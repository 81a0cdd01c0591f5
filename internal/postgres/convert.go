package postgres

import (
	"bytes"
	"encoding/json"
	"fmt"
	"strings"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5/pgtype"

	"github.com/remote-issuance/remote-issuance/internal/order"
)

// parseID reads an identifier of a port that writes them as texts. Error: order.ErrID.
func parseID(s string) (uuid.UUID, error) {
	id, err := order.ParseID(s)
	return uuid.UUID(id), err
}

// optional makes the identifier of nothing a missing one.
func optional(id order.ID) *uuid.UUID {
	if id.IsZero() {
		return nil
	}
	u := uuid.UUID(id)
	return &u
}

// idOf reads an identifier that may be missing.
func idOf(id *uuid.UUID) order.ID {
	if id == nil {
		return order.ID{}
	}
	return order.ID(*id)
}

func uuids(ids []order.ID) []uuid.UUID {
	out := make([]uuid.UUID, 0, len(ids))
	for _, id := range ids {
		out = append(out, uuid.UUID(id))
	}
	return out
}

func idsOf(ids []uuid.UUID) []order.ID {
	if len(ids) == 0 {
		return nil
	}
	out := make([]order.ID, 0, len(ids))
	for _, id := range ids {
		out = append(out, order.ID(id))
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

// stored is the instant as it is read back: PostgreSQL keeps microseconds.
func stored(t time.Time) time.Time { return t.UTC().Truncate(time.Microsecond) }

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

// toJSON writes a column of type jsonb, which cannot keep NUL.
func toJSON(what string, v any) ([]byte, error) {
	b, err := json.Marshal(v)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", what, err)
	}
	return withoutNUL(b), nil
}

// withoutNUL drops the escapes of NUL from JSON.
func withoutNUL(b []byte) []byte {
	const escaped = `\u0000`
	if !bytes.Contains(b, []byte(escaped)) {
		return b
	}
	out := make([]byte, 0, len(b))
	for len(b) > 0 {
		switch {
		case bytes.HasPrefix(b, []byte(escaped)):
			b = b[len(escaped):]
		case b[0] == '\\':
			// The next octet is escaped, and begins no escape itself.
			out, b = append(out, b[:2]...), b[2:]
		default:
			out, b = append(out, b[0]), b[1:]
		}
	}
	return out
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
