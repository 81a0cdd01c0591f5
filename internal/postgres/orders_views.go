package postgres

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"github.com/remote-issuance/remote-issuance/internal/order"
	"github.com/remote-issuance/remote-issuance/internal/payments"
	"github.com/remote-issuance/remote-issuance/internal/postgres/db"
)

// OrderView is an order as screens show it.
type OrderView struct {
	Record order.Record
	// Request is what the first check found in the request file that passed;
	// nil before it.
	Request *RequestView
	// Registers are the answers known so far (S7).
	Registers []RegisterAnswer
	// Payable is what is to be paid, for 6.0.00 or through the confirmation that
	// holds the order; nil before there is one.
	Payable *PayableView
	// Certificate and Credentials are nil before the issue.
	Certificate *CertificateView
	Credentials *CredentialsView
	// Notices are the messages about the order with their outcomes (I6).
	Notices []NoticeView
	// Offered are the contacts of the person's last order, for a draft without
	// any (S2); nil when there was none.
	Offered   *order.Contacts
	UpdatedAt time.Time
}

// RequestView is what a request file asks for.
type RequestView struct {
	Subject order.Subject
	// Current is whom the certificate signed in with names.
	Current order.Subject
	// Report has every check of the first check, the passed ones too; Registers
	// those of the second, once the request is saved.
	Report         order.Report
	Registers      order.Report
	Years          int
	RequestedStart order.Date
}

// RegisterAnswer is what is known of one register's answer.
type RegisterAnswer struct {
	Register string
	State    order.RegisterState
	At       time.Time
}

// Order reads one order with everything about it. Error: order.ErrNotFound.
func (o *Orders) Order(ctx context.Context, id order.ID) (OrderView, error) {
	return o.OrderAfter(ctx, id, -1)
}

// OrderAfter is Order for who waits for a version newer than the one they know:
// of an order that has none the record alone is read. Error: order.ErrNotFound.
func (o *Orders) OrderAfter(ctx context.Context, id order.ID, version int64) (OrderView, error) {
	row, err := db.New(o.pool).Order(ctx, db.OrderParams{ID: uuid.UUID(id), After: version})
	if err != nil {
		return OrderView{}, absent(err, "order")
	}
	view, err := orderView(db.OrdersOfApplicantRow{Order: row.Order, Subject: row.Subject, CurrentSubject: row.CurrentSubject,
		RequestReport: row.RequestReport, Years: row.Years, RequestedStart: row.RequestedStart, Registers: row.Registers,
		Payable: row.Payable, Certificate: row.Certificate, Offered: row.Offered})
	if err != nil {
		return OrderView{}, err
	}
	return view, completeView(row, &view)
}

// completeView adds what stands in other tables, as far as the stage has it.
func completeView(row db.OrderRow, view *OrderView) error {
	err := errors.Join(
		fromJSON("notices", row.Notices, &view.Notices), fromJSON("answers of registers", row.RegisterAnswers, &view.Registers),
		fromJSON("credentials", row.Credentials, &view.Credentials))
	for i := range view.Notices {
		inUTC(&view.Notices[i].CreatedAt, &view.Notices[i].SentAt)
	}
	for i := range view.Registers {
		inUTC(&view.Registers[i].At)
	}
	if k := view.Credentials; k != nil {
		inUTC(&k.CreatedAt, &k.ExpiresAt)
	}
	return err
}

// inUTC gives instants from JSON the time zone that those from columns have.
func inUTC(instants ...*time.Time) {
	for _, t := range instants {
		*t = t.UTC()
	}
}

// OrdersOfApplicant gives a page of the open orders of a person and those that
// have changed after since, the newest first, without credentials, messages,
// answers of registers and the bytes of certificates. Pages count from 0.
func (o *Orders) OrdersOfApplicant(ctx context.Context, applicantKey string, since time.Time, page, size int) (OrderPage, error) {
	q := db.New(o.pool)
	rows, err := q.OrdersOfApplicant(ctx, db.OrdersOfApplicantParams{
		ApplicantKey: applicantKey, Since: since, MaxRows: int32(size), Skipped: int32(max(page, 0) * size),
	})
	if err != nil {
		return OrderPage{}, fmt.Errorf("list orders: %w", err)
	}
	out := OrderPage{Orders: make([]OrderView, 0, len(rows))}
	for _, row := range rows {
		view, err := orderView(row)
		if err != nil {
			return OrderPage{}, err
		}
		out.Orders = append(out.Orders, view)
	}
	out.Total, err = totalOf(page, size, len(rows), func() (int64, error) {
		return q.CountOrdersOfApplicant(ctx, db.CountOrdersOfApplicantParams{ApplicantKey: applicantKey, Since: since})
	})
	if err != nil {
		return OrderPage{}, fmt.Errorf("count orders: %w", err)
	}
	return out, nil
}

// OpenDraftOf finds the draft of a person for a service (A6). Error:
// order.ErrNotFound.
func (o *Orders) OpenDraftOf(ctx context.Context, applicantKey string, service order.Service) (OrderView, error) {
	id, err := db.New(o.pool).DraftOf(ctx, db.DraftOfParams{ApplicantKey: applicantKey, Service: string(service)})
	if err != nil {
		return OrderView{}, absent(err, "draft")
	}
	return o.Order(ctx, order.ID(id))
}

// LastContacts gives the contacts of a person's last order to fill a form with
// (S2); the second result is false when there are none.
func (o *Orders) LastContacts(ctx context.Context, applicantKey string) (order.Contacts, bool, error) {
	row, err := db.New(o.pool).LastContacts(ctx, applicantKey)
	if errors.Is(err, pgx.ErrNoRows) {
		return order.Contacts{}, false, nil
	}
	if err != nil {
		return order.Contacts{}, false, fmt.Errorf("last contacts: %w", err)
	}
	return order.Contacts{Email: row.Email, Phone: row.Phone}, true, nil
}

func orderView(row db.OrdersOfApplicantRow) (OrderView, error) {
	record, err := recordOf(row.Order)
	if err != nil {
		return OrderView{}, err
	}
	view := OrderView{Record: record, UpdatedAt: row.Order.UpdatedAt}
	if err := errors.Join(fromJSON("payable", row.Payable, &view.Payable), fromJSON("certificate", row.Certificate, &view.Certificate),
		fromJSON("contacts", row.Offered, &view.Offered)); err != nil {
		return view, err
	}
	if y := view.Payable; y != nil {
		y.Methods = payments.Methods(y.Service)
		inUTC(&y.Due, &y.OpenedAt)
	}
	if c := view.Certificate; c != nil {
		inUTC(&c.NotBefore, &c.NotAfter, &c.IssuedAt, &c.RevokedAt, &c.ActivatedAt)
	}
	if row.Years == nil {
		return view, nil
	}
	request, err := wholeRequest(row.Subject, row.CurrentSubject, row.RequestReport, row.Registers, *row.Years, row.RequestedStart)
	view.Request = &request
	return view, err
}

// wholeRequest is requestView with the reports of both checks.
func wholeRequest(subject, current, report, registers []byte, years int32, start *time.Time) (RequestView, error) {
	r, err := requestView(subject, current, years, start)
	err = errors.Join(err, fromJSON("report of the request", report, &r.Report),
		fromJSON("report of the registers", registers, &r.Registers))
	return r, err
}

// requestView reads the columns that every list of orders has; reports are left out.
func requestView(subject, current []byte, years int32, start *time.Time) (RequestView, error) {
	r := RequestView{Years: int(years), RequestedStart: dateOf(start)}
	err := errors.Join(fromJSON("subject", subject, &r.Subject), fromJSON("current subject", current, &r.Current))
	return r, err
}
