package order_test

import (
	"flag"
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

var update = flag.Bool("update", false, "write the golden file anew")

// codes are the constants of string types, as "Type value", read from the source.
func codes(t *testing.T) []string {
	t.Helper()
	files, err := filepath.Glob("*.go")
	require.NoError(t, err)
	var out []string
	for _, path := range files {
		if strings.HasSuffix(path, "_test.go") {
			continue
		}
		file, err := parser.ParseFile(token.NewFileSet(), path, nil, 0)
		require.NoError(t, err)
		ast.Inspect(file, func(n ast.Node) bool {
			spec, ok := n.(*ast.ValueSpec)
			if !ok || len(spec.Values) != 1 {
				return true
			}
			value, isLiteral := spec.Values[0].(*ast.BasicLit)
			kind, isNamed := spec.Type.(*ast.Ident)
			if isLiteral && isNamed && value.Kind == token.STRING {
				text, err := strconv.Unquote(value.Value)
				require.NoError(t, err)
				out = append(out, kind.Name+" "+strconv.Quote(text))
			}
			return true
		})
	}
	slices.Sort(out)
	return out
}

// Codes stand in workflow histories, database rows and answers of the API: one
// that is renamed or gone breaks orders that are under way.
func TestD5_CodesOutliveTheVersionOfTheProgram(t *testing.T) {
	found, golden := codes(t), filepath.Join("testdata", "codes.txt")
	require.Len(t, slices.Compact(slices.Clone(found)), len(found), "a code stands for two things")
	got := strings.Join(found, "\n") + "\n"
	if *update {
		require.NoError(t, os.MkdirAll("testdata", 0o755))
		require.NoError(t, os.WriteFile(golden, []byte(got), 0o644))
	}
	want, err := os.ReadFile(golden)
	require.NoError(t, err)
	require.Equal(t, string(want), got, "a code that is new goes into the golden file with -update; others stay as they are")
	for _, code := range found {
		kind, value, _ := strings.Cut(code, " ")
		if kind != "Service" && kind != "Field" {
			require.Regexp(t, `^"[a-z]*(-[a-z0-9]+)*"$`, value, code)
		}
	}
}
