package config

import (
	"flag"
	"fmt"
	"os"
	"reflect"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

var update = flag.Bool("update", false, "write docs/configuration.md anew")

const reference = "../../docs/configuration.md"

const referenceHead = `# Configuration

Generated from internal/config; ` + "`go test ./internal/config -update`" + ` writes it anew.

Each process reads environment variables once, at its start, and stops when anything is wrong with them, naming all of
it. An empty variable counts as not set. A variable marked *secret* may be given as a file instead: ` + "`NAME_FILE`" + `
holds the path of the file with the value; an empty file counts as not set. Groups marked *all or none* are set together or not at all.

`

type variable struct {
	name, standard, doc string
	required, secret    bool
	// optional stands outside of its group's "all or none".
	optional bool
}

func variablesOf(process any) (groups []string, byGroup map[string][]variable) {
	byGroup = map[string][]variable{}
	for _, group := range groupsOf(reflect.New(reflect.TypeOf(process)).Elem()) {
		t := group.Type()
		groups = append(groups, t.Name())
		for i := range t.NumField() {
			f := t.Field(i)
			name, required := variableOf(f)
			byGroup[t.Name()] = append(byGroup[t.Name()], variable{
				name: name, standard: f.Tag.Get("envDefault"), doc: f.Tag.Get("doc"), required: required, secret: secret(f.Type),
				optional: f.Tag.Get("need") == "optional",
			})
		}
	}
	return groups, byGroup
}

func processes() []struct {
	name string
	cfg  any
} {
	return []struct {
		name string
		cfg  any
	}{{"api", API{}}, {"worker", Worker{}}, {"portal", Site{}}, {"migrate", Migrate{}}, {"payments", Tools{}}}
}

func TestReferenceIsUpToDate(t *testing.T) {
	readers, order, all := map[string][]string{}, []string{}, map[string][]variable{}
	for _, process := range processes() {
		groups, byGroup := variablesOf(process.cfg)
		for _, g := range groups {
			if all[g] == nil {
				order = append(order, g)
			}
			all[g] = byGroup[g]
			readers[g] = append(readers[g], process.name)
		}
	}
	allOrNone := map[string]bool{"Assist": true, "ERIP": true, "Beneficiary": true, "SMS": true}
	var b strings.Builder
	b.WriteString(referenceHead)
	b.WriteString("| variable | read by | required or default | meaning |\n|---|---|---|---|\n")
	for _, g := range order {
		for _, v := range all[g] {
			fmt.Fprintf(&b, "| `%s` | %s | %s | %s |\n", v.name, strings.Join(readers[g], ", "), v.need(allOrNone[g]), v.meaning())
		}
	}
	if *update {
		require.NoError(t, os.MkdirAll("../../docs", 0o755))
		require.NoError(t, os.WriteFile(reference, []byte(b.String()), 0o644))
	}
	written, err := os.ReadFile(reference)
	require.NoError(t, err)
	require.Equal(t, b.String(), string(written), "run: go test ./internal/config -update")
}

func (v variable) need(allOrNone bool) string {
	switch {
	case v.required:
		return "required"
	case v.standard != "":
		return "`" + v.standard + "`"
	case v.optional:
		return "optional"
	case allOrNone:
		return "all or none"
	default:
		return ""
	}
}

func (v variable) meaning() string {
	if v.secret {
		return "*secret* " + v.doc
	}
	return v.doc
}

func TestEveryVariableIsDescribedAndHasOneHome(t *testing.T) {
	homes := map[string]string{}
	for _, process := range processes() {
		groups, byGroup := variablesOf(process.cfg)
		for _, g := range groups {
			for _, v := range byGroup[g] {
				require.NotEmpty(t, v.doc, v.name)
				require.NotContains(t, v.doc, "|", v.name)
				if home, ok := homes[v.name]; ok {
					require.Equal(t, home, g, v.name)
				}
				homes[v.name] = g
			}
		}
	}
}
