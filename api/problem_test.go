package api

import (
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"go.yaml.in/yaml/v3"

	"github.com/remote-issuance/remote-issuance/api/web"
	"github.com/remote-issuance/remote-issuance/internal/events"
	"github.com/remote-issuance/remote-issuance/internal/order"
	"github.com/remote-issuance/remote-issuance/internal/payments"
	"github.com/remote-issuance/remote-issuance/internal/postgres"
	"github.com/remote-issuance/remote-issuance/internal/registers"
	"github.com/remote-issuance/remote-issuance/internal/sourcetest"
)

func TestEnumsOfTheContractAreTheConstants(t *testing.T) {
	var doc map[string]any
	require.NoError(t, yaml.Unmarshal(document, &doc))
	const stages = "../internal/order/stage.go"
	for place, want := range map[string][]string{
		"Stage/enum":             sourcetest.Constants(t, stages, "Stage"),
		"End/enum":               sourcetest.Constants(t, stages, "End"),
		"EndReason/enum":         sourcetest.Constants(t, stages, "EndReason"),
		"Actor/enum":             sourcetest.Constants(t, stages, "Actor"),
		"CheckVerdict/enum":      sourcetest.Constants(t, "../internal/order/check.go", "Verdict"),
		"ConfirmationStage/enum": sourcetest.Constants(t, "../internal/order/confirmation.go", "ConfirmationStage"),
		"ApplicantKind/enum":     sourcetest.Constants(t, "../internal/order/service.go", "Kind"),
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
		"RegisterName/enum": {
			registers.RegisterPopulation, registers.RegisterEGR, registers.RegisterTaxpayers, registers.RegisterSubscribers,
		},
		"RegisterAnswer/properties/state/enum": sourcetest.Constants(t, "../internal/order/register.go", "RegisterState"),
		"CheckCode/enum":                       sourcetest.Constants(t, "../internal/order/check.go", "CheckCode"),
		"CheckField/enum":                      sourcetest.Constants(t, "../internal/order/subject.go", "Field"),
		"CheckCause/enum":                      causes(t),
		"MessageKind/enum":                     sourcetest.Constants(t, "../internal/order/notice.go", "NoticeKind"),
		"UnappliedReason/enum":                 sourcetest.Constants(t, "../internal/payments/match.go", "Reason"),
		"LedgerEntry/properties/source/enum":   sourcetest.Constants(t, "../internal/payments/notification.go", "Source"),
		"Health/properties/status/enum":        {"ok", "unavailable"},
		"ChosenOrder/properties/state/enum":    {"chosen", "approved", "issued", "left"},
		"EventType/enum": slices.DeleteFunc(sourcetest.Constants(t, "../internal/events/event.go", "Type"), func(s string) bool {
			return s == string(events.TypeTest)
		}),
		"Event/properties/data/properties/object/enum": sourcetest.Constants(t, "../internal/events/event.go", "Object"),
		"Webhook/properties/state/enum":                sourcetest.Constants(t, "../internal/webhook/endpoint.go", "State"),
		"Webhook/properties/cause/enum":                sourcetest.Constants(t, "../internal/webhook/endpoint.go", "Cause"),
		"WebhookDelivery/properties/state/enum":        sourcetest.Constants(t, "../internal/webhook/endpoint.go", "DeliveryState"),
		"WebhookDelivery/properties/outcome/enum":      sourcetest.Constants(t, "../internal/webhook/client.go", "Outcome"),
	} {
		require.ElementsMatch(t, want, listAt(t, doc, place), place)
	}
}

// listAt are the strings at a place below the schemas of the contract.
func listAt(t *testing.T, doc map[string]any, place string) []string {
	t.Helper()
	var node any = doc["components"].(map[string]any)["schemas"]
	for key := range strings.SplitSeq(place, "/") {
		m, ok := node.(map[string]any)
		require.True(t, ok, place)
		node = m[key]
	}
	list, ok := node.([]any)
	require.True(t, ok, place)
	var out []string
	for _, v := range list {
		out = append(out, v.(string))
	}
	return out
}

// constantCause is a constant of the causes that checks of a package give.
var constantCause = regexp.MustCompile(`(?m)^\s*(?:const )?Cause\w+\s+= "([^"]+)"`)

// causes are all that a failed check may give: those of the packages that check, and the codes of documents, signatures and paths.
func causes(t *testing.T) []string {
	t.Helper()
	out := sourcetest.Constants(t, "../internal/pki/fault/errors.go", "Code")
	named := 0
	require.NoError(t, filepath.WalkDir("../internal", func(path string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() || filepath.Ext(path) != ".go" || strings.HasSuffix(path, "_test.go") {
			return err
		}
		source, err := os.ReadFile(path)
		for _, m := range constantCause.FindAllSubmatch(source, -1) {
			out, named = append(out, string(m[1])), named+1
		}
		return err
	}))
	require.Greater(t, named, 20, "the constants are written in another way")
	slices.Sort(out)
	return slices.Compact(out)
}

// Every value of the longer enums is told in words; those of checks are the API's own.
func TestEnumsOfTheContractHaveTexts(t *testing.T) {
	var doc map[string]any
	require.NoError(t, yaml.Unmarshal(document, &doc))
	for _, name := range []string{
		"CheckCode", "CheckField", "CheckCause", "MessageKind", "UnappliedReason", "Stage", "End", "EndReason", "Actor", "ConfirmationStage",
		"CheckVerdict", "PaymentState",
	} {
		values, texts := listAt(t, doc, name+"/enum"), listAt(t, doc, name+"/x-enum-descriptions")
		require.Len(t, texts, len(values), name)
		for i, text := range texts {
			require.Greater(t, len(text), len("UNP"), "%s: %s", name, values[i])
		}
	}
	catalogue, err := web.LoadCatalogue()
	require.NoError(t, err)
	titles := listAt(t, doc, "CheckCode/x-enum-descriptions")
	for i, code := range listAt(t, doc, "CheckCode/enum") {
		require.Equal(t, catalogue.Pick("en").Checks[code], titles[i], code)
	}
}
