package api

import (
	"go/ast"
	"go/parser"
	"go/token"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"go.yaml.in/yaml/v3"

	"github.com/remote-issuance/remote-issuance/internal/order"
	"github.com/remote-issuance/remote-issuance/internal/payments"
	"github.com/remote-issuance/remote-issuance/internal/postgres"
	"github.com/remote-issuance/remote-issuance/internal/registers"
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

func TestEnumsOfTheContractAreTheConstants(t *testing.T) {
	var doc map[string]any
	require.NoError(t, yaml.Unmarshal(document, &doc))
	const stages = "../internal/order/stage.go"
	for place, want := range map[string][]string{
		"Stage/enum":             constantsOf(t, stages, "Stage"),
		"End/enum":               constantsOf(t, stages, "End"),
		"EndReason/enum":         constantsOf(t, stages, "EndReason"),
		"Actor/enum":             constantsOf(t, stages, "Actor"),
		"CheckVerdict/enum":      constantsOf(t, "../internal/order/check.go", "Verdict"),
		"ConfirmationStage/enum": constantsOf(t, "../internal/order/confirmation.go", "ConfirmationStage"),
		"ApplicantKind/enum":     constantsOf(t, "../internal/order/service.go", "Kind"),
		"PaymentMethod/enum":     {"assist", "erip", "client-bank"},
		"PaymentState/enum":      {string(payments.PayableOpen), string(payments.PayablePaid), string(payments.PayableClosed)},
		"LedgerEntry/properties/state/enum": {
			string(payments.PaymentApplied), string(payments.PaymentUnapplied), string(payments.PaymentReturned),
		},
		"PaymentNotification/properties/source/enum": {
			string(payments.SourceAssist), string(payments.SourceERIP), string(payments.SourceClientBank),
		},
		"MessageOutcome/properties/state/enum":   {string(postgres.NoticePending), string(postgres.NoticeSent), string(postgres.NoticeFailed)},
		"MessageOutcome/properties/channel/enum": {"email", "sms"},
		"ServiceCode/enum":                       {string(order.ServiceIndividual), string(order.ServiceEmployee)},
		"RegisterAnswer/properties/register/enum": {
			registers.RegisterPopulation, registers.RegisterEGR, registers.RegisterTaxpayers, registers.RegisterSubscribers,
		},
		"RegisterAnswer/properties/state/enum": constantsOf(t, "../internal/order/register.go", "RegisterState"),
		"Health/properties/status/enum":        {"ok", "unavailable"},
		"ChosenOrder/properties/state/enum":    {"chosen", "approved", "issued", "left"},
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
