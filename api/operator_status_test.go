package api

import (
	"errors"
	"net/http"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/remote-issuance/remote-issuance/api/contract"
	"github.com/remote-issuance/remote-issuance/internal/order"
	"github.com/remote-issuance/remote-issuance/internal/status"
)

// concerns are what an operator is told, also by code.
func (b *bundle) concerns() (contract.OperatorStatus, map[string]contract.OperatorConcern) {
	b.t.Helper()
	var out contract.OperatorStatus
	b.get("/v1/operator/status", asOperator).is(http.StatusOK, &out)
	found := map[string]contract.OperatorConcern{}
	for _, c := range out.Concerns {
		found[c.Code] = c
	}
	return out, found
}

func TestOperatorIsToldWhatNeedsThem(t *testing.T) {
	b := setup(t)
	out, _ := b.concerns()
	require.True(t, out.Clear)
	require.True(t, out.At.Equal(b.now))
	require.Empty(t, out.Unseen)

	s := b.at(order.StageAwaitingPayment, asIndividual)
	workflow := order.WorkflowID(s.Number, s.ID)
	_, err := b.pool.Exec(t.Context(), "UPDATE orders SET waits_until = $2, workflow_started_at = $2 WHERE id = $1", s.ID.String(), b.now.Add(-time.Hour))
	require.NoError(t, err)
	b.temporal.blocked = map[string]bool{workflow: true}
	n := payment("NOAIS999999999", "1.00")
	b.notify(n).is(http.StatusOK, &contract.LedgerEntry{})
	out, found := b.concerns()
	require.False(t, out.Clear)
	at := "https://temporal.example.by/namespaces/n/workflows/" + workflow
	for _, code := range []string{"past-deadline", "blocked-workflow"} {
		require.Equal(t, []contract.OperatorItem{{Name: strconv.FormatInt(s.Number, 10), Workflow: workflow, URL: at}}, found[code].Items, code)
		require.Equal(t, "https://example.by/operations.md#"+code, found[code].Runbook)
	}
	money := found["unapplied-money"].Items
	require.Len(t, money, 1)
	require.Equal(t, "assist:"+n["externalId"].(string), money[0].Name)
	require.Equal(t, &contract.OperatorPayment{Number: "NOAIS999999999", Amount: "1.00", Currency: "BYN", Reason: "unknown-number"}, money[0].Payment)
}

// What could not be looked at is no "all clear".
func TestStatusThatCannotBeLookedAtIsNotClear(t *testing.T) {
	b := setup(t)
	s := b.at(order.StageAwaitingPayment, asIndividual)
	_, err := b.pool.Exec(t.Context(), "UPDATE orders SET workflow_started_at = $2 WHERE id = $1", s.ID.String(), b.now.Add(-time.Hour))
	require.NoError(t, err)
	b.temporal.away = errors.New("the server is away")
	require.Equal(t, http.StatusInternalServerError, b.get("/v1/operator/status", asOperator).Status)
}

// The contract names every code, and no other.
func TestContractNamesEveryConcern(t *testing.T) {
	var want []string
	for _, c := range status.Codes() {
		want = append(want, string(c))
	}
	require.Contains(t, string(document), "enum: ["+strings.Join(want, ", ")+"]")
}
