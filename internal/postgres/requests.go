package postgres

import (
	"context"
	"errors"
	"fmt"

	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/remote-issuance/remote-issuance/activities"
	"github.com/remote-issuance/remote-issuance/internal/postgres/db"
)

// Requests keeps checked requests: it implements activities.RequestStore.
type Requests struct{ pool *pgxpool.Pool }

// NewRequests makes the store of checked requests.
func NewRequests(pool *pgxpool.Pool) *Requests { return &Requests{pool: pool} }

// KeyInUse tells whether a public key stands in a certificate or in another
// open order (S3).
func (r *Requests) KeyInUse(ctx context.Context, keyID, exceptOrderID string) (bool, error) {
	id, err := parseID(exceptOrderID)
	if err != nil {
		return false, fmt.Errorf("look key up: %w", err)
	}
	inUse, err := db.New(r.pool).KeyInUse(ctx, db.KeyInUseParams{KeyID: keyID, OrderID: id})
	if err != nil {
		return false, fmt.Errorf("look key up: %w", err)
	}
	return inUse, nil
}

// SaveChecked keeps a checked request and the transition that follows from it
// in one transaction; repeating it changes nothing.
func (r *Requests) SaveChecked(ctx context.Context, c activities.CheckedRequest, t activities.RecordOrderInput) error {
	return inTx(ctx, r.pool, func(q *db.Queries) error {
		params, err := checkedParams(c)
		if err != nil {
			return fmt.Errorf("save checked request: %w", err)
		}
		if _, err := q.InsertRequest(ctx, params); err != nil {
			return fmt.Errorf("save checked request: %w", err)
		}
		return recordOrder(ctx, q, t)
	})
}

func checkedParams(c activities.CheckedRequest) (db.InsertRequestParams, error) {
	var ids idReader
	p := db.InsertRequestParams{
		ID: ids.id(c.ID), OrderID: ids.id(c.OrderID), Years: int32(c.Years), RequestedStart: dateColumn(c.RequestedStart),
		KeyID: c.KeyID, CheckedAt: c.CheckedAt,
	}
	var errs [3]error
	p.Subject, errs[0] = toJSON("subject", c.Subject)
	p.CurrentSubject, errs[1] = toJSON("current subject", c.Current)
	p.Report, errs[2] = toJSON("report", reportOrEmpty(c.Report))
	return p, errors.Join(ids.err, errors.Join(errs[:]...))
}

// Checked loads a checked request. Error: activities.ErrNotFound.
func (r *Requests) Checked(ctx context.Context, requestID string) (activities.CheckedRequest, error) {
	id, err := parseID(requestID)
	if err != nil {
		return activities.CheckedRequest{}, fmt.Errorf("checked request: %w", activities.ErrNotFound)
	}
	row, err := db.New(r.pool).Request(ctx, id)
	if err != nil {
		return activities.CheckedRequest{}, absent(err, "checked request")
	}
	view, err := requestView(row.Subject, row.CurrentSubject, row.Years, row.RequestedStart)
	c := activities.CheckedRequest{
		ID: row.ID.String(), OrderID: row.OrderID.String(), Subject: view.Subject, Current: view.Current, Years: view.Years,
		RequestedStart: view.RequestedStart, KeyID: row.KeyID, CheckedAt: row.CheckedAt,
	}
	return c, errors.Join(err, fromJSON("report of the request", row.Report, &c.Report))
}
