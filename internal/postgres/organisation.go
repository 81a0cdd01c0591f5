package postgres

import (
	"context"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/remote-issuance/remote-issuance/activities"
	"github.com/remote-issuance/remote-issuance/internal/order"
	"github.com/remote-issuance/remote-issuance/internal/postgres/db"
)

// PageRows is how many orders a page of the manager's list has (M2).
const PageRows = 5

// OrganisationRow is an order as its organisation's manager sees it (M2).
type OrganisationRow struct {
	OrderID      string
	WorkflowID   string
	Number       int64
	ApplicantKey string
	Stage        order.Stage
	// Subject and Current show position and unit, new and old (M5).
	Subject order.Subject
	Current order.Subject
	Years   int
	// RequestedStart is when the certificate is to start (S5).
	RequestedStart order.Date
	ReceivedAt     time.Time
	// ConfirmBy is given while the order waits for approval (D1).
	ConfirmBy time.Time
	PayBy     time.Time
	Approved  bool
	// HeldBy is the confirmation whose payment has taken the order; empty when
	// the order can be chosen.
	HeldBy string
}

// EmployeeGroup are the rows of one employee on a page.
type EmployeeGroup struct {
	ApplicantKey string
	Name         string
	Rows         []OrganisationRow
}

// OrganisationPage is a page of an organisation's orders, grouped by employee.
type OrganisationPage struct {
	Groups []EmployeeGroup
	// Orders and Employees count those of all pages, Pages counts the pages.
	Orders    int
	Employees int
	Pages     int
}

// Organisation reads what an organisation's manager works with.
type Organisation struct{ pool *pgxpool.Pool }

// NewOrganisation makes the reader of an organisation's orders and confirmations.
func NewOrganisation(pool *pgxpool.Pool) *Organisation { return &Organisation{pool: pool} }

// Page gives a page of the orders that can be confirmed or paid at the
// instant: those waiting for approval within the visibility term, and those
// approved and not yet paid within their payment term (M2, M3). Pages count from 0.
func (o *Organisation) Page(ctx context.Context, unp string, at time.Time, page int) (OrganisationPage, error) {
	q := db.New(o.pool)
	totals, err := q.OrganisationTotals(ctx, db.OrganisationTotalsParams{Unp: unp, At: at})
	if err != nil {
		return OrganisationPage{}, fmt.Errorf("count the organisation's orders: %w", err)
	}
	rows, err := q.OrganisationRows(ctx, db.OrganisationRowsParams{
		Unp: unp, At: at, MaxRows: PageRows, Skipped: int32(max(page, 0) * PageRows),
	})
	if err != nil {
		return OrganisationPage{}, fmt.Errorf("list the organisation's orders: %w", err)
	}
	out := OrganisationPage{
		Orders: int(totals.Orders), Employees: int(totals.Employees), Pages: (int(totals.Orders) + PageRows - 1) / PageRows,
	}
	for _, row := range rows {
		r, err := organisationRow(row)
		if err != nil {
			return OrganisationPage{}, err
		}
		last := len(out.Groups) - 1
		if last < 0 || out.Groups[last].ApplicantKey != r.ApplicantKey {
			out.Groups = append(out.Groups, EmployeeGroup{ApplicantKey: r.ApplicantKey, Name: r.Subject.CommonName})
			last++
		}
		out.Groups[last].Rows = append(out.Groups[last].Rows, r)
	}
	return out, nil
}

func organisationRow(row db.OrganisationRowsRow) (OrganisationRow, error) {
	r, err := requestView(row.Subject, row.CurrentSubject, row.Years, row.RequestedStart)
	out := OrganisationRow{
		OrderID: row.ID.String(), WorkflowID: row.WorkflowID, Number: row.Number, ApplicantKey: row.ApplicantKey,
		Stage: order.Stage(row.Stage), Subject: r.Subject, Current: r.Current, Years: r.Years, RequestedStart: r.RequestedStart,
		ReceivedAt: timeOf(row.UploadedAt), PayBy: timeOf(row.PayBy), Approved: row.ApprovedAt != nil, HeldBy: textOf(row.HeldBy),
	}
	if out.Stage == order.StageAwaitingApproval {
		out.ConfirmBy = timeOf(row.WaitsUntil)
	}
	return out, err
}

// ConfirmationView is a confirmation as the manager follows it.
type ConfirmationView struct {
	ID      string
	Opening activities.ConfirmationOpening
	State   activities.ConfirmationState
	// Lines are its orders; an order that has left keeps its line.
	Lines   []ConfirmationLine
	Payable *PayableView
	Notices []NoticeView
	// UpdatedAt is when the last transition was written.
	UpdatedAt time.Time
}

// ConfirmationLine is one order of a confirmation.
type ConfirmationLine struct {
	OrderID      string
	Number       int64
	ApplicantKey string
	Name         string
	Subject      order.Subject
	Current      order.Subject
	Years        int
	Stage        order.Stage
	End          order.End
	// Price is 0 before the total is fixed.
	Price order.Kopecks
}

// Confirmation reads one confirmation with its lines. Error: activities.ErrNotFound.
func (o *Organisation) Confirmation(ctx context.Context, confirmationID string) (ConfirmationView, error) {
	id, err := parseID(confirmationID)
	if err != nil {
		return ConfirmationView{}, fmt.Errorf("confirmation: %w", activities.ErrNotFound)
	}
	q := db.New(o.pool)
	row, err := q.Confirmation(ctx, id)
	if err != nil {
		return ConfirmationView{}, absent(err, "confirmation")
	}
	view := confirmationView(row)
	if view.Payable, err = payableView(ctx, q, id); err != nil {
		return ConfirmationView{}, err
	}
	if view.Notices, err = noticesOf(ctx, q, id); err != nil {
		return ConfirmationView{}, err
	}
	view.Lines, err = confirmationLines(ctx, q, row)
	return view, err
}

func confirmationLines(ctx context.Context, q *db.Queries, c db.Confirmation) ([]ConfirmationLine, error) {
	rows, err := q.ConfirmationLines(ctx, db.ConfirmationLinesParams{ConfirmationID: c.ID, OrderIds: c.OrderIds})
	if err != nil {
		return nil, fmt.Errorf("read lines of a confirmation: %w", err)
	}
	lines := make([]ConfirmationLine, 0, len(rows))
	for _, row := range rows {
		r, err := requestView(row.Subject, row.CurrentSubject, row.Years, row.RequestedStart)
		if err != nil {
			return nil, err
		}
		line := ConfirmationLine{
			OrderID: row.ID.String(), Number: row.Number, ApplicantKey: row.ApplicantKey, Name: r.Subject.CommonName,
			Subject: r.Subject, Current: r.Current, Years: r.Years, Stage: order.Stage(row.Stage), End: order.End(row.Ending),
		}
		if row.Amount != nil {
			line.Price = order.Kopecks(*row.Amount)
		}
		lines = append(lines, line)
	}
	return lines, nil
}

// Confirmations lists the open confirmations of an organisation and those that
// have changed after since, the newest first, without lines.
func (o *Organisation) Confirmations(ctx context.Context, unp string, since time.Time, limit int) ([]ConfirmationView, error) {
	rows, err := db.New(o.pool).ConfirmationsOfOrganisation(ctx, db.ConfirmationsOfOrganisationParams{
		Unp: unp, Since: since, MaxRows: int32(limit),
	})
	if err != nil {
		return nil, fmt.Errorf("list confirmations: %w", err)
	}
	views := make([]ConfirmationView, 0, len(rows))
	for _, row := range rows {
		views = append(views, confirmationView(row))
	}
	return views, nil
}

func confirmationView(c db.Confirmation) ConfirmationView {
	return ConfirmationView{
		ID: c.ID.String(), UpdatedAt: c.UpdatedAt,
		Opening: activities.ConfirmationOpening{
			WorkflowID: c.WorkflowID, UNP: c.Unp, ManagerKey: c.ManagerKey, CertificateID: c.CertificateID.String(),
			Language: c.Language, Email: c.Email, StartedAt: c.StartedAt,
		},
		State: activities.ConfirmationState{
			ConfirmationID: c.ID.String(), Version: c.Version, Stage: activities.ConfirmationStage(c.Stage),
			ListID: textOf(c.ListID), SignatureID: textOf(c.SignatureID), SignedAt: timeOf(c.SignedAt),
			OrderIDs: texts(c.OrderIds), IssuedIDs: texts(c.IssuedIds), LeftIDs: texts(c.LeftIds), Number: c.Number,
			Total: order.Kopecks(c.Total), Until: timeOf(c.WaitsUntil), PaymentID: textOf(c.PaymentID),
		},
	}
}
