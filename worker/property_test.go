package worker_test

import (
	"fmt"
	"strconv"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/remote-issuance/remote-issuance/internal/order"
	"github.com/remote-issuance/remote-issuance/internal/payments"
	"github.com/remote-issuance/remote-issuance/internal/payments/erip"
	"github.com/remote-issuance/remote-issuance/internal/postgres"
)

// rivals is one number that all gateways, its deadline and the worker reach
// for at once.
type rivals struct {
	*ledgerFixture
	r        *rapid.T
	id       string
	workflow string
	number   order.PaymentNumber
	// sent are the ids of messages that told of money by card and by bank.
	sent map[string]bool
	// told is the payment that the workflow knows of.
	told string
}

// Whatever comes in whatever order and however often: a number is paid at most
// once, what its workflow was told stays true, and no money is lost.
func TestP4_P5_D7_NoInterleavingOfGatewaysPaysTwiceOrLosesMoney(t *testing.T) {
	d := newLedgerFixture(t)
	next := 100
	rapid.Check(t, func(r *rapid.T) {
		next++
		v := &rivals{ledgerFixture: d, r: r, id: uuid.NewString(), number: order.PaymentNumber(next), sent: map[string]bool{}}
		v.workflow = "confirmation-" + v.id
		_, err := d.pool.Exec(t.Context(), `INSERT INTO payables (id, workflow_id, service, number, total, payer_unp, due, opened_at)
			VALUES ($1, $2, '6.0.02', $3, 4320, $4, now() + interval '1 day', now())`, v.id, v.workflow, next, payerUNP)
		require.NoError(r, err)
		_, err = d.pool.Exec(t.Context(), `INSERT INTO confirmations (id, unp, manager_key, certificate_id, language, started_at, policy, version, stage,
			order_ids, left_ids, number, total, waits_until)
			VALUES ($1, $2, 'k', gen_random_uuid(), 'ru', now(), '{}', 1, 'awaiting-payment', ARRAY[gen_random_uuid()], '{}', $3, 4320, now() + interval '1 day')`,
			v.id, payerUNP, next)
		require.NoError(r, err)
		steps := map[string]func(){
			"push": v.card, "statement": v.bank, "start": func() { v.terminal(erip.TransactionStart) },
			"result": func() { v.terminal(erip.TransactionResult) }, "storn start": func() { v.terminal(erip.StornStart) },
			"storn result": func() { v.terminal(erip.StornResult) }, "lapse": v.lapse, "relay": v.relay,
		}
		names := []string{"push", "statement", "start", "result", "result", "storn start", "storn result", "lapse", "relay"}
		for range rapid.IntRange(1, 14).Draw(r, "steps") {
			steps[rapid.SampledFrom(names).Draw(r, "step")]()
			v.check()
		}
	})
}

func (v *rivals) which() int { return rapid.IntRange(1, 2).Draw(v.r, "which") }

func (v *rivals) card() {
	bill := 5_000_000_000_000_000 + int(v.number)*10 + v.which()
	v.push(push(v.number.ERIP(), "43.20", "BYN", bill))
	v.sent[strconv.Itoa(bill)] = true
}

func (v *rivals) bank() {
	operation := fmt.Sprintf("OP%d/%d", v.number, v.which())
	v.importStatement(statement(operation, payerUNP, "43.20", v.number.ClientBank()+" оплата"))
	v.sent[operation] = true
}

func (v *rivals) terminal(step erip.RequestType) {
	r := erip.Request{
		Type: step, Account: v.number.ERIP(), Currency: erip.Currency, RequestID: int64(v.number), TransactionID: int64(v.number)*10 + int64(v.which()),
		Failed: step == erip.TransactionResult && rapid.Bool().Draw(v.r, "failed"), Storned: rapid.Bool().Draw(v.r, "storned"),
	}
	if step == erip.TransactionStart || step == erip.StornStart {
		r.Amount = 4320
	}
	_, err := v.provider.Serve(v.t.Context(), r, []byte("raw"))
	require.NoError(v.r, err)
}

func (v *rivals) lapse() {
	id, err := order.ParseID(v.id)
	require.NoError(v.r, err)
	_, err = postgres.NewConfirmations(v.pool, order.Tariff{}).Close(v.t.Context(), id, time.Now().AddDate(0, 0, 2))
	require.NoError(v.r, err)
}

// relay tells workflows, as the worker does; other numbers' come along.
func (v *rivals) relay() {
	waiting, err := v.ledger.Undelivered(v.t.Context(), 1000)
	require.NoError(v.r, err)
	for _, d := range waiting {
		if d.WorkflowID == v.workflow {
			require.Empty(v.r, v.told, "told twice")
			v.told = d.PaymentID
		}
		require.NoError(v.r, v.ledger.MarkDelivered(v.t.Context(), d.PaymentID))
	}
}

func (v *rivals) check() {
	var state string
	var applied, received, taken, booked int
	require.NoError(v.r, v.pool.QueryRow(v.t.Context(), `SELECT y.state,
		(SELECT count(*) FROM payments WHERE payable_id = y.id AND state = 'applied'),
		(SELECT count(*) FROM payments WHERE source <> 'erip' AND kind = 'payment' AND number LIKE '%' || $2 || '%'),
		(SELECT count(*) FROM erip_transactions WHERE number = y.number AND state IN ('committed', 'storn-started', 'storn-committed')),
		(SELECT count(*) FROM payments WHERE source = 'erip' AND kind = 'payment' AND number LIKE '%' || $2 || '%')
		FROM payables y WHERE y.id = $1`, v.id, v.number.ERIP()[1:]).Scan(&state, &applied, &received, &taken, &booked))
	require.LessOrEqual(v.r, applied, 1)
	require.Equal(v.r, state == "paid", applied == 1)
	require.Equal(v.r, len(v.sent), received, "every payment by card or bank is kept, once")
	require.Equal(v.r, taken, booked, "every payment in ERIP is kept, once")
	if v.told != "" {
		p, err := v.ledger.Payment(v.t.Context(), v.told)
		require.NoError(v.r, err)
		require.Equal(v.r, payments.PaymentApplied, p.State, "a workflow was told of money that is gone")
	}
	found, err := postgres.NewReconciliation(v.pool).LedgerDifferences(v.t.Context(), time.Now(), 10)
	require.NoError(v.r, err)
	require.Empty(v.r, found)
}
