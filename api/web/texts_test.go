package web

import (
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/remote-issuance/remote-issuance/internal/order"
)

// constantsOf reads the string constants of a type from the source, so that a
// new one cannot be forgotten in a table of a test.
func constantsOf(t *testing.T, file, typeName string) []string {
	t.Helper()
	parsed, err := parser.ParseFile(token.NewFileSet(), file, nil, 0)
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
			text, err := strconv.Unquote(v.(*ast.BasicLit).Value)
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

func TestEveryProblemHasAStatusAndTexts(t *testing.T) {
	c, err := LoadCatalogue()
	require.NoError(t, err)
	slugs := constantsOf(t, "problem.go", "Slug")
	require.Len(t, statuses, len(slugs))
	for _, s := range slugs {
		require.GreaterOrEqual(t, statuses[Slug(s)], 400, s)
		for _, texts := range c.texts {
			require.NotEmpty(t, texts.Problems[Slug(s)][0], "title of %s in %s", s, texts.Language)
			require.NotEmpty(t, texts.Problems[Slug(s)][1], "detail of %s in %s", s, texts.Language)
		}
	}
	for _, texts := range c.texts {
		require.Len(t, texts.Problems, len(slugs), "texts of problems that do not exist, in %s", texts.Language)
	}
	for _, r := range refusals {
		require.Contains(t, statuses, r.slug, r.err)
	}
}

func TestNoTextIsMissingInAnyLanguage(t *testing.T) {
	c, err := LoadCatalogue()
	require.NoError(t, err)
	require.Len(t, c.texts, 3)
	next := append(constantsOf(t, "../../internal/order/stage.go", "Stage"), constantsOf(t, "../../internal/order/stage.go", "End")...)
	next = append(slices.DeleteFunc(next, func(s string) bool { return s == string(order.StageEnded) }), "awaiting-payment-employee", "awaiting-payment-lapsed", "activated", "issued-later")
	for _, s := range constantsOf(t, "../../internal/order/confirmation.go", "ConfirmationStage") {
		next = append(next, "confirmation-"+s)
	}
	var states []string
	for _, s := range constantsOf(t, "../../internal/payments/match.go", "PayableState") {
		states = append(states, s, s+"-waiting")
	}
	checks := constantsOf(t, "../../internal/order/check.go", "CheckCode")
	for _, texts := range c.texts {
		require.ElementsMatch(t, next, keysOf(texts.Next), texts.Language)
		require.ElementsMatch(t, checks, keysOf(texts.Checks), texts.Language)
		require.ElementsMatch(t, []string{"fszn"}, keysOf(texts.Notes), texts.Language)
		require.ElementsMatch(t, states, keysOf(texts.Payments), texts.Language)
		require.ElementsMatch(t, keysOf(c.texts[0].Fields), keysOf(texts.Fields), texts.Language)
		for _, list := range []map[string]string{texts.Next, texts.Checks, texts.Fields, texts.Payments, texts.Notes} {
			for key, text := range list {
				require.NotEmpty(t, strings.TrimSpace(text), "%s in %s", key, texts.Language)
			}
		}
	}
}

func TestEveryWrongFieldHasAText(t *testing.T) {
	c, err := LoadCatalogue()
	require.NoError(t, err)
	sources, err := filepath.Glob("../*.go")
	require.NoError(t, err)
	own, err := filepath.Glob("*.go")
	require.NoError(t, err)
	named := 0
	for _, file := range append(sources, own...) {
		text, err := os.ReadFile(file)
		require.NoError(t, err)
		for _, m := range regexp.MustCompile(`(?:Invalid\(|append\((?:wrong|missing), )"([\w-]+)"`).FindAllSubmatch(text, -1) {
			named++
			require.NotEmpty(t, c.texts[0].Fields[string(m[1])], "%s in %s", m[1], file)
		}
	}
	require.Greater(t, named, 10)
}

func keysOf[V any](m map[string]V) []string {
	keys := make([]string, 0, len(m))
	for k := range m {
		keys = append(keys, k)
	}
	return keys
}
