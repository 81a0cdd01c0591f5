package postgres

import (
	"context"
	"fmt"
	"time"

	"github.com/google/uuid"

	"github.com/remote-issuance/remote-issuance/internal/order"
	"github.com/remote-issuance/remote-issuance/internal/postgres/db"
)

// ConfirmationView is a confirmation as the manager follows it.
type ConfirmationView struct {
	Confirmation order.Confirmation
	// Lines are its orders; an order that has left keeps its line.
	Lines   []ConfirmationLine
	Payable *PayableView
	Notices []NoticeView
	// UpdatedAt is when it was changed last.
	UpdatedAt time.Time
}

// ConfirmationLine is one order of a confirmation.
type ConfirmationLine struct {
	OrderID      order.ID
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

// Confirmation reads a confirmation. Error: order.ErrNotFound.
func (s *Confirmations) Confirmation(ctx context.Context, id order.ID) (order.Confirmation, error) {
	row, err := db.New(s.pool).Confirmation(ctx, uuid.UUID(id))
	if err != nil {
		return order.Confirmation{}, absent(err, "confirmation")
	}
	return confirmationOf(row.Confirmation, row.IssuedIds)
}

// View reads a confirmation with its lines, payment and messages. Error:
// order.ErrNotFound.
func (s *Confirmations) View(ctx context.Context, id order.ID) (ConfirmationView, error) {
	q := db.New(s.pool)
	row, err := q.Confirmation(ctx, uuid.UUID(id))
	if err != nil {
		return ConfirmationView{}, absent(err, "confirmation")
	}
	c, err := confirmationOf(row.Confirmation, row.IssuedIds)
	view := ConfirmationView{Confirmation: c, UpdatedAt: row.Confirmation.UpdatedAt}
	if err != nil {
		return ConfirmationView{}, err
	}
	if view.Payable, err = payableView(ctx, q, uuid.UUID(id)); err != nil {
		return ConfirmationView{}, err
	}
	if view.Notices, err = noticesOf(ctx, q, uuid.UUID(id)); err != nil {
		return ConfirmationView{}, err
	}
	view.Lines, err = confirmationLines(ctx, q, c)
	return view, err
}

func confirmationLines(ctx context.Context, q *db.Queries, c order.Confirmation) ([]ConfirmationLine, error) {
	rows, err := q.ConfirmationLines(ctx, db.ConfirmationLinesParams{ConfirmationID: uuid.UUID(c.ID), OrderIds: uuids(c.OrderIDs)})
	if err != nil {
		return nil, fmt.Errorf("read lines of a confirmation: %w", err)
	}
	lines := make([]ConfirmationLine, 0, len(rows))
	for _, row := range rows {
		r, err := requestView(row.Subject, row.CurrentSubject, row.Years, row.RequestedStart)
		if err != nil {
			return nil, err
		}
		o := row.Order
		line := ConfirmationLine{
			OrderID: order.ID(o.ID), Number: o.Number, ApplicantKey: o.ApplicantKey, Name: r.Subject.CommonName, Subject: r.Subject,
			Current: r.Current, Years: r.Years, Stage: order.Stage(o.Stage), End: order.End(o.Ending),
		}
		if row.Amount != nil {
			line.Price = order.Kopecks(*row.Amount)
		}
		lines = append(lines, line)
	}
	return lines, nil
}

// Confirmations gives a page of the open confirmations of an organisation and
// those that have changed after since, the newest first, without lines. Pages
// count from 0.
func (s *Confirmations) Confirmations(ctx context.Context, unp string, since time.Time, page, size int) (ConfirmationPage, error) {
	q := db.New(s.pool)
	rows, err := q.ConfirmationsOfOrganisation(ctx, db.ConfirmationsOfOrganisationParams{
		Unp: unp, Since: since, MaxRows: int32(size), Skipped: int32(max(page, 0) * size),
	})
	if err != nil {
		return ConfirmationPage{}, fmt.Errorf("list confirmations: %w", err)
	}
	out := ConfirmationPage{Confirmations: make([]ConfirmationView, 0, len(rows))}
	for _, row := range rows {
		c, err := confirmationOf(row.Confirmation, row.IssuedIds)
		if err != nil {
			return ConfirmationPage{}, err
		}
		out.Confirmations = append(out.Confirmations, ConfirmationView{Confirmation: c, UpdatedAt: row.Confirmation.UpdatedAt})
	}
	out.Total, err = totalOf(page, size, len(rows), func() (int64, error) {
		return q.CountConfirmationsOfOrganisation(ctx, db.CountConfirmationsOfOrganisationParams{Unp: unp, Since: since})
	})
	if err != nil {
		return ConfirmationPage{}, fmt.Errorf("count confirmations: %w", err)
	}
	return out, nil
}
