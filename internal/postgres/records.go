package postgres

import (
	"context"
	"errors"
	"fmt"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/remote-issuance/remote-issuance/activities"
	"github.com/remote-issuance/remote-issuance/internal/order"
	"github.com/remote-issuance/remote-issuance/internal/postgres/db"
)

// Records keeps read model, outbox and audit chain together: it implements
// activities.RecordStore.
type Records struct{ pool *pgxpool.Pool }

// NewRecords makes the store of transitions.
func NewRecords(pool *pgxpool.Pool) *Records { return &Records{pool: pool} }

// NextOrderNumber gives the next number of an order; each is given once.
func (r *Records) NextOrderNumber(ctx context.Context) (int64, error) {
	n, err := db.New(r.pool).NextOrderNumber(ctx)
	if err != nil {
		return 0, fmt.Errorf("next order number: %w", err)
	}
	return n, nil
}

// RecordOrder writes one transition with its notices and audit events. A
// version that is not newer than the stored one changes nothing. Errors:
// activities.ErrNotSaved when SaveRequest meets a key that is in use (S3, S8),
// activities.ErrNotFound for a transition of an order that was never opened.
func (r *Records) RecordOrder(ctx context.Context, in activities.RecordOrderInput) error {
	return inTx(ctx, r.pool, func(q *db.Queries) error { return recordOrder(ctx, q, in) })
}

// recordOrder is RecordOrder inside of the caller's transaction.
func recordOrder(ctx context.Context, q *db.Queries, in activities.RecordOrderInput) error {
	params, err := orderParams(in.State)
	if err != nil {
		return fmt.Errorf("record order: %w", err)
	}
	if in.Opening != nil {
		if err := openOrder(ctx, q, params.ID, *in.Opening); err != nil {
			return fmt.Errorf("record order: %w", err)
		}
	}
	row, err := q.UpdateOrder(ctx, params)
	if errors.Is(err, pgx.ErrNoRows) {
		return oldOrUnknown(ctx, "order", params.ID, q.OrderExists)
	}
	if err != nil {
		return fmt.Errorf("record order: %w", err)
	}
	if err := followOrder(ctx, q, in, params.ID, row); err != nil {
		return fmt.Errorf("record order: %w", err)
	}
	return nil
}

// followOrder does what belongs to a transition that is new.
func followOrder(ctx context.Context, q *db.Queries, in activities.RecordOrderInput, id uuid.UUID, row db.UpdateOrderRow) error {
	if in.SaveRequest {
		if err := saveKey(ctx, q, id, in.State.RequestID); err != nil {
			return err
		}
	}
	if in.State.Stage == order.StageEnded {
		if err := q.EndPayloadKey(ctx, db.EndPayloadKeyParams{WorkflowID: row.WorkflowID, SubjectID: &id}); err != nil {
			return err
		}
	}
	if err := orderNotices(ctx, q, in, id, row); err != nil {
		return err
	}
	if err := q.Notify(ctx, db.NotifyParams{Channel: string(ChannelOrder), Payload: id.String()}); err != nil {
		return err
	}
	return appendEvents(ctx, q, origin{subject: id, version: in.State.Version, applicant: row.ApplicantKey}, in.Events)
}

func openOrder(ctx context.Context, q *db.Queries, id uuid.UUID, in activities.OrderOpening) error {
	certificate, err := parseID(in.CertificateID)
	if err != nil {
		return err
	}
	n, err := q.InsertOrder(ctx, db.InsertOrderParams{
		ID: id, Number: in.Number, WorkflowID: in.WorkflowID, Service: string(in.Service), Kind: string(in.Kind),
		ApplicantKey: in.ApplicantKey, Unp: in.UNP, CertificateID: certificate, Language: in.Language, StartedAt: in.StartedAt,
	})
	if err != nil || n == 0 {
		return err
	}
	// The key was made before it was known which order the workflow would be.
	return q.BindPayloadKey(ctx, db.BindPayloadKeyParams{WorkflowID: in.WorkflowID, SubjectID: &id})
}

// saveKey claims the key of the saved request for the order (S3).
func saveKey(ctx context.Context, q *db.Queries, orderID uuid.UUID, requestID string) error {
	id, err := parseID(requestID)
	if err != nil {
		return err
	}
	n, err := q.SaveOrderKey(ctx, db.SaveOrderKeyParams{OrderID: orderID, RequestID: id})
	switch {
	case violates(err, "orders_open_key"):
		return activities.ErrNotSaved
	case err != nil:
		return err
	case n == 0:
		return activities.ErrNotSaved
	default:
		return nil
	}
}

// oldOrUnknown tells a version that is not newer, which is nothing to do, from
// a row that is not there.
func oldOrUnknown(ctx context.Context, what string, id uuid.UUID, exists func(context.Context, uuid.UUID) (bool, error)) error {
	known, err := exists(ctx, id)
	if err != nil {
		return fmt.Errorf("record %s: %w", what, err)
	}
	if !known {
		return fmt.Errorf("record %s %s: %w", what, id, activities.ErrNotFound)
	}
	return nil
}

func orderParams(s activities.OrderState) (db.UpdateOrderParams, error) {
	var ids idReader
	report, err := toJSON("report", reportOrEmpty(s.Report))
	if err != nil {
		return db.UpdateOrderParams{}, err
	}
	p := db.UpdateOrderParams{
		ID: ids.id(s.OrderID), Version: s.Version, Stage: string(s.Stage), Ending: string(s.End), Reason: string(s.Reason),
		Note: storable(s.Note), WaitsUntil: orNull(s.Until), PayBy: orNull(s.PayBy), RequestID: ids.optional(s.RequestID),
		Report: report, UploadedAt: orNull(s.UploadedAt), CompletedAt: orNull(s.CompletedAt),
		ConfirmationID: ids.optional(s.ConfirmationID), ApprovedAt: orNull(s.ApprovedAt), PaymentID: ids.optional(s.PaymentID),
	}
	if s.Terms != nil {
		p.AgreementVersion, p.ContractVersion = s.Terms.AgreementVersion, s.Terms.ContractVersion
		p.AcceptedAt = orNull(s.Terms.AcceptedAt)
	}
	if s.Contacts != nil {
		p.Email, p.Phone = s.Contacts.Email, s.Contacts.Phone
	}
	return p, ids.err
}

func reportOrEmpty(r order.Report) order.Report {
	if r == nil {
		return order.Report{}
	}
	return r
}
