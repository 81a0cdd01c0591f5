package postgres_test

import (
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/remote-issuance/remote-issuance/internal/order"
)

// scene is an order of 6.0.01 as it may stand in the database.
type scene struct {
	stage      order.Stage
	until, pay time.Duration
	held, paid bool
}

// scenes are all combinations around every border.
func scenes() []scene {
	var out []scene
	borders := []time.Duration{-time.Hour, 0, time.Microsecond, time.Hour}
	for _, stage := range []order.Stage{
		order.StageChecking, order.StageAwaitingApproval, order.StageAwaitingPayment, order.StageIssuing, order.StageEnded,
	} {
		for _, until := range borders {
			for _, pay := range borders {
				out = append(out, scene{stage, until, pay, false, false}, scene{stage, until, pay, true, false}, scene{stage, until, pay, true, true})
			}
		}
	}
	return out
}

// The rule in Go and the page in SQL are one rule (M2, M3, M5, P8).
func TestM2_M3_M5_EligibilityIsOneRuleInGoAndSQL(t *testing.T) {
	b := setup(t)
	at := day.AddDate(0, 0, 1)
	var shown, choosable, ids []order.ID
	for _, c := range scenes() {
		s := b.saved(order.ServiceEmployee)
		var holder order.ID
		if c.held {
			holder = order.NewID()
			state := "open"
			if c.paid {
				state = "paid"
			}
			_, err := b.pool.Exec(t.Context(), `WITH y AS (INSERT INTO payables (id, workflow_id, service, number, total, due, opened_at, state, payment_id)
				VALUES ($1, '', '6.0.02', nextval('payment_numbers'), 1, now(), now(), $3, CASE WHEN $3 = 'paid' THEN gen_random_uuid() END))
				INSERT INTO payable_lines (payable_id, order_id, amount) VALUES ($1, $2, 1)`, holder.String(), s.ID.String(), state)
			require.NoError(t, err)
		}
		ending := ""
		if c.stage == order.StageEnded {
			ending = "issued"
		}
		_, err := b.pool.Exec(t.Context(), "UPDATE orders SET stage = $2, ending = $3, waits_until = $4, pay_by = $5 WHERE id = $1",
			s.ID.String(), string(c.stage), ending, at.Add(c.until), at.Add(c.pay))
		require.NoError(t, err)
		r := b.record(s.ID)
		ids = append(ids, r.ID)
		if order.MayBePaid(r, c.paid, at) {
			shown = append(shown, r.ID)
		}
		if order.MayBeConfirmed(r, holder, at) {
			choosable = append(choosable, r.ID)
			require.Contains(t, shown, r.ID, "what can be chosen is shown")
		}
	}
	require.NotEmpty(t, choosable)
	require.Greater(t, len(shown), len(choosable))
	require.Greater(t, len(ids), len(shown))

	var onPages []order.ID
	page, err := b.confirmations.Page(t.Context(), unp, at, 0, 5)
	require.NoError(t, err)
	require.Equal(t, len(shown), page.Orders)
	for i := range page.Pages {
		page, err = b.confirmations.Page(t.Context(), unp, at, i, 5)
		require.NoError(t, err)
		for _, g := range page.Groups {
			for _, row := range g.Rows {
				onPages = append(onPages, row.Record.ID)
				require.Equal(t, row.HeldBy.IsZero(), slices.Contains(choosable, row.Record.ID))
				require.Equal(t, price, row.Price)
				require.Len(t, row.Request.Report, 1, "verdicts of both checks")
				require.Len(t, row.Request.Registers, 2)
			}
		}
	}
	require.ElementsMatch(t, shown, onPages)
	listed, err := b.confirmations.ListOrders(t.Context(), unp, ids, at)
	require.NoError(t, err)
	var onList []order.ID
	for _, l := range listed {
		onList = append(onList, l.ID)
	}
	require.ElementsMatch(t, choosable, onList)
	page, err = b.confirmations.Page(t.Context(), "another", at, 0, 5)
	require.NoError(t, err)
	require.Empty(t, page.Groups)
}

func TestM2_ThePageIsGroupedByEmployee(t *testing.T) {
	b := setup(t)
	for range 7 {
		b.saved(order.ServiceEmployee)
	}
	r, _, err := b.orders.OpenDraft(t.Context(), b.draft(order.ServiceEmployee, "applicant-1"))
	require.NoError(t, err)
	b.save(&sample{Record: r, keyID: "second", years: 2})
	page, err := b.confirmations.Page(t.Context(), unp, day, 0, 5)
	require.NoError(t, err)
	require.Equal(t, 8, page.Orders)
	require.Equal(t, 2, page.Pages)
	require.Equal(t, 7, page.Employees)
	require.Len(t, page.Groups, 4)
	require.Len(t, page.Groups[0].Rows, 2, "two requests of one employee, with one and two years, stand together")
	second, err := b.confirmations.Page(t.Context(), unp, day, 1, 5)
	require.NoError(t, err)
	require.Len(t, second.Groups, 3)
}
