package workflows

import (
	"time"

	"go.temporal.io/sdk/temporal"
	"go.temporal.io/sdk/workflow"
)

// The search attributes by which operators find orders and confirmations.
var (
	AttributeNumber       = temporal.NewSearchAttributeKeyKeyword("OrderNumber")
	AttributeService      = temporal.NewSearchAttributeKeyKeyword("OrderService")
	AttributeOrganisation = temporal.NewSearchAttributeKeyKeyword("Organisation")
	AttributeStage        = temporal.NewSearchAttributeKeyKeyword("OrderStage")
	AttributePayBy        = temporal.NewSearchAttributeKeyTime("PayBy")
)

// StageOpen is the OrderStage of a workflow until its first long wait begins.
const StageOpen = "open"

// upsertStage writes the stage where operators search. It is called when a
// long wait begins and at the end only: every call rewrites a row under all
// the indexes of the visibility store.
func upsertStage(ctx workflow.Context, stage string, payBy time.Time) error {
	updates := []temporal.SearchAttributeUpdate{AttributeStage.ValueSet(stage)}
	if !payBy.IsZero() {
		updates = append(updates, AttributePayBy.ValueSet(payBy))
	}
	return workflow.UpsertTypedSearchAttributes(ctx, updates...)
}

// SearchAttributes lists every search attribute the workflows set.
func SearchAttributes() []temporal.SearchAttributeKey {
	return []temporal.SearchAttributeKey{AttributeNumber, AttributeService, AttributeOrganisation, AttributeStage, AttributePayBy}
}
