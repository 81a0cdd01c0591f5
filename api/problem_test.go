package api

import (
	"go/ast"
	"go/parser"
	"go/token"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"go.yaml.in/yaml/v3"

	"github.com/remote-issuance/remote-issuance/internal/order"
	"github.com/remote-issuance/remote-issuance/internal/payments"
	"github.com/remote-issuance/remote-issuance/internal/postgres"
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
	c, err := loadCatalogue()
	require.NoError(t, err)
	slugs := constantsOf(t, "problem.go", "slug")
	require.Len(t, statuses, len(slugs))
	for _, s := range slugs {
		require.GreaterOrEqual(t, statuses[slug(s)], 400, s)
		for _, texts := range c.texts {
			require.NotEmpty(t, texts.Problems[slug(s)][0], "title of %s in %s", s, texts.Language)
			require.NotEmpty(t, texts.Problems[slug(s)][1], "detail of %s in %s", s, texts.Language)
		}
	}
	for _, texts := range c.texts {
		require.Len(t, texts.Problems, len(slugs), "texts of problems that do not exist, in %s", texts.Language)
	}
	for errorType, s := range refusals {
		require.Contains(t, statuses, s, errorType)
	}
}

func TestNoTextIsMissingInAnyLanguage(t *testing.T) {
	c, err := loadCatalogue()
	require.NoError(t, err)
	require.Len(t, c.texts, 3)
	next := append(constantsOf(t, "../internal/order/stage.go", "Stage"), constantsOf(t, "../internal/order/stage.go", "End")...)
	next = append(slices.DeleteFunc(next, func(s string) bool { return s == string(order.StageEnded) }), "awaiting-payment-employee")
	for _, s := range constantsOf(t, "../activities/records.go", "ConfirmationStage") {
		next = append(next, "confirmation-"+s)
	}
	checks := constantsOf(t, "../internal/order/check.go", "CheckCode")
	for _, texts := range c.texts {
		require.ElementsMatch(t, next, keysOf(texts.Next), texts.Language)
		require.ElementsMatch(t, checks, keysOf(texts.Checks), texts.Language)
		require.ElementsMatch(t, keysOf(c.texts[0].Fields), keysOf(texts.Fields), texts.Language)
		for _, list := range []map[string]string{texts.Next, texts.Checks, texts.Fields} {
			for key, text := range list {
				require.NotEmpty(t, strings.TrimSpace(text), "%s in %s", key, texts.Language)
			}
		}
	}
}

func TestEveryWrongFieldHasAText(t *testing.T) {
	c, err := loadCatalogue()
	require.NoError(t, err)
	sources, err := filepath.Glob("*.go")
	require.NoError(t, err)
	named := 0
	for _, file := range sources {
		text, err := os.ReadFile(file)
		require.NoError(t, err)
		for _, m := range regexp.MustCompile(`(?:invalid\(|append\(wrong, )"(\w+)"`).FindAllSubmatch(text, -1) {
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

func TestEnumsOfTheContractAreTheConstants(t *testing.T) {
	var doc map[string]any
	require.NoError(t, yaml.Unmarshal(contract, &doc))
	const stages, records = "../internal/order/stage.go", "../activities/records.go"
	for place, want := range map[string][]string{
		"Stage/enum":                         constantsOf(t, stages, "Stage"),
		"End/enum":                           constantsOf(t, stages, "End"),
		"EndReason/enum":                     constantsOf(t, stages, "EndReason"),
		"Next/properties/waitsFor/enum":      constantsOf(t, stages, "Actor"),
		"Check/properties/verdict/enum":      constantsOf(t, "../internal/order/check.go", "Verdict"),
		"Confirmation/properties/stage/enum": constantsOf(t, records, "ConfirmationStage"),
		"Order/properties/kind/enum":         constantsOf(t, "../internal/order/service.go", "Kind"),
		"Way/enum":                           keysOf(sources),
		"Payment/properties/state/enum":      {string(payments.PayableOpen), string(payments.PayablePaid), string(payments.PayableClosed)},
		"LedgerEntry/properties/state/enum": {
			string(payments.PaymentApplied), string(payments.PaymentUnapplied), string(payments.PaymentReturned),
		},
		"PaymentNotification/properties/source/enum": {
			string(payments.SourceAssist), string(payments.SourceERIP), string(payments.SourceClientBank),
		},
		"MessageOutcome/properties/state/enum":                       {string(postgres.NoticePending), string(postgres.NoticeSent), string(postgres.NoticeFailed)},
		"MessageOutcome/properties/channel/enum":                     {"email", "sms"},
		"Order/properties/service/enum":                              {string(order.ServiceIndividual), string(order.ServiceEmployee)},
		"Health/properties/status/enum":                              {"ok", "unavailable"},
		"Confirmation/properties/orders/items/properties/state/enum": {"chosen", "approved", "issued", "left"},
	} {
		var node any = doc["components"].(map[string]any)["schemas"]
		for key := range strings.SplitSeq(place, "/") {
			m, ok := node.(map[string]any)
			require.True(t, ok, place)
			node = m[key]
		}
		var got []string
		list, ok := node.([]any)
		require.True(t, ok, place)
		for _, v := range list {
			got = append(got, v.(string))
		}
		require.ElementsMatch(t, want, got, place)
	}
}

func TestEveryRefusalOfAWorkflowIsTold(t *testing.T) {
	b := setup(t)
	s := b.at(order.StageTerms, asIndividual)
	for errorType, want := range refusals {
		b.engine.refuse("withdraw", errorType)
		b.post(s.path("withdrawal"), asIndividual, "").problem(want)
	}
	b.engine.refuse("withdraw", "something-new")
	p := b.post(s.path("withdrawal"), asIndividual, "").problem(problemInternal)
	require.NotContains(t, p.Detail, "refused")
	require.Equal(t, http.StatusInternalServerError, p.Status)
}
