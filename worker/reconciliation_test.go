package worker_test

import (
	"log/slog"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"
	"go.temporal.io/sdk/testsuite"

	"github.com/remote-issuance/remote-issuance/activities"
	"github.com/remote-issuance/remote-issuance/internal/order"
	"github.com/remote-issuance/remote-issuance/internal/payments"
	"github.com/remote-issuance/remote-issuance/internal/payments/assist"
	"github.com/remote-issuance/remote-issuance/internal/postgres"
)

// reconciliation runs activities over the ledgerFixture's database and gateway.
type reconciliation struct {
	*ledgerFixture
	steps    *activities.Reconciliation
	env      *testsuite.TestActivityEnvironment
	observed []payments.ReconciliationReport
	log      strings.Builder
}

func newReconciliation(t *testing.T) *reconciliation {
	t.Helper()
	r := &reconciliation{ledgerFixture: newLedgerFixture(t)}
	r.steps = &activities.Reconciliation{
		Store: postgres.NewReconciliation(r.pool), Cards: r.cards, Ledger: r.ledger, Log: slog.New(slog.NewTextHandler(&r.log, nil)),
		Observe: func(report payments.ReconciliationReport) { r.observed = append(r.observed, report) },
	}
	var suite testsuite.WorkflowTestSuite
	r.env = suite.NewTestActivityEnvironment()
	r.env.RegisterActivity(r.steps)
	return r
}

func (r *reconciliation) compare(step any, at time.Time) activities.CompareResult {
	r.t.Helper()
	value, err := r.env.ExecuteActivity(step, activities.CompareInput{At: at})
	require.NoError(r.t, err)
	var res activities.CompareResult
	require.NoError(r.t, value.Get(&res))
	return res
}

func (r *reconciliation) kinds(res activities.CompareResult) []payments.DifferenceKind {
	var kinds []payments.DifferenceKind
	for _, d := range res.Differences {
		kinds = append(kinds, d.Kind)
	}
	return kinds
}

func TestP4_LedgerAndOrdersAreCompared(t *testing.T) {
	const order2 = `INSERT INTO orders (id, number, policy, service, kind, applicant_key, certificate_id, language, started_at, version, stage, ending)
		VALUES ('11111111-1111-4111-8111-111111111111', 1, '{}', '6.0.00', 'individual', 'k', gen_random_uuid(), 'ru', now(), 1, 'ended', '%s')`
	const line = `INSERT INTO payable_lines (payable_id, order_id, amount)
		SELECT id, '11111111-1111-4111-8111-111111111111', 4320 FROM payables WHERE number = 1`
	told := "UPDATE payments SET delivered_at = now() - interval '2 days'"
	for name, c := range map[string]struct {
		before []string
		at     time.Duration
		want   []payments.DifferenceKind
	}{
		"all told and issued": {[]string{told, strings.Replace(order2, "%s", "issued", 1), line}, 0, nil},
		"just paid":           {nil, 0, nil},
		"untold":              {nil, time.Hour, []payments.DifferenceKind{payments.DifferenceUntold}},
		"payment taken away": {
			[]string{"UPDATE payments SET state = 'returned'"}, 0, []payments.DifferenceKind{payments.DifferencePaidWithoutPayment},
		},
		"payable forgot": {
			[]string{told, "UPDATE payables SET state = 'closed', payment_id = NULL"}, 0,
			[]payments.DifferenceKind{payments.DifferencePaymentWithoutPayable},
		},
		"another sum": {
			[]string{told, "UPDATE payments SET amount = 1"}, 0, []payments.DifferenceKind{payments.DifferenceAmount},
		},
		"not issued": {
			[]string{told, strings.Replace(order2, "%s", "annulled", 1), line}, 0, []payments.DifferenceKind{payments.DifferenceNotIssued},
		},
		"issued for nothing": {
			[]string{told, strings.Replace(order2, "%s", "issued", 1)}, 0, []payments.DifferenceKind{payments.DifferenceIssuedUnpaid},
		},
		"dialogue of ERIP hangs": {
			[]string{told, `INSERT INTO erip_transactions VALUES (5, 5, 5, 2, 8640, 'started', now() - interval '2 days', now() - interval '2 days')`}, 0,
			[]payments.DifferenceKind{payments.DifferenceUnfinished},
		},
		"ERIP paid and nobody booked it": {
			[]string{told, `INSERT INTO erip_transactions VALUES (5, 5, 5, 2, 8640, 'committed', now(), now())`}, 0,
			[]payments.DifferenceKind{payments.DifferenceUnbooked},
		},
	} {
		t.Run(name, func(t *testing.T) {
			r := newReconciliation(t)
			r.push(push(ownNumber.ERIP(), "43.20", "BYN", 5_999_999_000_000_001))
			for _, sql := range c.before {
				r.exec(sql)
			}
			require.Equal(t, c.want, r.kinds(r.compare(r.steps.CompareLedger, time.Now().Add(c.at))))
		})
	}
}

// chooseCard makes the number one that the gateway is asked for.
func (r *reconciliation) chooseCard() {
	r.t.Helper()
	var id uuid.UUID
	require.NoError(r.t, r.pool.QueryRow(r.t.Context(), "SELECT id FROM payables WHERE number = 1").Scan(&id))
	require.NoError(r.t, r.payables.ChooseMethod(r.t.Context(), order.ID(id), payments.SourceAssist))
}

func TestP4_CardGatewayIsComparedAndMissingMoneyIsBooked(t *testing.T) {
	r := newReconciliation(t)
	require.Zero(t, r.compare(r.steps.CompareCards, time.Now()).Asked, "nobody chose the card")
	r.chooseCard()
	res := r.compare(r.steps.CompareCards, time.Now())
	require.Equal(t, 1, res.Asked)
	require.Empty(t, res.Differences)

	// Paid and never pushed. It was paid before it could be overdue.
	r.told = attempt(assist.StateApproved, paidOperation)
	res = r.compare(r.steps.CompareCards, time.Now())
	require.Equal(t, []payments.Difference{{Kind: payments.DifferenceUnbooked, Source: payments.SourceAssist, Number: 1, Theirs: 4320}}, res.Differences)
	require.Equal(t, 1, r.count("payables WHERE number = 1 AND state = 'paid'"), "money that was missing is booked")
	require.Empty(t, r.compare(r.steps.CompareCards, time.Now()).Differences)

	// ASSIST tells of another sum than it has pushed.
	r.exec("UPDATE payments SET amount = 1")
	require.Equal(t, []payments.DifferenceKind{payments.DifferenceAmount}, r.kinds(r.compare(r.steps.CompareCards, time.Now())))
	r.exec("UPDATE payments SET amount = 4320, claimed_at = now()")

	// A refund of what its workflow knows of is news once, and the payment it belongs to is known.
	r.told = attempt(assist.StatePartialCanceled, paidOperation, refundOperation)
	require.Equal(t, []payments.DifferenceKind{payments.DifferenceUnbooked}, r.kinds(r.compare(r.steps.CompareCards, time.Now())))
	require.Empty(t, r.compare(r.steps.CompareCards, time.Now()).Differences)

	// ASSIST does not know the payment at all: only settled payments count.
	r.told = ""
	require.Empty(t, r.compare(r.steps.CompareCards, time.Now()).Differences)
	r.exec("UPDATE payments SET received_at = received_at - interval '1 hour'")
	require.Equal(t, []payments.DifferenceKind{payments.DifferenceUnconfirmed}, r.kinds(r.compare(r.steps.CompareCards, time.Now())))
	r.exec("UPDATE payments SET resolved_by = 'operator'")
	require.Empty(t, r.compare(r.steps.CompareCards, time.Now()).Differences, "an operator has assigned it")

	r.steps.Cards = silent{}
	_, err := r.env.ExecuteActivity(r.steps.CompareCards, activities.CompareInput{At: time.Now()})
	require.Error(t, err)
	r.steps.Cards = nil
	require.Zero(t, r.compare(r.steps.CompareCards, time.Now()).Asked, "cards are not configured")
}

func TestP4_ReportIsStoredOnceAndShown(t *testing.T) {
	r := newReconciliation(t)
	r.push(push(order.PaymentNumber(9).ERIP(), "43.20", "BYN", 5_999_999_000_000_001))
	in := activities.RecordReconciliationInput{
		ID: uuid.NewString(), At: time.Now().UTC().Truncate(time.Microsecond), Asked: 3, GatewaysFailed: true,
		Differences: []payments.Difference{{Kind: payments.DifferenceUntold, Source: payments.SourceERIP, Number: 7, Ours: 4320, Theirs: 4319}},
	}
	for range 2 {
		_, err := r.env.ExecuteActivity(r.steps.RecordReconciliation, in)
		require.NoError(t, err)
	}
	require.Equal(t, 1, r.count("reconciliations"))
	latest, err := postgres.NewReconciliation(r.pool).Latest(t.Context())
	require.NoError(t, err)
	require.Equal(t, payments.ReconciliationReport{Reconciliation: in, Unapplied: 1}, latest)
	require.Equal(t, latest, r.observed[0])
	require.Contains(t, r.log.String(), "kind=untold source=erip number=7")
	require.Contains(t, r.log.String(), "ours=43.20 theirs=43.19")
}
