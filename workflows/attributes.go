package workflows

import (
	"time"

	"go.temporal.io/sdk/temporal"
	"go.temporal.io/sdk/workflow"

	"github.com/remote-issuance/remote-issuance/internal/order"
)

// The search attributes by which operators find orders and confirmations.
var (
	AttributeNumber        = temporal.NewSearchAttributeKeyKeyword("OrderNumber")
	AttributeOrganisation  = temporal.NewSearchAttributeKeyKeyword("Organisation")
	AttributeStage         = temporal.NewSearchAttributeKeyKeyword("OrderStage")
	AttributePayBy         = temporal.NewSearchAttributeKeyTime("PayBy")
	AttributePaymentNumber = temporal.NewSearchAttributeKeyKeyword("PaymentNumber")
)

// SearchAttributes lists every search attribute the workflows set.
func SearchAttributes() []temporal.SearchAttributeKey {
	return []temporal.SearchAttributeKey{
		AttributeNumber, AttributeOrganisation, AttributeStage, AttributePayBy, AttributePaymentNumber,
	}
}

// show writes the stage where operators search. It is called when a long wait
// begins and at the end only: every call rewrites a row under all the indexes
// of the visibility store. Zero values are left as they are.
func show(ctx workflow.Context, stage string, payBy time.Time, number order.PaymentNumber) error {
	updates := []temporal.SearchAttributeUpdate{AttributeStage.ValueSet(stage)}
	if !payBy.IsZero() {
		updates = append(updates, AttributePayBy.ValueSet(payBy))
	}
	if number != 0 {
		updates = append(updates, AttributePaymentNumber.ValueSet(number.ERIP()))
	}
	return workflow.UpsertTypedSearchAttributes(ctx, updates...)
}
