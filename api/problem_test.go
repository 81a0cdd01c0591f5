package api

import (
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"go.yaml.in/yaml/v3"

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
		"RegisterAnswer/properties/register/enum": {
			registers.RegisterPopulation, registers.RegisterEGR, registers.RegisterTaxpayers, registers.RegisterSubscribers,
		},
		"RegisterAnswer/properties/state/enum": sourcetest.Constants(t, "../internal/order/register.go", "RegisterState"),
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
