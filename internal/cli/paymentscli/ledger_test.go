package paymentscli_test

import (
	"io"
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"github.com/remote-issuance/remote-issuance/internal/cli/operator"
	"github.com/remote-issuance/remote-issuance/internal/cli/requestcli"
	"github.com/remote-issuance/remote-issuance/internal/order"
	"github.com/remote-issuance/remote-issuance/internal/payments"
	"github.com/remote-issuance/remote-issuance/internal/postgres"
	"github.com/remote-issuance/remote-issuance/internal/postgres/pgtest"
)

// setup gives a ledger on a database of its own, which the commands find in
// the environment, with one open number: 92239 for 43.20.
func setup(t *testing.T) *postgres.Ledger {
	t.Helper()
	address := pgtest.URL(t)
	t.Setenv("DATABASE_URL", address)
	t.Setenv("USER", "op-1")
	pool, err := postgres.Connect(t.Context(), address)
	require.NoError(t, err)
	t.Cleanup(pool.Close)
	_, err = pool.Exec(t.Context(), `INSERT INTO payables (id, workflow_id, service, number, total, due, opened_at)
		VALUES (gen_random_uuid(), 'order-1', '6.0.00', 92239, 4320, now() + interval '1 day', now())`)
	require.NoError(t, err)
	return postgres.NewLedger(pool)
}

// receive records a card payment under a number as the payer typed it.
func receive(t *testing.T, ledger *postgres.Ledger, number string, amount order.Kopecks) payments.Payment {
	t.Helper()
	decision, err := ledger.Record(t.Context(), payments.Notification{
		Source: payments.SourceAssist, Kind: payments.KindPayment, ExternalID: "5999999000000001/Approved", Number: number,
		Amount: amount, Currency: payments.BYN, ReceivedAt: time.Now(),
	})
	require.NoError(t, err)
	p, err := ledger.Payment(t.Context(), decision.PaymentID)
	require.NoError(t, err)
	require.Equal(t, payments.PaymentUnapplied, p.State)
	return p
}

type printed struct{ ID, Number, State, Reason, Note, Refused string }

func TestP4_OperatorMatchesByHand(t *testing.T) {
	ledger := setup(t)
	p := receive(t, ledger, "NOAIS000092238", 4320)
	require.Contains(t, must(t, "list", "--unapplied"), "unknown-number")
	listed := decode[[]printed](t, must(t, "list", "--json"))
	require.Equal(t, []printed{{ID: p.ID, Number: "NOAIS000092238", State: "unapplied", Reason: "unknown-number"}}, listed)

	out, err := run(t, "assign", p.ID, "--number", "NOAIS000000001", "--note", "n")
	require.ErrorIs(t, err, requestcli.ErrVerdict)
	require.Contains(t, out, "unknown-number")
	_, err = run(t, "assign", p.ID, "--number", "92239", "--note", "n")
	require.ErrorContains(t, err, "--number")
	_, err = run(t, "assign", p.ID, "--number", "NOAIS000092239")
	require.ErrorContains(t, err, "note")
	_, err = run(t, "assign", p.ID, "--number", "NOAIS000092239", "--note", " ")
	require.ErrorContains(t, err, "note")

	done := decode[printed](t, must(t, "assign", p.ID, "--number", "rоаis 000092239", "--note", "called the payer", "--json"))
	require.Equal(t, "applied", done.State)
	require.Equal(t, "called the payer", done.Note)
	require.Empty(t, decode[[]printed](t, must(t, "list", "--json")))
	require.Len(t, decode[[]printed](t, must(t, "list", "--state", "applied", "--json")), 1)

	out, err = run(t, "return", p.ID, "--note", "twice", "--json")
	require.ErrorIs(t, err, requestcli.ErrVerdict)
	require.NotEmpty(t, decode[printed](t, out).Refused)
}

func TestP4_OperatorReturns(t *testing.T) {
	p := receive(t, setup(t), "NOAIS000092239", 4319)
	require.Contains(t, must(t, "return", "assist:"+p.ExternalID, "--note", "sent back on paper"), "assist:"+p.ExternalID)
	require.Equal(t, "returned", decode[[]printed](t, must(t, "list", "--state", "returned", "--json"))[0].State)
	_, err := run(t, "return", uuid.NewString(), "--note", "n")
	require.Equal(t, 2, requestcli.ExitCode(err))
}

func TestListRefusesContradictions(t *testing.T) {
	for _, args := range [][]string{{"list", "--state", "lost"}, {"list", "--unapplied", "--state", "applied"}} {
		_, err := run(t, args...)
		require.Error(t, err)
	}
	t.Setenv("DATABASE_URL", "")
	_, err := run(t, "list")
	require.ErrorContains(t, err, "DATABASE_URL")
}

// refunded is how ASSIST tells of the order after its refund.
const refunded = `<result firstcode="0" secondcode="0"><order><ordernumber>NOAIS000092239</ordernumber>
	<billnumber>5999999000000001</billnumber><testmode>0</testmode><orderamount>99.99</orderamount><ordercurrency>BYN</ordercurrency>
	<orderstate>Canceled</orderstate><operation><billnumber>5999999000000001.2</billnumber><operationtype>300</operationtype>
	<amount>99.99</amount><currency>BYN</currency><responsecode>AS000</responsecode></operation></order></result>`

func TestP4_RefundGoesThroughTheGatewayOnce(t *testing.T) {
	var keys []string
	codes := []string{`<result firstcode="2" secondcode="1"/>`, `<result firstcode="11" secondcode="0"/>`}
	gateway := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		require.NoError(t, r.ParseForm())
		if r.URL.Path == "/orderresult/orderresult.cfm" {
			_, _ = io.WriteString(w, refunded)
			return
		}
		require.Equal(t, "5999999000000001", r.PostForm.Get("Billnumber"))
		keys = append(keys, r.PostForm.Get("Externalrefundid"))
		_, _ = io.WriteString(w, codes[len(keys)-1])
	}))
	t.Cleanup(gateway.Close)
	ledger := setup(t)
	p := receive(t, ledger, "NOAIS000092239", 9999)
	_, err := run(t, "refund", p.ID, "--note", "paid too much")
	require.ErrorContains(t, err, "ASSIST_HOST")
	for name, value := range map[string]string{
		"HOST": gateway.URL, "MERCHANT_ID": "999999", "LOGIN": "merchant_1", "PASSWORD": "passw0rd8", "REQUEST_SALT": "a",
		"RESULT_SALT": "b", "TEST_MODE": "true",
	} {
		t.Setenv("ASSIST_"+name, value)
	}
	_, err = run(t, "refund", p.ID, "--note", "paid too much")
	require.ErrorContains(t, err, "firstcode 2")
	require.Len(t, decode[[]printed](t, must(t, "list", "--json")), 1, "the gateway failed: it still waits")

	done := decode[printed](t, must(t, "refund", p.ID, "--note", "paid too much", "--json"))
	require.Equal(t, "returned", done.State)
	require.Equal(t, []string{"refund-" + p.ID, "refund-" + p.ID}, keys)
	_, err = run(t, "refund", p.ID, "--note", "again")
	require.ErrorIs(t, err, requestcli.ErrVerdict)
	require.Len(t, keys, 2)
	require.Empty(t, decode[[]printed](t, must(t, "list", "--json")), "the refund itself waits for nobody")
	require.Len(t, decode[[]printed](t, must(t, "list", "--state", "returned", "--json")), 2)
}

// Whoever settles is named one way by every command.
func TestP4_WhoSettlesStandsInTheAuditLog(t *testing.T) {
	ledger := setup(t)
	p := receive(t, ledger, "NOAIS000092238", 4320)
	t.Setenv("USER", "")
	for _, args := range [][]string{
		{"assign", p.ID, "--number", "NOAIS000092239"}, {"return", p.ID}, {"refund", p.ID},
	} {
		_, err := run(t, append(args, "--note", "n")...)
		require.ErrorIs(t, err, operator.ErrNoAccount)
	}
	must(t, "return", p.ID, "--note", "n", "--operator", "op-7")
	settled, err := ledger.Payment(t.Context(), p.ID)
	require.NoError(t, err)
	require.Equal(t, "op-7", settled.ResolvedBy)
}

func TestAPaymentIsFoundByItsNumber(t *testing.T) {
	ledger := setup(t)
	p := receive(t, ledger, "оплата сертификата ROAIS000092238 по счету", 4320)
	_, err := run(t, "return", "NOAIS000092237", "--note", "n")
	require.ErrorContains(t, err, "no payment waits under NOAIS000092237")
	_, err = run(t, "return", "92238", "--note", "n")
	require.ErrorContains(t, err, "no payment has this reference")
	second, err := ledger.Record(t.Context(), payments.Notification{
		Source: payments.SourceAssist, Kind: payments.KindPayment, ExternalID: "2", Number: "noais 000092238", Amount: 1,
		Currency: payments.BYN, ReceivedAt: time.Now(),
	})
	require.NoError(t, err)
	_, err = run(t, "return", "NOAIS000092238", "--note", "n")
	require.ErrorContains(t, err, "assist:"+p.ExternalID)
	require.ErrorContains(t, err, "assist:2")
	require.NotContains(t, err.Error(), second.PaymentID)
	must(t, "return", "assist:2", "--note", "n")
	require.Contains(t, must(t, "return", "NOAIS000092238", "--note", "n"), "assist:"+p.ExternalID)
	_, err = run(t, "return", "2", "--note", "n")
	require.Equal(t, 1, requestcli.ExitCode(err), "it is settled")
}
