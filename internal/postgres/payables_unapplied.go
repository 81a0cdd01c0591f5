package postgres

import (
	"context"
	"fmt"
	"strconv"

	"github.com/google/uuid"

	"github.com/remote-issuance/remote-issuance/internal/audit"
	"github.com/remote-issuance/remote-issuance/internal/clock"
	"github.com/remote-issuance/remote-issuance/internal/order"
	"github.com/remote-issuance/remote-issuance/internal/payments"
	"github.com/remote-issuance/remote-issuance/internal/postgres/db"
)

// ReportUnapplied keeps money that a workflow could not use for an operator
// (P4): the whole payment, or the share of one order of a confirmation. Money
// for which a certificate is reserved has been used and stays. Repeating it
// changes nothing. Error: order.ErrNotFound.
func (p *Payables) ReportUnapplied(ctx context.Context, payment, orderID order.ID, reason payments.Reason) error {
	err := inTx(ctx, p.pool, func(q *db.Queries) error { return reportUnapplied(ctx, q, payment, orderID, reason) })
	if err != nil {
		return fmt.Errorf("report unapplied payment: %w", err)
	}
	return nil
}

func reportUnapplied(ctx context.Context, q *db.Queries, id, orderID order.ID, reason payments.Reason) error {
	if _, err := payments.ParseReason(string(reason)); err != nil {
		return err
	}
	found, err := q.Payment(ctx, uuid.UUID(id))
	if err != nil {
		return absent(err, "payment")
	}
	if found.PayableID != nil {
		if _, err := q.LockPayable(ctx, *found.PayableID); err != nil {
			return err
		}
	}
	payment, err := q.LockPayment(ctx, uuid.UUID(id))
	if err != nil {
		return err
	}
	if payment.State != string(payments.PaymentApplied) || payment.PayableID == nil {
		return nil
	}
	of := uuid.UUID(orderID)
	if orderID.IsZero() {
		of = *payment.PayableID
	}
	reserved, err := q.ReservedFor(ctx, of)
	if err != nil || reserved {
		return err
	}
	return setAside(ctx, q, payment, of, reason)
}

// setAside takes from a payment, whose payable is locked, what it pays for one
// order, or all of it when the payable is the order's own.
func setAside(ctx context.Context, q *db.Queries, payment db.Payment, orderID uuid.UUID, reason payments.Reason) error {
	if orderID != *payment.PayableID {
		return keepShare(ctx, q, payment, orderID, reason)
	}
	if err := q.UnapplyPayment(ctx, db.UnapplyPaymentParams{ID: payment.ID, Reason: string(reason)}); err != nil {
		return err
	}
	y, err := q.Payable(ctx, orderID)
	if err != nil {
		return err
	}
	if y.PaymentID != nil && *y.PaymentID == payment.ID {
		if err := q.ClosePayable(ctx, y.ID); err != nil {
			return err
		}
	}
	return auditPayment(ctx, q, audit.ActionPaymentUnapplied, audit.System(), payment.ID, orderID, reason)
}

// keepShare keeps the share of one order, which the payment holds no longer.
func keepShare(ctx context.Context, q *db.Queries, payment db.Payment, orderID uuid.UUID, reason payments.Reason) error {
	share := uuid.NewSHA1(payment.ID, orderID[:])
	n, err := q.InsertShare(ctx, db.InsertShareParams{ID: share, ParentID: payment.ID, OrderID: orderID, Reason: string(reason)})
	if err != nil || n == 0 {
		return err
	}
	if err := q.ReleaseLine(ctx, db.ReleaseLineParams{PayableID: *payment.PayableID, OrderID: orderID}); err != nil {
		return err
	}
	return auditPayment(ctx, q, audit.ActionPaymentUnapplied, audit.System(), share, orderID, reason)
}

// auditPayment records what became of a payment; subject is the order or
// confirmation that it concerns, if any.
func auditPayment(
	ctx context.Context, q *db.Queries, action audit.Action, actor audit.Actor, payment, subject uuid.UUID, reason payments.Reason,
) error {
	message, err := messageOf(ctx, q, payment)
	if err != nil {
		return err
	}
	return auditMessage(ctx, q, message, action, actor, payment, subject, reason)
}

func messageOf(ctx context.Context, q *db.Queries, payment uuid.UUID) (db.MessageDigestRow, error) {
	message, err := q.MessageDigest(ctx, payment)
	return message, absent(err, "message of a payment")
}

// auditMessage is auditPayment for who knows the payment's message.
func auditMessage(
	ctx context.Context, q *db.Queries, message db.MessageDigestRow, action audit.Action, actor audit.Actor, payment, subject uuid.UUID, reason payments.Reason,
) error {
	event := audit.Event{At: clock.Now(), Actor: actor, Action: action, Evidence: audit.Evidence{
		"payment": payment.String(), "message-id": message.ID.String(), "message": sha256Text(message.Digest),
	}}
	if subject != uuid.Nil {
		event.OrderID = subject.String()
	}
	if action == audit.ActionPaymentApplied {
		event.Evidence["amount"], event.Evidence["currency"] = strconv.FormatInt(message.Amount, 10), message.Currency
	}
	if reason != payments.ReasonNone {
		event.Evidence["reason"] = string(reason)
	}
	_, err := appendEvent(ctx, q, event, nil)
	return err
}
