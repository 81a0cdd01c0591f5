package postgres

import (
	"context"
	"errors"
	"fmt"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"github.com/remote-issuance/remote-issuance/activities"
	"github.com/remote-issuance/remote-issuance/internal/postgres/db"
)

// RecordConfirmation writes one transition of a confirmation like RecordOrder
// does for an order.
func (r *Records) RecordConfirmation(ctx context.Context, in activities.RecordConfirmationInput) error {
	return inTx(ctx, r.pool, func(q *db.Queries) error {
		if err := recordConfirmation(ctx, q, in); err != nil {
			return fmt.Errorf("record confirmation: %w", err)
		}
		return nil
	})
}

func recordConfirmation(ctx context.Context, q *db.Queries, in activities.RecordConfirmationInput) error {
	params, err := confirmationParams(in.State)
	if err != nil {
		return err
	}
	if in.Opening != nil {
		if err := openConfirmation(ctx, q, params.ID, *in.Opening); err != nil {
			return err
		}
	}
	row, err := q.UpdateConfirmation(ctx, params)
	if errors.Is(err, pgx.ErrNoRows) {
		return oldOrUnknown(ctx, "confirmation", params.ID, q.ConfirmationExists)
	}
	if err != nil {
		return err
	}
	if !in.State.Stage.Open() {
		if err := q.EndPayloadKey(ctx, db.EndPayloadKeyParams{WorkflowID: row.WorkflowID, SubjectID: &params.ID}); err != nil {
			return err
		}
	}
	if err := confirmationNotices(ctx, q, in, params.ID, row); err != nil {
		return err
	}
	if err := q.Notify(ctx, db.NotifyParams{Channel: string(ChannelConfirmation), Payload: params.ID.String()}); err != nil {
		return err
	}
	return appendEvents(ctx, q, origin{subject: params.ID, version: in.State.Version}, in.Events)
}

func openConfirmation(ctx context.Context, q *db.Queries, id uuid.UUID, in activities.ConfirmationOpening) error {
	certificate, err := parseID(in.CertificateID)
	if err != nil {
		return err
	}
	n, err := q.InsertConfirmation(ctx, db.InsertConfirmationParams{
		ID: id, WorkflowID: in.WorkflowID, Unp: in.UNP, ManagerKey: in.ManagerKey, CertificateID: certificate,
		Language: in.Language, Email: in.Email, StartedAt: in.StartedAt,
	})
	if err != nil || n == 0 {
		return err
	}
	return q.BindPayloadKey(ctx, db.BindPayloadKeyParams{WorkflowID: in.WorkflowID, SubjectID: &id})
}

func confirmationParams(s activities.ConfirmationState) (db.UpdateConfirmationParams, error) {
	var ids idReader
	p := db.UpdateConfirmationParams{
		ID: ids.id(s.ConfirmationID), Version: s.Version, Stage: string(s.Stage), ListID: ids.optional(s.ListID),
		SignatureID: ids.optional(s.SignatureID), SignedAt: orNull(s.SignedAt), OrderIds: ids.all(s.OrderIDs),
		IssuedIds: ids.all(s.IssuedIDs), LeftIds: ids.all(s.LeftIDs), Number: s.Number, Total: int64(s.Total),
		WaitsUntil: orNull(s.Until), PaymentID: ids.optional(s.PaymentID),
	}
	return p, ids.err
}
