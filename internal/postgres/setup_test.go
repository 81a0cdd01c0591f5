package postgres_test

import (
	"fmt"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/stretchr/testify/require"

	"github.com/remote-issuance/remote-issuance/internal/issuance"
	"github.com/remote-issuance/remote-issuance/internal/order"
	"github.com/remote-issuance/remote-issuance/internal/payments"
	"github.com/remote-issuance/remote-issuance/internal/postgres"
	"github.com/remote-issuance/remote-issuance/internal/postgres/pgtest"
)

const (
	unp     = "190000020"
	manager = "manager-1"
	price   = order.Kopecks(4320)
)

var day = time.Date(2026, 3, 2, 9, 0, 0, 0, time.UTC)

// bundle is a database with the stores over it.
type bundle struct {
	// lists are the octets of the lists that were made, by the ids of their documents.
	lists sync.Map

	t             *testing.T
	pool          *pgxpool.Pool
	documents     *postgres.Documents
	payables      *postgres.Payables
	ledger        *postgres.Ledger
	orders        *postgres.Orders
	confirmations *postgres.Confirmations
	certificates  *postgres.CertificateStore
	audit         *postgres.Audit
	made          atomic.Int64
	// keepsCertificates stores the certificates that persons sign in with.
	keepsCertificates bool
}

func setup(t *testing.T) *bundle {
	t.Helper()
	t.Parallel()
	return over(t, pgtest.New(t))
}

func over(t *testing.T, pool *pgxpool.Pool) *bundle {
	t.Helper()
	tariff, err := order.NewTariff([]order.Price{
		{Service: order.ServiceEmployee, Kind: order.KindEmployee, Years: 1, From: "2026-01-01", Amount: price},
		{Service: order.ServiceEmployee, Kind: order.KindEmployee, Years: 2, From: "2026-01-01", Amount: 2 * price},
		{Service: order.ServiceIndividual, Kind: order.KindIndividual, Years: 1, From: "2026-01-01", Amount: 3 * price},
	})
	require.NoError(t, err)
	return &bundle{
		t: t, pool: pool, documents: postgres.NewDocuments(pool), payables: postgres.NewPayables(pool), ledger: postgres.NewLedger(pool),
		orders: postgres.NewOrders(pool, tariff), confirmations: postgres.NewConfirmations(pool, tariff),
		certificates: postgres.NewCertificateStore(pool), audit: postgres.NewAudit(pool),
	}
}

// sample is an order of the tests as the last helper left it.
type sample struct {
	order.Record
	keyID string
	years int
}

// draft is what a person begins with.
func (b *bundle) draft(service order.Service, applicant string) order.Record {
	r := order.Record{
		ID: order.NewID(), Service: service, Kind: order.KindIndividual, ApplicantKey: applicant, CertificateID: order.NewID(),
		Language: "be", StartedAt: day, Policy: order.DefaultPolicy(),
	}
	if service == order.ServiceEmployee {
		r.Kind, r.UNP = order.KindEmployee, unp
	}
	if b.keepsCertificates {
		require.NoError(b.t, b.documents.Put(b.t.Context(), order.Document{
			ID: r.CertificateID, Kind: order.DocumentCertificate, OwnerKey: applicant, Content: []byte("certificate of " + applicant),
		}))
	}
	return r
}

// open opens a draft of a new person.
func (b *bundle) open(service order.Service) *sample {
	b.t.Helper()
	n := b.made.Add(1)
	r, resumed, err := b.orders.OpenDraft(b.t.Context(), b.draft(service, fmt.Sprintf("applicant-%d", n)))
	require.NoError(b.t, err)
	require.False(b.t, resumed)
	return &sample{Record: r, keyID: fmt.Sprintf("%064x", n), years: 1}
}

// decide takes a decision over a sample.
func (b *bundle) decide(s *sample, d order.Decision) {
	b.t.Helper()
	r, err := b.orders.Decide(b.t.Context(), s.ID, d)
	require.NoError(b.t, err)
	s.Record = r
}

func consent() order.Decision {
	return order.AcceptTerms(order.Consent{AgreementVersion: "1", ContractVersion: "2", AcceptedAt: day})
}

// upload is a request file with its verdict.
func (s *sample) upload(report order.Report) (order.Upload, order.Document) {
	subject := order.Subject{
		Surname: "Прыкладны", GivenName: "Узор", CommonName: "Прыкладны Узор", PersonalNumber: "1010190A000PB0",
		Organisation: "ТАА Узор", Position: "інжынер", UNP: unp,
	}
	current, file := subject, order.Document{
		ID: order.NewID(), Kind: order.DocumentRequest, MediaType: "application/pkcs10", OwnerKey: s.ApplicantKey, Content: []byte(s.keyID),
	}
	current.Position = "тэхнік"
	return order.Upload{
		Request: order.CheckedRequest{
			ID: file.ID, OrderID: s.ID, Subject: subject, Current: current, Years: s.years, KeyID: s.keyID, CheckedAt: day,
			RequestedStart: order.DateOf(day).AddDays(10), Report: report,
		},
		Contacts: order.Contacts{Email: "a@example.by", Phone: "+375291234567"},
	}, file
}

// good is the report of a file in which only the position has changed.
func good() order.Report {
	return order.Report{{Code: order.CheckSubject, Verdict: order.VerdictChanged, Field: order.FieldPosition, Found: "a", Expected: "b"}}
}

// take brings an order through the first check.
func (b *bundle) take(s *sample) error {
	if s.Stage == order.StageTerms {
		b.decide(s, consent())
	}
	u, file := s.upload(good())
	r, err := b.orders.TakeUpload(b.t.Context(), s.ID, u, file)
	if err == nil {
		s.Record = r
	}
	return err
}

// saved brings a new order to the end of its checks (S8).
func (b *bundle) saved(service order.Service) *sample {
	b.t.Helper()
	s := b.open(service)
	b.save(s)
	return s
}

func (b *bundle) save(s *sample) order.Bill {
	b.t.Helper()
	require.NoError(b.t, b.take(s))
	r, bill, err := b.orders.Save(b.t.Context(), s.ID, registered(), day)
	require.NoError(b.t, err)
	s.Record = r
	return bill
}

// registered is a report in which every register agrees.
func registered() order.Report {
	return order.Report{{Code: order.CheckPerson, Verdict: order.VerdictPassed}, {Code: order.CheckTaxpayer, Verdict: order.VerdictPassed}}
}

// bill is what is to be paid.
type bill struct {
	Number int64
	Total  order.Kopecks
	Due    time.Time
}

// own is the bill of a saved order of 6.0.00.
func (b *bundle) own(s *sample) bill {
	b.t.Helper()
	view, err := b.orders.Payable(b.t.Context(), s.ID)
	require.NoError(b.t, err)
	return bill{Number: int64(view.Number), Total: view.Total, Due: view.Due}
}

// close ends an order as its owner, or a deadline, would; a repetition gives
// the same answer.
func (b *bundle) close(s *sample, keepConfirmed bool) order.Ended {
	b.t.Helper()
	e := withdrawal(s, keepConfirmed)
	ended, err := b.orders.End(b.t.Context(), e)
	require.NoError(b.t, err)
	again, err := b.orders.End(b.t.Context(), e)
	require.NoError(b.t, err)
	require.Equal(b.t, ended, again)
	return ended
}

func withdrawal(s *sample, keepConfirmed bool) order.Ending {
	return order.Ending{
		OrderID: s.ID, End: order.EndWithdrawn, Reason: order.ReasonByApplicant, By: order.ByApplicant, At: day, KeepConfirmed: keepConfirmed,
	}
}

// record reads an order.
func (b *bundle) record(id order.ID) order.Record {
	b.t.Helper()
	view, err := b.orders.Order(b.t.Context(), id)
	require.NoError(b.t, err)
	return view.Record
}

// card is a payment by card under the number.
func card(number int64, amount order.Kopecks) payments.Notification {
	id := uuid.NewString()
	return payments.Notification{
		Source: payments.SourceAssist, Kind: payments.KindPayment, ExternalID: id, Raw: []byte("raw\x00" + id),
		Number: order.PaymentNumber(number).ERIP(), Amount: amount, Currency: payments.BYN, ReceivedAt: day,
	}
}

// pay pays a bill and returns the payment.
func (b *bundle) pay(of bill) order.ID {
	b.t.Helper()
	p, err := b.receive(card(of.Number, of.Total))
	require.NoError(b.t, err)
	require.Equal(b.t, payments.PaymentApplied, p.State)
	id, err := order.ParseID(p.ID)
	require.NoError(b.t, err)
	return id
}

// count counts the rows of a table.
func (b *bundle) count(from string) (n int) {
	b.t.Helper()
	require.NoError(b.t, b.pool.QueryRow(b.t.Context(), "SELECT count(*) FROM "+from).Scan(&n))
	return n
}

// onlyPaid is a gate for orders that rest on nothing but their payment.
func onlyPaid(s issuance.Stored) error {
	switch {
	case !s.Order.Stage.Open():
		return order.ErrStage
	case s.Payment == nil || s.Payment.State != payments.PayablePaid || !s.Payment.Held:
		return order.ErrUnpaid
	default:
		return nil
	}
}
