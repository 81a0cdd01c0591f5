package postgres

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/remote-issuance/remote-issuance/internal/audit"
	"github.com/remote-issuance/remote-issuance/internal/order"
	"github.com/remote-issuance/remote-issuance/internal/postgres/db"
	"github.com/remote-issuance/remote-issuance/internal/registers"
)

// Orders keeps drafts and orders. Every decision over one is taken while its
// row is locked; what follows from it becomes visible in the same transaction.
type Orders struct {
	pool   *pgxpool.Pool
	tariff order.Tariff
}

// NewOrders makes the store of drafts and orders, at the tariff's prices.
func NewOrders(pool *pgxpool.Pool, tariff order.Tariff) *Orders {
	return &Orders{pool: pool, tariff: tariff}
}

// OpenDraft opens a draft, or resumes the one that the person has for the
// service (A6): it keeps its number, consent and terms, and takes over the
// certificate that is signed in with now. Error: order.ErrTooManyOpen.
func (o *Orders) OpenDraft(ctx context.Context, r order.Record) (order.Record, bool, error) {
	var out order.Record
	var resumed bool
	ahead := func(q *db.Queries) { _, _ = othersOpen(ctx, q, r) }
	err := decidingAfter(ctx, o.pool, ahead, func(q *db.Queries, c *changes) error {
		var err error
		out, resumed, err = openDraft(ctx, q, c, r)
		return err
	})
	if err != nil {
		return order.Record{}, false, fmt.Errorf("open draft: %w", err)
	}
	return out, resumed, nil
}

func openDraft(ctx context.Context, q *db.Queries, c *changes, r order.Record) (order.Record, bool, error) {
	open, err := othersOpen(ctx, q, r)
	if err != nil {
		return order.Record{}, false, err
	}
	for _, row := range open {
		if order.Stage(row.Stage).Draft() && row.Service == string(r.Service) {
			out, err := resume(ctx, q, row, r)
			return out, true, err
		}
	}
	if len(open) >= order.MaxOpen {
		return order.Record{}, false, order.ErrTooManyOpen
	}
	out, err := insertDraft(ctx, q, c, r)
	return out, false, err
}

// othersOpen are the open orders of the person. Nobody else opens one meanwhile.
func othersOpen(ctx context.Context, q *db.Queries, r order.Record) ([]db.Order, error) {
	if err := q.LockApplicant(ctx, r.ApplicantKey); err != nil {
		return nil, err
	}
	return q.OpenOrdersOfApplicant(ctx, r.ApplicantKey)
}

func insertDraft(ctx context.Context, q *db.Queries, c *changes, r order.Record) (order.Record, error) {
	policy, err := toJSON("policy", r.Policy)
	if err != nil {
		return order.Record{}, err
	}
	row, err := q.InsertOrder(ctx, db.InsertOrderParams{
		ID: uuid.UUID(r.ID), Service: string(r.Service), Kind: string(r.Kind), ApplicantKey: r.ApplicantKey, Unp: r.UNP,
		CertificateID: uuid.UUID(r.CertificateID), Language: r.Language, StartedAt: r.StartedAt, Policy: policy,
		WaitsUntil: orNull(r.Policy.FinishBy(r.StartedAt)),
	})
	if err != nil {
		return order.Record{}, err
	}
	out, err := recordOf(row.Order)
	if err != nil {
		return order.Record{}, err
	}
	c.log(out.ID, out.Version, out.ApplicantKey, []order.Event{{
		Action: "order-opened", By: order.ByApplicant, At: r.StartedAt,
		Evidence: map[string]string{"certificate": sha256Text(row.CertificateSha256), "certificate-id": r.CertificateID.String()},
	}})
	return out, nil
}

// resume gives the draft as it stands, for whoever is signed in now.
func resume(ctx context.Context, q *db.Queries, row db.Order, r order.Record) (order.Record, error) {
	if row.CertificateID != uuid.UUID(r.CertificateID) || row.Kind != string(r.Kind) || row.Unp != r.UNP || row.Language != r.Language {
		var err error
		row, err = q.ResumeDraft(ctx, db.ResumeDraftParams{
			ID: row.ID, CertificateID: uuid.UUID(r.CertificateID), Kind: string(r.Kind), Unp: r.UNP, Language: r.Language,
		})
		if err != nil {
			return order.Record{}, absent(err, "draft")
		}
	}
	return recordOf(row)
}

// Decide takes a decision over an order. One that was taken before gives the
// record as it is. Errors: order.ErrNotFound, and the decision's own.
func (o *Orders) Decide(ctx context.Context, id order.ID, d order.Decision) (order.Record, error) {
	var out order.Record
	err := deciding(ctx, o.pool, func(q *db.Queries, c *changes) error {
		var err error
		out, err = c.apply(ctx, q, id, d)
		return err
	})
	if err != nil {
		return out, fmt.Errorf("decide: %w", err)
	}
	return out, nil
}

// Remind asks for the reminder of a deadline; asking again asks for nothing.
// Error: order.ErrNotFound.
func (o *Orders) Remind(ctx context.Context, id order.ID, kind order.NoticeKind) error {
	err := deciding(ctx, o.pool, func(q *db.Queries, c *changes) error {
		r, _, err := lockOrder(ctx, q, id)
		if err != nil {
			return err
		}
		var bill order.Bill
		if kind == order.NoticePaymentReminder {
			if bill, err = billOf(ctx, q, r); err != nil {
				return err
			}
		}
		_, err = c.apply(ctx, q, id, order.Remind(kind, bill))
		return err
	})
	if err != nil {
		return fmt.Errorf("remind: %w", err)
	}
	return nil
}

// TakeUpload keeps contacts and verdict of an upload. A file that passed is
// kept with what the first check found, and the order claims its key; a
// refused file is not kept. Errors: order.ErrNotFound, order.ErrStage,
// order.ErrKeyInUse.
func (o *Orders) TakeUpload(ctx context.Context, id order.ID, u order.Upload, file order.Document) (order.Record, error) {
	var out order.Record
	err := deciding(ctx, o.pool, func(q *db.Queries, c *changes) error {
		row, err := lockRow(ctx, q, id)
		if err != nil {
			return err
		}
		r, err := recordOf(row.Order)
		if err != nil {
			return err
		}
		u.FileDigest, u.CertificateDigest = audit.Digest(file.Content), sha256Text(row.CertificateSha256)
		if out, err = c.decide(r, order.TakeUpload(u)); err != nil || !u.Request.Report.Passed() {
			return err
		}
		return keepUpload(ctx, q, id, u, file)
	})
	if err != nil {
		return order.Record{}, fmt.Errorf("take upload: %w", err)
	}
	return out, nil
}

// errUpload is returned for an upload whose parts do not name each other.
var errUpload = errors.New("the request, its file and its key do not belong together")

func keepUpload(ctx context.Context, q *db.Queries, id order.ID, u order.Upload, file order.Document) error {
	c := u.Request
	if c.ID.IsZero() || file.ID != c.ID || c.OrderID != id || c.KeyID == "" {
		return errUpload
	}
	p := db.InsertUploadParams{
		ID: uuid.UUID(c.ID), OrderID: uuid.UUID(id), Years: int32(c.Years), RequestedStart: dateColumn(c.RequestedStart),
		KeyID: c.KeyID, CheckedAt: c.CheckedAt, Kind: string(file.Kind), Content: contentOf(file), MediaType: file.MediaType,
		OwnerKey: file.OwnerKey,
	}
	if c.NamedPayment != 0 {
		named := int64(c.NamedPayment)
		p.NamedPayment = &named
	}
	var errs [3]error
	p.Subject, errs[0] = toJSON("subject", c.Subject)
	p.CurrentSubject, errs[1] = toJSON("current subject", c.Current)
	p.Report, errs[2] = toJSON("report", reportOrEmpty(c.Report))
	if err := errors.Join(errs[:]...); err != nil {
		return err
	}
	n, err := q.InsertUpload(ctx, p)
	if violates(err, "orders_open_key") || err == nil && n == 0 {
		return order.ErrKeyInUse
	}
	return err
}

// Save ends the second check (S8) and keeps what the registers said: all that
// were asked agree. For 6.0.00 it opens the payment at the price of the moment (P7); repeating it
// gives the same bill. Errors: order.ErrNotFound, order.ErrStage,
// order.ErrNoPrice.
func (o *Orders) Save(ctx context.Context, id order.ID, report order.Report, at time.Time) (order.Record, order.Bill, error) {
	var out order.Record
	var bill order.Bill
	err := deciding(ctx, o.pool, func(q *db.Queries, c *changes) error {
		var err error
		out, bill, err = o.save(ctx, q, c, id, report, at)
		return err
	})
	if err != nil {
		return order.Record{}, order.Bill{}, fmt.Errorf("save request: %w", err)
	}
	return out, bill, nil
}

func (o *Orders) save(
	ctx context.Context, q *db.Queries, c *changes, id order.ID, report order.Report, at time.Time,
) (order.Record, order.Bill, error) {
	r, years, err := lockOrder(ctx, q, id)
	if err != nil {
		return order.Record{}, order.Bill{}, err
	}
	pays := r.Stage == order.StageChecking && !r.Service.NeedsApproval()
	var bill order.Bill
	if pays {
		if bill, err = o.bill(ctx, q, r, years, at); err != nil {
			return order.Record{}, order.Bill{}, err
		}
	}
	next, err := c.decide(r, order.Save(report, bill, at))
	if errors.Is(err, order.ErrUnchanged) {
		bill, err = billOf(ctx, q, r)
		return r, bill, err
	}
	if err != nil {
		return order.Record{}, order.Bill{}, err
	}
	if pays {
		if err := openPayable(ctx, q, payableOf(next, bill, at)); err != nil {
			return order.Record{}, order.Bill{}, err
		}
	}
	// Only what every register agrees to is saved (S8).
	c.orders[0].Registers, c.orders[0].Agreed = reportOrEmpty(report), registers.Registers(r.Kind)
	return next, bill, nil
}

// bill fixes the price and gives the payment number (P7).
func (o *Orders) bill(ctx context.Context, q *db.Queries, r order.Record, years int, at time.Time) (order.Bill, error) {
	price, err := o.tariff.Price(r.Service, r.Kind, years, at)
	if err != nil {
		return order.Bill{}, err
	}
	n, err := q.NextPaymentNumber(ctx)
	return order.Bill{Number: order.PaymentNumber(n), Total: price}, err
}

// billOf is the bill that was opened when the order was saved; none for 6.0.01.
func billOf(ctx context.Context, q *db.Queries, r order.Record) (order.Bill, error) {
	if r.Service.NeedsApproval() {
		return order.Bill{}, nil
	}
	y, err := q.Payable(ctx, uuid.UUID(r.ID))
	if err != nil {
		return order.Bill{}, absent(err, "payable")
	}
	return order.Bill{Number: order.PaymentNumber(y.Number), Total: order.Kopecks(y.Total)}, nil
}
