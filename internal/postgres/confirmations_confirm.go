package postgres

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"time"

	"github.com/google/uuid"

	"github.com/remote-issuance/remote-issuance/internal/approval"
	"github.com/remote-issuance/remote-issuance/internal/approval/list"
	"github.com/remote-issuance/remote-issuance/internal/audit"
	"github.com/remote-issuance/remote-issuance/internal/order"
	"github.com/remote-issuance/remote-issuance/internal/postgres/db"
)

// Confirm approves every order of a list that can still be confirmed and opens
// the payment for them, with the signature and its evidence (M6, M8, P7). The
// others have left. A confirmation without a list is made at the same time;
// all of its orders were approved before (P8). Repeating it with the same
// signature gives the same confirmation. Errors: order.ErrNotFound,
// order.ErrStage, order.ErrNothingToConfirm, order.ErrNoPrice,
// order.ErrListOutdated.
func (s *Confirmations) Confirm(ctx context.Context, in approval.Signed) (order.Confirmation, error) {
	var out order.Confirmation
	err := deciding(ctx, s.pool, func(q *db.Queries, c *changes) error {
		var err error
		out, err = s.confirm(ctx, q, c, in)
		return err
	})
	if err != nil {
		return order.Confirmation{}, fmt.Errorf("confirm: %w", err)
	}
	return out, nil
}

func (s *Confirmations) confirm(ctx context.Context, q *db.Queries, made *changes, in approval.Signed) (order.Confirmation, error) {
	if err := q.LockOrders(ctx, uuids(in.Confirmation.OrderIDs)); err != nil {
		return order.Confirmation{}, err
	}
	c, err := lockUnconfirmed(ctx, q, in)
	if err != nil {
		return order.Confirmation{}, err
	}
	if c.Stage != order.ConfirmationSigning {
		if c.SignatureID.IsZero() || c.SignatureID != in.SignatureID {
			return order.Confirmation{}, order.ErrStage
		}
		return c, nil
	}
	rows, err := q.OrdersForList(ctx, uuids(c.OrderIDs))
	if err != nil {
		return order.Confirmation{}, err
	}
	lines, err := s.lines(c, rows, in.At)
	if err != nil {
		return order.Confirmation{}, err
	}
	if len(lines) == 0 {
		return order.Confirmation{}, order.ErrNothingToConfirm
	}
	if err := s.asListed(c, in, rows); err != nil {
		return order.Confirmation{}, err
	}
	evidence, err := evidenceOf(ctx, q, c, in)
	if err != nil {
		return order.Confirmation{}, err
	}
	n, err := q.NextPaymentNumber(ctx)
	if err != nil {
		return order.Confirmation{}, err
	}
	next, payable := confirmed(c, in, lines)
	next.Number = order.PaymentNumber(n)
	payable.Number, payable.WorkflowID = n, order.ConfirmationWorkflowID(next.Number, c.ID)
	if err := openPayable(ctx, q, payable); err != nil {
		return order.Confirmation{}, err
	}
	if err := putDocuments(ctx, q, slices.Concat(in.Signature, in.Evidence)); err != nil {
		return order.Confirmation{}, err
	}
	return made.approve(c, next, lines, evidence, in.At)
}

// asListed finds the orders of a confirmation on its list by their numbers, while
// they are locked: the list names all of them and nobody else, and says of each
// what would be written of it now, price included (M5, P7). Errors:
// order.ErrListOutdated where only prices have changed.
func (s *Confirmations) asListed(c order.Confirmation, in approval.Signed, rows []db.OrdersForListRow) error {
	if c.ListID.IsZero() {
		return nil
	}
	made, err := list.Parse(in.List)
	if err != nil {
		return err
	}
	if made.Number != c.ListNumber || made.UNP != c.UNP || len(made.Entries) != len(c.OrderIDs) || len(rows) != len(c.OrderIDs) {
		return errOtherList
	}
	var outdated error
	for _, row := range rows {
		r, err := recordOf(row.Order)
		if err != nil {
			return err
		}
		now, err := s.listed(r, row, in.At)
		if err != nil {
			return err
		}
		said := made.Entry(r.Number)
		if said == nil {
			return errOtherList
		}
		if said.Price != now.Entry.Price {
			outdated, now.Entry.Price = order.ErrListOutdated, said.Price
		}
		if *said != now.Entry {
			return errOtherList
		}
	}
	return outdated
}

// approve keeps what follows for the confirmation and for each of its orders.
func (c *changes) approve(
	was, next order.Confirmation, lines []line, evidence map[string]string, at time.Time,
) (order.Confirmation, error) {
	var events []order.Event
	if !was.ListID.IsZero() {
		events = []order.Event{{Action: "list-signed", By: order.ByManager(was.ManagerKey), At: at, Evidence: evidence}}
	}
	next = c.update(was, next, []order.Notice{{
		Kind: order.NoticeConfirmationPaymentDue, Deadline: next.Until, Amount: next.Total, Number: next.Number, Certificates: next.Certificates(),
	}}, events)
	for _, l := range lines {
		// The list names the order by its number: the log says which order has it.
		own := maps.Clone(evidence)
		own["number"] = strconv.FormatInt(l.record.Number, 10)
		if _, err := c.decide(l.record, order.Approve(was.ID, was.ManagerKey, own, at)); err != nil {
			return order.Confirmation{}, err
		}
	}
	return next, nil
}

// lockUnconfirmed locks the confirmation; one without a list comes into being
// here (P8).
func lockUnconfirmed(ctx context.Context, q *db.Queries, in approval.Signed) (order.Confirmation, error) {
	if in.Confirmation.ListID.IsZero() {
		if _, err := insertConfirmation(ctx, q, in.Confirmation, order.Document{}); err != nil {
			return order.Confirmation{}, err
		}
	}
	c, err := lockConfirmation(ctx, q, in.Confirmation.ID)
	if err != nil {
		return order.Confirmation{}, err
	}
	if !slices.Equal(c.OrderIDs, in.Confirmation.OrderIDs) || c.ListID != in.Confirmation.ListID {
		return order.Confirmation{}, errOtherList
	}
	if !c.ListID.IsZero() && (in.SignatureID.IsZero() || len(in.Signature) != 1 || in.Signature[0].ID != in.SignatureID) {
		return order.Confirmation{}, errUnsigned
	}
	return c, nil
}

var (
	errOtherList = errors.New("the confirmation names other orders than its list")
	errUnsigned  = errors.New("a list is approved by its signature only")
)

// line is an order that is confirmed, at its price.
type line struct {
	record order.Record
	price  order.Kopecks
}

// lines keeps those of the locked orders that can still be confirmed (P8),
// with their prices (P7).
func (s *Confirmations) lines(c order.Confirmation, locked []db.OrdersForListRow, at time.Time) ([]line, error) {
	var out []line
	for _, row := range locked {
		r, err := recordOf(row.Order)
		if err != nil {
			return nil, err
		}
		approved := !c.ListID.IsZero() || !r.ApprovedAt.IsZero()
		if r.UNP != c.UNP || !approved || !order.MayBeConfirmed(r, idOf(row.HeldBy), at) {
			continue
		}
		price, err := s.tariff.Price(r.Service, r.Kind, int(row.Request.Years), at)
		if err != nil {
			return nil, err
		}
		out = append(out, line{record: r, price: price})
	}
	return out, nil
}

// confirmed is what the confirmation becomes, but for its number, and what is
// to be paid: due at the earliest term among its orders (P8).
func confirmed(c order.Confirmation, in approval.Signed, lines []line) (order.Confirmation, db.InsertPayableParams) {
	next := c
	next.Stage, next.SignatureID, next.LeftIDs, next.Total = order.ConfirmationPayment, in.SignatureID, nil, 0
	if !c.ListID.IsZero() {
		next.SignedAt = in.At
	}
	payable := db.InsertPayableParams{ID: uuid.UUID(c.ID), Service: string(order.ServiceManager), PayerUnp: c.UNP, OpenedAt: in.At}
	next.Until = lines[0].record.PayBy
	confirmedIDs := make(map[order.ID]bool, len(lines))
	for _, l := range lines {
		confirmedIDs[l.record.ID] = true
		next.Total += l.price
		if l.record.PayBy.Before(next.Until) {
			next.Until = l.record.PayBy
		}
		payable.OrderIds = append(payable.OrderIds, uuid.UUID(l.record.ID))
		payable.Amounts = append(payable.Amounts, int64(l.price))
	}
	for _, id := range c.OrderIDs {
		if !confirmedIDs[id] {
			next.LeftIDs = append(next.LeftIDs, id)
		}
	}
	payable.Total, payable.Due = int64(next.Total), next.Until
	return next, payable
}

// evidenceOf names what the approval rests on, for the audit log (M6).
func evidenceOf(ctx context.Context, q *db.Queries, c order.Confirmation, in approval.Signed) (map[string]string, error) {
	ids := []order.ID{c.CertificateID}
	if !c.ListID.IsZero() {
		ids = append(ids, c.ListID)
	}
	digests, err := digestsOf(ctx, q, ids...)
	if err != nil {
		return nil, err
	}
	for _, id := range ids {
		if digests[id] == "" {
			return nil, fmt.Errorf("document %s of the confirmation: %w", id, order.ErrNotFound)
		}
	}
	evidence := map[string]string{
		"confirmation": c.ID.String(), "certificate": digests[c.CertificateID], "certificate-id": c.CertificateID.String(),
	}
	if c.ListID.IsZero() {
		return evidence, nil
	}
	// What was compared with the orders is what is stored, and what was signed.
	if audit.Digest(in.List) != digests[c.ListID] {
		return nil, errOtherList
	}
	evidence["list"], evidence["list-id"] = digests[c.ListID], c.ListID.String()
	evidence["key"] = in.SignerKey
	names := map[order.ID]string{
		in.SignatureID: "signature", order.EvidenceDocumentID(in.SignatureID): "evidence", in.SignerID: "signer",
	}
	for _, d := range slices.Concat(in.Signature, in.Evidence) {
		if name := names[d.ID]; name != "" {
			evidence[name], evidence[name+"-id"] = audit.Digest(d.Content), d.ID.String()
		}
	}
	return evidence, nil
}
