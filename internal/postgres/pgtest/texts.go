package pgtest

import (
	"encoding/json"
	"fmt"
	"testing"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/remote-issuance/remote-issuance/internal/text"
)

// everyText names the columns that hold texts, in all tables.
const everyText = `SELECT c.table_name, c.column_name FROM information_schema.columns c
	JOIN information_schema.tables t USING (table_schema, table_name) WHERE c.table_schema = 'public' AND t.table_type = 'BASE TABLE'
	AND c.data_type IN ('text', 'character varying', 'jsonb', 'json', 'ARRAY')`

// NothingHostileIsStored fails the test when any text in any table could not be
// shown or stored again: see package text. Octets, which are kept as evidence of
// what was sent, are not texts.
func NothingHostileIsStored(t testing.TB, pool *pgxpool.Pool) {
	t.Helper()
	rows, err := pool.Query(t.Context(), everyText)
	if err != nil {
		t.Fatalf("columns with texts: %v", err)
	}
	type column struct{ Table, Name string }
	columns, err := pgx.CollectRows(rows, pgx.RowToStructByPos[column])
	if err != nil || len(columns) == 0 {
		t.Fatalf("columns with texts: %d, %v", len(columns), err)
	}
	for _, c := range columns {
		rows, err := pool.Query(t.Context(), fmt.Sprintf(`SELECT to_jsonb(%q)::text FROM %q WHERE %q IS NOT NULL`, c.Name, c.Table, c.Name))
		if err != nil {
			t.Fatalf("texts in %s.%s: %v", c.Table, c.Name, err)
		}
		values, err := pgx.CollectRows(rows, pgx.RowTo[string])
		if err != nil {
			t.Fatalf("texts in %s.%s: %v", c.Table, c.Name, err)
		}
		for _, raw := range values {
			if err := Shown([]byte(raw)); err != nil {
				t.Fatalf("%s.%s holds %.300q: %v", c.Table, c.Name, raw, err)
			}
		}
	}
}

// Shown returns an error for JSON with a string that is not one or more lines of
// good text.
func Shown(raw []byte) error {
	var value any
	if err := json.Unmarshal(raw, &value); err != nil {
		return err
	}
	return shownIn(value)
}

func shownIn(value any) error {
	switch v := value.(type) {
	case string:
		return text.Form{Lines: true}.Refuse(v)
	case []any:
		for _, inner := range v {
			if err := shownIn(inner); err != nil {
				return err
			}
		}
	case map[string]any:
		for name, inner := range v {
			if err := text.Refuse(name); err != nil {
				return err
			}
			if err := shownIn(inner); err != nil {
				return err
			}
		}
	}
	return nil
}
