package postgres_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/stretchr/testify/require"

	"github.com/remote-issuance/remote-issuance/activities"
	"github.com/remote-issuance/remote-issuance/internal/order"
	"github.com/remote-issuance/remote-issuance/internal/payments"
	"github.com/remote-issuance/remote-issuance/internal/postgres"
	"github.com/remote-issuance/remote-issuance/internal/postgres/pgtest"
)

const (
	unp   = "190000020"
	price = order.Kopecks(4320)
)

var day = time.Date(2026, 3, 2, 9, 0, 0, 0, time.UTC)

// bundle is a database with the repositories over it.
type bundle struct {
	t        *testing.T
	pool     *pgxpool.Pool
	records  *postgres.Records
	requests *postgres.Requests
	payables *postgres.Payables
	ledger   *postgres.Ledger
	orders   *postgres.Orders
	org      *postgres.Organisation
	audit    *postgres.Audit
}

func setup(t *testing.T) *bundle {
	t.Helper()
	t.Parallel()
	pool := pgtest.New(t)
	tariff, err := order.NewTariff([]order.Price{
		{Service: order.ServiceEmployee, Kind: order.KindEmployee, Years: 1, From: "2026-01-01", Amount: price},
		{Service: order.ServiceEmployee, Kind: order.KindEmployee, Years: 2, From: "2026-01-01", Amount: 2 * price},
		{Service: order.ServiceIndividual, Kind: order.KindIndividual, Years: 1, From: "2026-01-01", Amount: 3 * price},
	})
	require.NoError(t, err)
	return &bundle{
		t: t, pool: pool, records: postgres.NewRecords(pool), requests: postgres.NewRequests(pool),
		payables: postgres.NewPayables(pool, tariff), ledger: postgres.NewLedger(pool), orders: postgres.NewOrders(pool),
		org: postgres.NewOrganisation(pool), audit: postgres.NewAudit(pool),
	}
}

// sample is an order of the tests with its latest state.
type sample struct {
	activities.OrderState
	service order.Service
	keyID   string
	years   int
}

// open opens an order: version 1.
func (b *bundle) open(service order.Service) *sample {
	b.t.Helper()
	number, err := b.records.NextOrderNumber(b.t.Context())
	require.NoError(b.t, err)
	s := &sample{service: service, keyID: fmt.Sprintf("%064x", number), years: 1}
	s.OrderState = activities.OrderState{OrderID: uuid.NewString(), Version: 1, Stage: order.StageTerms}
	opening := activities.OrderOpening{
		Number: number, WorkflowID: "order-" + s.OrderID, Service: service, Kind: order.KindIndividual,
		ApplicantKey: fmt.Sprintf("applicant-%d", number), CertificateID: uuid.NewString(), Language: "be", StartedAt: day,
	}
	if service == order.ServiceEmployee {
		opening.Kind, opening.UNP = order.KindEmployee, unp
	}
	require.NoError(b.t, b.records.RecordOrder(b.t.Context(), activities.RecordOrderInput{
		Opening: &opening, State: s.OrderState,
		Events: []activities.AuditEvent{{Action: "order-opened", Actor: "applicant", At: day, Evidence: map[string]string{"certificate": "c"}}},
	}))
	return s
}

// checked is the transition of an accepted upload.
func (b *bundle) checked(s *sample) (activities.CheckedRequest, activities.RecordOrderInput) {
	s.Version++
	s.Stage, s.RequestID, s.UploadedAt = order.StageChecking, uuid.NewString(), day
	s.Terms = &activities.Terms{AgreementVersion: "1", ContractVersion: "2", AcceptedAt: day}
	s.Contacts = &order.Contacts{Email: "a@example.by", Phone: "+375291234567"}
	subject := order.Subject{
		Surname: "Прыкладны", GivenName: "Узор", CommonName: "Прыкладны Узор", PersonalNumber: "1010190A000PB0",
		Organisation: "ТАА Узор", Position: "інжынер", UNP: unp,
	}
	current := subject
	current.Position = "тэхнік"
	return activities.CheckedRequest{
		ID: s.RequestID, OrderID: s.OrderID, Subject: subject, Current: current, Years: s.years, KeyID: s.keyID, CheckedAt: day,
		RequestedStart: order.DateOf(day).AddDays(10),
		Report:         order.Report{{Code: order.CheckSubject, Verdict: order.VerdictChanged, Field: order.FieldPosition}},
	}, activities.RecordOrderInput{State: s.OrderState}
}

// saved brings an order to the end of its checks (S8): 6.0.01 waits for approval.
func (b *bundle) saved(service order.Service) *sample {
	b.t.Helper()
	s := b.open(service)
	require.NoError(b.t, b.save(s))
	return s
}

func (b *bundle) save(s *sample) error {
	request, transition := b.checked(s)
	if err := b.requests.SaveChecked(b.t.Context(), request, transition); err != nil {
		return err
	}
	s.Version++
	s.CompletedAt, s.PayBy = day, order.DefaultPolicy().PayBy(day)
	if s.service.NeedsApproval() {
		s.Stage, s.Until = order.StageAwaitingApproval, order.DefaultPolicy().ApproveBy(day)
	}
	return b.records.RecordOrder(b.t.Context(), activities.RecordOrderInput{State: s.OrderState, SaveRequest: true})
}

// confirm opens the payable of a confirmation over the orders.
func (b *bundle) confirm(orders ...*sample) (string, activities.OpenPayableResult) {
	b.t.Helper()
	in := activities.OpenPayableInput{PayableID: uuid.NewString(), Service: order.ServiceManager, At: day}
	in.WorkflowID = "confirmation-" + in.PayableID
	for _, o := range orders {
		in.OrderIDs = append(in.OrderIDs, o.OrderID)
	}
	res, err := b.payables.OpenPayable(b.t.Context(), in)
	require.NoError(b.t, err)
	return in.PayableID, res
}

// payable opens what an order of 6.0.00 is paid by.
func (b *bundle) own(s *sample) activities.OpenPayableResult {
	b.t.Helper()
	res, err := b.payables.OpenPayable(b.t.Context(), activities.OpenPayableInput{
		PayableID: s.OrderID, WorkflowID: "order-" + s.OrderID, Service: order.ServiceIndividual, OrderIDs: []string{s.OrderID}, At: day,
	})
	require.NoError(b.t, err)
	return res
}

// card is a payment by card under the number.
func card(number int64, amount order.Kopecks) payments.Notification {
	id := uuid.NewString()
	return payments.Notification{
		Source: payments.SourceAssist, Kind: payments.KindPayment, ExternalID: id, Raw: []byte("raw\x00" + id),
		Number: order.PaymentNumber(number).ERIP(), Amount: amount, Currency: payments.BYN, ReceivedAt: day,
	}
}

// count counts the rows of a table.
func (b *bundle) count(from string) (n int) {
	b.t.Helper()
	require.NoError(b.t, b.pool.QueryRow(b.t.Context(), "SELECT count(*) FROM "+from).Scan(&n))
	return n
}
