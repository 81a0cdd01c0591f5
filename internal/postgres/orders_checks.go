package postgres

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/google/uuid"

	"github.com/remote-issuance/remote-issuance/internal/issuance"
	"github.com/remote-issuance/remote-issuance/internal/order"
	"github.com/remote-issuance/remote-issuance/internal/postgres/db"
)

// RegistersAnswered notes what is known of some registers, for screens (S7);
// nothing for an order whose registers are not asked (any more).
func (o *Orders) RegistersAnswered(ctx context.Context, id order.ID, answers order.RegisterAnswers) error {
	p := db.RegistersAnsweredParams{OrderID: uuid.UUID(id)}
	for register, state := range answers {
		p.Registers, p.States = append(p.Registers, register), append(p.States, string(state))
	}
	if err := db.New(o.pool).RegistersAnswered(ctx, p); err != nil {
		return fmt.Errorf("note the answers of registers: %w", err)
	}
	return nil
}

// Checked loads the request that passed the first check, with its order.
// Error: order.ErrNotFound, for a draft too.
func (o *Orders) Checked(ctx context.Context, id order.ID) (order.CheckedRequest, order.Record, error) {
	row, err := db.New(o.pool).CheckedRequest(ctx, uuid.UUID(id))
	if err != nil {
		return order.CheckedRequest{}, order.Record{}, absent(err, "checked request")
	}
	record, err := recordOf(row.Order)
	if err != nil {
		return order.CheckedRequest{}, order.Record{}, err
	}
	c, _, err := checkedOf(row.Request)
	return c, record, err
}

// Application loads what a certificate is made from. Error: order.ErrNotFound, for a draft too.
func (o *Orders) Application(ctx context.Context, id order.ID) (issuance.Application, error) {
	row, err := db.New(o.pool).IssuingRequest(ctx, uuid.UUID(id))
	if err != nil {
		return issuance.Application{}, absent(err, "checked request")
	}
	record, err := recordOf(row.Order)
	if err != nil {
		return issuance.Application{}, err
	}
	c, _, err := checkedOf(row.Request)
	return issuance.Application{Order: record, Checked: c, File: documentOf(row.Document), PaymentID: idOf(row.PaymentID), Reserved: row.Reserved}, err
}

// checkedOf reads a checked request with the report of the second check.
func checkedOf(r db.Request) (order.CheckedRequest, order.Report, error) {
	view, err := requestView(r.Subject, r.CurrentSubject, r.Years, r.RequestedStart)
	c := order.CheckedRequest{
		ID: order.ID(r.ID), OrderID: order.ID(r.OrderID), Subject: view.Subject, Current: view.Current, Years: view.Years,
		RequestedStart: view.RequestedStart, KeyID: r.KeyID, CheckedAt: r.CheckedAt,
	}
	var registers order.Report
	return c, registers, errors.Join(err, fromJSON("report of the request", r.Report, &c.Report),
		fromJSON("report of the registers", r.Registers, &registers))
}

// KeyInUse tells whether a public key stands in a certificate or in another
// open order (S3).
func (o *Orders) KeyInUse(ctx context.Context, keyID string, except order.ID) (bool, error) {
	inUse, err := db.New(o.pool).KeyInUse(ctx, db.KeyInUseParams{KeyID: keyID, OrderID: uuid.UUID(except)})
	if err != nil {
		return false, fmt.Errorf("look key up: %w", err)
	}
	return inUse, nil
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
