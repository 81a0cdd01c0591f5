package audit

import (
	"flag"
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

var update = flag.Bool("update", false, "write the golden file anew")

// Hashes cover the codes: one that is renamed makes entries of before unreadable.
func TestActionsOutliveTheVersionOfTheProgram(t *testing.T) {
	var got strings.Builder
	for _, a := range slices.Sorted(maps.Keys(phrases)) {
		got.WriteString(string(a) + "\n")
	}
	golden := filepath.Join("testdata", "actions.txt")
	if *update {
		require.NoError(t, os.MkdirAll("testdata", 0o755))
		require.NoError(t, os.WriteFile(golden, []byte(got.String()), 0o644))
	}
	want, err := os.ReadFile(golden)
	require.NoError(t, err)
	require.Equal(t, string(want), got.String(), "an action that is new goes into the golden file with -update; others stay as they are")
}

// An action that nobody writes promises a record that is not there.
func TestEveryActionIsWrittenSomewhere(t *testing.T) {
	names, written := constants(t), make(map[string]bool)
	root := filepath.Join("..", "..")
	require.NoError(t, filepath.WalkDir(root, func(path string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		hidden := strings.HasPrefix(d.Name(), ".") && path != root
		if d.IsDir() && (hidden || d.Name() == "dev" || path == filepath.Join(root, "internal", "audit")) {
			return filepath.SkipDir
		}
		if d.IsDir() || !strings.HasSuffix(path, ".go") || strings.HasSuffix(path, "_test.go") {
			return nil
		}
		file, err := parser.ParseFile(token.NewFileSet(), path, nil, 0)
		if err != nil {
			return err
		}
		ast.Inspect(file, func(n ast.Node) bool {
			switch n := n.(type) {
			case *ast.SelectorExpr:
				written[n.Sel.Name] = true
			case *ast.BasicLit:
				written[n.Value] = true
			}
			return true
		})
		return nil
	}))
	require.Len(t, names, len(phrases))
	for name, action := range names {
		require.True(t, written[name] || written[strconv.Quote(action)], "%s (%s) is written nowhere", name, action)
	}
}

// constants are the actions by the names of their constants.
func constants(t *testing.T) map[string]string {
	t.Helper()
	file, err := parser.ParseFile(token.NewFileSet(), "action.go", nil, 0)
	require.NoError(t, err)
	out := make(map[string]string)
	ast.Inspect(file, func(n ast.Node) bool {
		spec, ok := n.(*ast.ValueSpec)
		if !ok || len(spec.Values) != 1 || len(spec.Names) != 1 || !strings.HasPrefix(spec.Names[0].Name, "Action") {
			return true
		}
		if value, ok := spec.Values[0].(*ast.BasicLit); ok {
			text, err := strconv.Unquote(value.Value)
			require.NoError(t, err)
			out[spec.Names[0].Name] = text
		}
		return true
	})
	return out
}
