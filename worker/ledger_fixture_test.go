package worker_test

import (
	"context"
	"fmt"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/stretchr/testify/require"
	"golang.org/x/time/rate"

	"github.com/remote-issuance/remote-issuance/api"
	"github.com/remote-issuance/remote-issuance/internal/order"
	"github.com/remote-issuance/remote-issuance/internal/payments"
	"github.com/remote-issuance/remote-issuance/internal/payments/assist"
	"github.com/remote-issuance/remote-issuance/internal/payments/charset"
	"github.com/remote-issuance/remote-issuance/internal/payments/erip"
	"github.com/remote-issuance/remote-issuance/internal/payments/intake"
	"github.com/remote-issuance/remote-issuance/internal/postgres"
	"github.com/remote-issuance/remote-issuance/internal/postgres/pgtest"
)

// The numbers of the ledgerFixture: one of 6.0.00, one of a confirmation.
const (
	ownNumber  = order.PaymentNumber(1)
	listNumber = order.PaymentNumber(2)
	payerUNP   = "190000020"
)

// ledgerFixture is the ledger with everything money comes in by.
type ledgerFixture struct {
	t        *testing.T
	pool     *pgxpool.Pool
	ledger   *postgres.Ledger
	payables *postgres.Payables
	provider *erip.Provider
	receiver *assist.Receiver
	// told is the order that ASSIST tells when it is asked; none when empty.
	told  string
	cards intake.Cards
}

func newLedgerFixture(t *testing.T) *ledgerFixture {
	t.Helper()
	d := &ledgerFixture{t: t, pool: pgtest.New(t)}
	_, err := d.pool.Exec(t.Context(), `INSERT INTO payables (id, workflow_id, service, number, total, payer_unp, due, opened_at) VALUES
		(gen_random_uuid(), 'order-1', '6.0.00', 1, 4320, '', now() + interval '1 day', now()),
		(gen_random_uuid(), 'confirmation-2', '6.0.02', 2, 8640, $1, now() + interval '1 day', now())`, payerUNP)
	require.NoError(t, err)
	d.ledger, d.payables = postgres.NewLedger(d.pool), postgres.NewPayables(d.pool)
	d.provider, err = erip.New(erip.Config{}, postgres.NewERIP(d.pool), time.Now)
	require.NoError(t, err)
	d.receiver = assist.NewReceiver(cardGateway(t, "https://example.by"), d.ledger)
	status := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		if d.told == "" {
			_, _ = w.Write([]byte(`<result firstcode="10" secondcode="201"/>`))
			return
		}
		_, _ = fmt.Fprintf(w, `<result firstcode="0" secondcode="0">%s</result>`, d.told)
	}))
	t.Cleanup(status.Close)
	d.cards = intake.Cards{Gateway: cardGateway(t, status.URL)}
	return d
}

// attempt is how ASSIST tells of an attempt to pay the number 1 for 43.20.
func attempt(state assist.State, operations ...string) string {
	text := `<order><ordernumber>NOAIS000000001</ordernumber><billnumber>5999999000000001</billnumber><testmode>0</testmode>
		<orderamount>43.20</orderamount><ordercurrency>BYN</ordercurrency><orderstate>` + string(state) + `</orderstate>`
	for i, operation := range operations {
		text += fmt.Sprintf(`<operation><billnumber>5999999000000001.%d</billnumber>%s<currency>BYN</currency>
			<responsecode>AS000</responsecode><operationdate>01.06.2026 09:00:00</operationdate></operation>`, i+1, operation)
	}
	return text + "</order>"
}

const (
	paidOperation   = "<operationtype>100</operationtype><amount>43.20</amount>"
	refundOperation = "<operationtype>300</operationtype><amount>10.00</amount>"
)

func (d *ledgerFixture) polls(store intake.PollStore) *intake.CardPolls {
	return &intake.CardPolls{Store: store, Gateway: d.cards, Ledger: d.ledger, Interval: time.Hour, Limit: rate.NewLimiter(rate.Inf, 1),
		Now: time.Now, Log: slog.New(slog.DiscardHandler)}
}

// turn is a store whose only number has its turn once.
type turn struct{ taken bool }

// ClaimCardPolls gives the number of 6.0.00.
func (s *turn) ClaimCardPolls(context.Context, time.Time, int) ([]payments.CardPoll, error) {
	if s.taken {
		return nil, nil
	}
	s.taken = true
	return []payments.CardPoll{{Number: ownNumber, OpenedAt: time.Now()}}, nil
}

func (d *ledgerFixture) ask(state assist.State, operations ...string) {
	d.t.Helper()
	d.told = attempt(state, operations...)
	require.NoError(d.t, d.polls(&turn{}).Sweep(d.t.Context()))
}

func (d *ledgerFixture) push(form url.Values) {
	d.t.Helper()
	w := httptest.NewRecorder()
	r := httptest.NewRequest(http.MethodPost, "/", strings.NewReader(form.Encode()))
	api.AssistHandler(d.receiver, slog.New(slog.DiscardHandler)).ServeHTTP(w, r)
	require.Equal(d.t, http.StatusOK, w.Code)
}

// statement is a bank statement with one credit.
func statement(id, unp, amount, purpose string) []byte {
	return charset.ToWindows1251("***** ^Type=4^ ^Acc=BY83AKBB30120893700845500000^  -  Выписка\r\n[OUT_PARAM]\r\n^DocDate=" +
		time.Now().In(order.Minsk()).Format("02.01.2006") + "^\r\n^OperationID=" + id + "^\r\n^Credit=" + amount +
		"^\r\n^KorUNP=" + unp + "^\r\n^Nazn=" + purpose + "^\r\n")
}

// statements imports statements of the account that statement writes.
func (d *ledgerFixture) statements() intake.Statements {
	own := payments.NewAccounts("BY83 AKBB 3012 0893 7008 4550 0000")
	return intake.Statements{Ledger: d.ledger, Own: own, Now: time.Now, Log: slog.New(slog.DiscardHandler)}
}

func (d *ledgerFixture) importStatement(data []byte) {
	d.t.Helper()
	require.NoError(d.t, d.statements().Sink(d.t.Context(), data))
}

func (d *ledgerFixture) exec(sql string) {
	d.t.Helper()
	_, err := d.pool.Exec(d.t.Context(), sql)
	require.NoError(d.t, err)
}

func (d *ledgerFixture) count(from string) (n int) {
	d.t.Helper()
	require.NoError(d.t, d.pool.QueryRow(d.t.Context(), "SELECT count(*) FROM "+from).Scan(&n))
	return n
}
