// Package sourcetest reads Go source in tests, so that what is new there cannot be forgotten in a table.
package sourcetest

import (
	"go/ast"
	"go/parser"
	"go/token"
	"strconv"
	"testing"

	"github.com/stretchr/testify/require"
)

// Constants are the string constants of a type in a file, but for the empty one, in order. A file without any fails the test.
func Constants(t *testing.T, file, typeName string) []string {
	t.Helper()
	parsed, err := parser.ParseFile(token.NewFileSet(), file, nil, parser.SkipObjectResolution)
	require.NoError(t, err)
	var values []string
	ast.Inspect(parsed, func(n ast.Node) bool {
		spec, ok := n.(*ast.ValueSpec)
		if !ok {
			return true
		}
		if kind, ok := spec.Type.(*ast.Ident); !ok || kind.Name != typeName {
			return true
		}
		for _, v := range spec.Values {
			literal, ok := v.(*ast.BasicLit)
			require.True(t, ok, "%s: a constant of %s is no literal", file, typeName)
			text, err := strconv.Unquote(literal.Value)
			require.NoError(t, err)
			if text != "" {
				values = append(values, text)
			}
		}
		return true
	})
	require.NotEmpty(t, values, "no constants of %s", typeName)
	return values
}
