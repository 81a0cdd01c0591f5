package postgres

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/remote-issuance/remote-issuance/activities"
	"github.com/remote-issuance/remote-issuance/internal/order"
	"github.com/remote-issuance/remote-issuance/internal/postgres/db"
)

// OrderView is an order as screens show it.
type OrderView struct {
	ID      string
	Opening activities.OrderOpening
	State   activities.OrderState
	// Request is what the first check found in the last request file; nil before it.
	Request *RequestView
	// Payable is what is to be paid, for 6.0.00 or through the confirmation that
	// holds the order; nil before there is one.
	Payable *PayableView
	// Certificate and Credentials are nil before the issue.
	Certificate *CertificateView
	Credentials *CredentialsView
	// Notices are the messages about the order with their outcomes (I6).
	Notices       []NoticeView
	ClosedToMoney bool
	UpdatedAt     time.Time
}

// RequestView is what a request file asks for.
type RequestView struct {
	Subject order.Subject
	// Current is whom the certificate signed in with names.
	Current order.Subject
	// Report has every check, the passed ones too.
	Report         order.Report
	Years          int
	RequestedStart order.Date
}

// Orders reads orders.
type Orders struct{ pool *pgxpool.Pool }

// NewOrders makes the reader of orders.
func NewOrders(pool *pgxpool.Pool) *Orders { return &Orders{pool: pool} }

// Order reads one order with everything about it. Error: activities.ErrNotFound.
func (o *Orders) Order(ctx context.Context, orderID string) (OrderView, error) {
	id, err := parseID(orderID)
	if err != nil {
		return OrderView{}, fmt.Errorf("order: %w", activities.ErrNotFound)
	}
	q := db.New(o.pool)
	row, err := q.Order(ctx, id)
	if err != nil {
		return OrderView{}, absent(err, "order")
	}
	view, err := orderView(row)
	if err != nil {
		return OrderView{}, err
	}
	return view, completeView(ctx, q, id, &view)
}

// completeView adds what stands in other tables.
func completeView(ctx context.Context, q *db.Queries, id uuid.UUID, view *OrderView) error {
	payableID := id
	if confirmation, err := optionalID(view.State.ConfirmationID); err == nil && confirmation != nil {
		payableID = *confirmation
	}
	var err error
	if view.Payable, err = payableView(ctx, q, payableID); err != nil {
		return err
	}
	if view.Certificate, err = certificateView(ctx, q, id); err != nil {
		return err
	}
	if view.Credentials, err = credentialsView(ctx, q, id); err != nil {
		return err
	}
	view.Notices, err = noticesOf(ctx, q, id)
	return err
}

// OrdersOfApplicant lists the open orders of a person and those that have
// changed after since, the newest first, without what stands in other tables.
func (o *Orders) OrdersOfApplicant(ctx context.Context, applicantKey string, since time.Time, limit int) ([]OrderView, error) {
	rows, err := db.New(o.pool).OrdersOfApplicant(ctx, db.OrdersOfApplicantParams{
		ApplicantKey: applicantKey, Since: since, MaxRows: int32(limit),
	})
	if err != nil {
		return nil, fmt.Errorf("list orders: %w", err)
	}
	views := make([]OrderView, 0, len(rows))
	for _, row := range rows {
		view, err := orderView(db.OrderRow(row))
		if err != nil {
			return nil, err
		}
		views = append(views, view)
	}
	return views, nil
}

// OpenOrder finds the open order of a person for a service (A6). Error:
// activities.ErrNotFound.
func (o *Orders) OpenOrder(ctx context.Context, applicantKey string, service order.Service) (OrderView, error) {
	id, err := db.New(o.pool).OpenOrder(ctx, db.OpenOrderParams{ApplicantKey: applicantKey, Service: string(service)})
	if err != nil {
		return OrderView{}, absent(err, "open order")
	}
	return o.Order(ctx, id.String())
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

func orderView(row db.OrderRow) (OrderView, error) {
	o := row.Order
	view := OrderView{
		ID: o.ID.String(), ClosedToMoney: o.ClosedToMoney, UpdatedAt: o.UpdatedAt,
		Opening: activities.OrderOpening{
			Number: o.Number, WorkflowID: o.WorkflowID, Service: order.Service(o.Service), Kind: order.Kind(o.Kind),
			ApplicantKey: o.ApplicantKey, UNP: o.Unp, CertificateID: o.CertificateID.String(), Language: o.Language,
			StartedAt: o.StartedAt,
		},
		State: activities.OrderState{
			OrderID: o.ID.String(), Version: o.Version, Stage: order.Stage(o.Stage), End: order.End(o.Ending),
			Reason: order.EndReason(o.Reason), Note: o.Note, Until: timeOf(o.WaitsUntil), PayBy: timeOf(o.PayBy),
			RequestID: textOf(o.RequestID), UploadedAt: timeOf(o.UploadedAt), CompletedAt: timeOf(o.CompletedAt),
			ConfirmationID: textOf(o.ConfirmationID), ApprovedAt: timeOf(o.ApprovedAt), PaymentID: textOf(o.PaymentID),
		},
	}
	if o.AcceptedAt != nil {
		view.State.Terms = &activities.Terms{
			AgreementVersion: o.AgreementVersion, ContractVersion: o.ContractVersion, AcceptedAt: *o.AcceptedAt,
		}
	}
	if o.Email != "" || o.Phone != "" {
		view.State.Contacts = &order.Contacts{Email: o.Email, Phone: o.Phone}
	}
	if err := fromJSON("report", o.Report, &view.State.Report); err != nil {
		return OrderView{}, err
	}
	if row.Years == nil {
		return view, nil
	}
	request, err := requestView(row.Subject, row.CurrentSubject, *row.Years, row.RequestedStart)
	if err != nil {
		return OrderView{}, err
	}
	view.Request = &request
	return view, fromJSON("report of the request", row.RequestReport, &view.Request.Report)
}

// requestView reads the columns that every list of orders has; the report is left out.
func requestView(subject, current []byte, years int32, start *time.Time) (RequestView, error) {
	r := RequestView{Years: int(years), RequestedStart: dateOf(start)}
	err := errors.Join(fromJSON("subject", subject, &r.Subject), fromJSON("current subject", current, &r.Current))
	return r, err
}

// dateOf reads a column of type date, which carries no zone; the zero Date when it is missing.
func dateOf(t *time.Time) order.Date {
	if t == nil {
		return order.Date{}
	}
	y, m, d := t.UTC().Date()
	return order.Date{Year: y, Month: m, Day: d}
}

func dateColumn(d order.Date) *time.Time {
	if d == (order.Date{}) {
		return nil
	}
	t := time.Date(d.Year, d.Month, d.Day, 0, 0, 0, 0, time.UTC)
	return &t
}
