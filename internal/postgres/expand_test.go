package postgres_test

import (
	"io/fs"
	"os"
	"path"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// baseline is the last migration that was made before releases had to live
// side by side; from the next on, the release before goes on working.
const baseline = 22

// A migration that takes something away names, in its first line, the release
// that was the last to need it: -- contract: after 1.4.0
var contract = regexp.MustCompile(`^-- contract: after \d+\.\d+\.\d+$`)

// contracting are statements that a program of the release before would trip
// over, by what they do. Statements come in upper case, blanks made one, with
// literals, comments and quoted names left out.
var contracting = []struct {
	does    string
	pattern *regexp.Regexp
}{
	{"drops", regexp.MustCompile(`\bDROP (INDEX|TABLE|COLUMN|VIEW|TYPE|FUNCTION|SCHEMA|SEQUENCE|DEFAULT|DOMAIN|EXTENSION|MATERIALIZED)\b`)},
	{"drops a column", regexp.MustCompile(`\bALTER TABLE\b.*\bDROP (IF EXISTS )?[A-Z_"]`)},
	{"renames", regexp.MustCompile(`\bRENAME\b`)},
	{"changes a type", regexp.MustCompile(`\bALTER (COLUMN )?\S+ (SET DATA )?TYPE\b`)},
	{"wants a value", regexp.MustCompile(`\bSET NOT NULL\b`)},
	{"restricts rows that are there", regexp.MustCompile(`\bALTER TABLE\b.*\bADD (CONSTRAINT \S+ )?(CHECK|UNIQUE|PRIMARY KEY|FOREIGN KEY|EXCLUDE)\b`)},
	{"restricts rows that are there", regexp.MustCompile(`\bCREATE UNIQUE INDEX\b`)},
	{"deletes", regexp.MustCompile(`\b(DELETE FROM|TRUNCATE)\b`)},
	{"takes rights", regexp.MustCompile(`\bREVOKE\b`)},
	{"moves", regexp.MustCompile(`\bSET SCHEMA\b`)},
}

// column is a column that is added to a table that is there.
var column = regexp.MustCompile(`\bADD (COLUMN )?(IF NOT EXISTS )?\S+ [^,]*`)

// breaks tells why a migration is none that only adds; empty for one that does.
func breaks(migration string) []string {
	var found []string
	created := map[string]bool{}
	for _, statement := range statements(up(migration)) {
		if m := regexp.MustCompile(`^CREATE TABLE (IF NOT EXISTS )?(\S+)`).FindStringSubmatch(statement); m != nil {
			created[m[2]] = true
			continue
		}
		if m := regexp.MustCompile(`^CREATE UNIQUE INDEX .*\bON (ONLY )?([^\s(]+)`).FindStringSubmatch(statement); m != nil && created[m[2]] {
			continue
		}
		for _, c := range contracting {
			if c.pattern.MatchString(widened(statement)) {
				found = append(found, c.does+": "+statement)
				break
			}
		}
		if !strings.HasPrefix(statement, "ALTER TABLE") {
			continue
		}
		for _, added := range column.FindAllString(statement, -1) {
			if strings.Contains(added, "NOT NULL") && !strings.Contains(added, "DEFAULT") && !strings.Contains(added, "GENERATED") {
				found = append(found, "adds a column that the release before does not fill: "+statement)
			}
		}
	}
	return found
}

var replaced = regexp.MustCompile(`\bDROP CONSTRAINT (\S+) ?, ADD CONSTRAINT (\S+) CHECK\b`)

// widened leaves out a check that takes the place of another of its name: it
// lets more values in, which review sees to.
func widened(statement string) string {
	return replaced.ReplaceAllStringFunc(statement, func(s string) string {
		if m := replaced.FindStringSubmatch(s); m[1] == m[2] {
			return ""
		}
		return s
	})
}

// up is the part of a migration that goes forward.
func up(migration string) string {
	_, rest, _ := strings.Cut(migration, "-- +goose Up")
	forward, _, _ := strings.Cut(rest, "-- +goose Down")
	return forward
}

// statements takes a script apart: in upper case, without comments, with
// literals, quoted names and bodies as ” and "".
func statements(script string) []string {
	var out []string
	var one strings.Builder
	flush := func() {
		if s := strings.Join(strings.Fields(one.String()), " "); s != "" {
			out = append(out, strings.ToUpper(s))
		}
		one.Reset()
	}
	for rest := script; rest != ""; {
		skipped, instead := opaque(rest)
		switch {
		case skipped > 0:
			one.WriteString(instead)
			rest = rest[skipped:]
		case rest[0] == ';':
			flush()
			rest = rest[1:]
		default:
			one.WriteByte(rest[0])
			rest = rest[1:]
		}
	}
	flush()
	return out
}

var tag = regexp.MustCompile(`^\$[A-Za-z_]*\$`)

// opaque is how many octets of the beginning are a comment, a literal, a
// quoted name or a body, and what stands for them; 0 for none.
func opaque(s string) (int, string) {
	end := func(from int, mark string) int {
		if i := strings.Index(s[from:], mark); i >= 0 {
			return from + i + len(mark)
		}
		return len(s)
	}
	switch {
	case strings.HasPrefix(s, "--"):
		return end(2, "\n"), "\n"
	case strings.HasPrefix(s, "/*"):
		return end(2, "*/"), " "
	case s[0] == '\'':
		return end(1, "'"), "''"
	case s[0] == '"':
		return end(1, `"`), strings.ToUpper(s[:end(1, `"`)])
	}
	if t := tag.FindString(s); t != "" {
		return end(len(t), t), "''"
	}
	return 0, ""
}

func TestMigrationsOnlyAddWhileTheReleaseBeforeRuns(t *testing.T) {
	files, err := fs.Glob(os.DirFS("migrations"), "*.sql")
	require.NoError(t, err)
	require.NotEmpty(t, files)
	for _, name := range files {
		number, err := strconv.Atoi(path.Base(name)[:5])
		require.NoError(t, err)
		content, err := os.ReadFile(path.Join("migrations", name))
		require.NoError(t, err)
		first, _, _ := strings.Cut(string(content), "\n")
		if number <= baseline || contract.MatchString(first) {
			continue
		}
		require.Empty(t, breaks(string(content)), "%s: the release before runs against it (docs/operations.md, Expand and contract)", name)
	}
}

// The migrations before the baseline are examples of both kinds.
func TestTheCheckOfMigrationsKnowsBothKinds(t *testing.T) {
	for name, good := range map[string]bool{"00010_drafts_and_decisions.sql": false, "00016_payment_named.sql": true, "00018_renewal_links.sql": true, "00019_gate_refusals.sql": true} {
		content, err := os.ReadFile(path.Join("migrations", name))
		require.NoError(t, err)
		require.Equal(t, good, len(breaks(string(content))) == 0, "%s: %v", name, breaks(string(content)))
	}
	next, err := os.ReadFile("../../dev/e2e/testdata/next/00099_next.sql")
	require.NoError(t, err)
	require.Empty(t, breaks(string(next)), "what the test of deploys adds")
	for sql, good := range map[string]bool{
		"ALTER TABLE orders ADD COLUMN a text": true, "alter table orders add a text": true,
		"ALTER TABLE orders ADD COLUMN a text NOT NULL DEFAULT ''":                       true,
		"ALTER TABLE orders ADD COLUMN a text NOT NULL":                                  false,
		"alter table orders\n\tadd column a text\n\tnot null":                            false,
		"ALTER TABLE orders ADD COLUMN a text, ADD b int NOT NULL":                       false,
		"ALTER TABLE orders DROP COLUMN a":                                               false,
		"ALTER TABLE orders DROP a":                                                      false,
		"ALTER TABLE orders /* x */ DROP -- y\n COLUMN a":                                false,
		"ALTER TABLE orders RENAME a TO b":                                               false,
		"ALTER TABLE orders ALTER a SET NOT NULL":                                        false,
		"ALTER TABLE orders ALTER COLUMN a TYPE bigint":                                  false,
		"ALTER TABLE orders ALTER a SET DATA TYPE bigint":                                false,
		"ALTER TABLE orders ALTER a DROP NOT NULL":                                       false,
		"ALTER TABLE orders ADD CONSTRAINT c CHECK (a > 0)":                              false,
		"ALTER TABLE orders ADD CHECK (a > 0)":                                           false,
		"CREATE UNIQUE INDEX i ON orders (a)":                                            false,
		"CREATE INDEX i ON orders (a)":                                                   true,
		"DROP INDEX i":                                                                   false,
		"ALTER TABLE t DROP CONSTRAINT c, ADD CONSTRAINT c CHECK (a IN ('x', 'y'))":      true,
		"ALTER TABLE t DROP CONSTRAINT c, ADD CONSTRAINT d CHECK (a IN ('x', 'y'))":      false,
		"ALTER TABLE t DROP CONSTRAINT c, ADD CONSTRAINT c UNIQUE (a)":                   false,
		"ALTER TABLE t DROP CONSTRAINT c":                                                false,
		"ALTER TABLE t DROP CONSTRAINT c, ADD CONSTRAINT c CHECK (a > 0), DROP COLUMN b": false,
		"CREATE TABLE t (a text NOT NULL); CREATE UNIQUE INDEX i ON t (a)":               true,
		"CREATE TABLE t (a text NOT NULL, CHECK (a <> ''))":                              true,
		"COMMENT ON TABLE t IS 'DROP TABLE; RENAME'":                                     true,
		"CREATE FUNCTION f() RETURNS int AS $$ DELETE FROM t; $$ LANGUAGE sql":           true,
		"DELETE FROM orders":                                                             false,
		"UPDATE orders SET a = 1 WHERE a IS NULL":                                        true,
		"DROP TABLE t":                       false,
		"TRUNCATE orders":                    false,
		"REVOKE ALL ON orders FROM issuance": false,
	} {
		found := breaks("-- +goose Up\n" + sql + ";\n-- +goose Down\nDROP TABLE t;\n")
		require.Equal(t, good, len(found) == 0, "%s: %v", sql, found)
	}
	require.True(t, contract.MatchString("-- contract: after 1.4.0"))
	require.False(t, contract.MatchString("-- contract"))
}

// FuzzStatements: whatever a script is, the check of migrations ends, and text in literals and comments is never taken for a statement.
func FuzzStatements(f *testing.F) {
	for _, s := range []string{"a;b", "'x;y'", "$$;$$", "--;\n", "/*;", `"a;b"`, "'"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		for _, one := range statements(s) {
			require.NotEmpty(t, one)
		}
		quoted := "SELECT '" + strings.ReplaceAll(s, "'", "") + "'; DROP TABLE t"
		require.Equal(t, []string{"SELECT ''", "DROP TABLE T"}, statements(quoted))
	})
}
