// Package queries_test holds the SQL beside it against the code that runs it.
package queries_test

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

const (
	root      = "../../.."
	generated = "github.com/remote-issuance/remote-issuance/internal/postgres/db"
)

// A query that only tests run, or nobody, is deleted: it would be kept, migrated and reviewed for nothing.
func TestEveryQueryIsRun(t *testing.T) {
	calls := calledBesideGenerated(t)
	require.NotEmpty(t, calls)
	names := queryNames(t)
	require.NotEmpty(t, names)
	for name, file := range names {
		require.True(t, calls[name], "%s: nobody runs the query %s; delete it and run make generate", file, name)
	}
}

// queryNames are the names of all queries with their files.
func queryNames(t *testing.T) map[string]string {
	t.Helper()
	files, err := filepath.Glob("*.sql")
	require.NoError(t, err)
	names := map[string]string{}
	for _, file := range files {
		source, err := os.ReadFile(file)
		require.NoError(t, err)
		for _, m := range regexp.MustCompile(`(?m)^-- name: (\w+) :`).FindAllStringSubmatch(string(source), -1) {
			names[m[1]] = file
		}
	}
	return names
}

// calledBesideGenerated are the names of methods called, or handed on, in files that import the generated package.
func calledBesideGenerated(t *testing.T) map[string]bool {
	t.Helper()
	calls := map[string]bool{}
	err := filepath.WalkDir(root, func(path string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() || !strings.HasSuffix(path, ".go") || strings.HasSuffix(path, "_test.go") {
			return err
		}
		file, err := parser.ParseFile(token.NewFileSet(), path, nil, parser.SkipObjectResolution)
		if err != nil || !imports(file, generated) {
			return err
		}
		ast.Inspect(file, func(n ast.Node) bool {
			if method, ok := n.(*ast.SelectorExpr); ok {
				calls[method.Sel.Name] = true
			}
			return true
		})
		return nil
	})
	require.NoError(t, err)
	return calls
}

func imports(file *ast.File, path string) bool {
	for _, i := range file.Imports {
		if strings.Trim(i.Path.Value, `"`) == path {
			return true
		}
	}
	return false
}
