package postgres

import (
	"cmp"
	"context"
	"crypto/sha256"
	"fmt"
	"slices"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/remote-issuance/remote-issuance/internal/approval"
	"github.com/remote-issuance/remote-issuance/internal/audit"
	"github.com/remote-issuance/remote-issuance/internal/order"
	"github.com/remote-issuance/remote-issuance/internal/postgres/db"
)

// Confirmations keeps the lists and confirmations of managers (6.0.02): it
// implements approval.Store. Each method is one transaction, and repeating it
// gives the same answer.
type Confirmations struct {
	pool   *pgxpool.Pool
	tariff order.Tariff
}

// NewConfirmations makes the store of confirmations, at the tariff's prices.
func NewConfirmations(pool *pgxpool.Pool, tariff order.Tariff) *Confirmations {
	return &Confirmations{pool: pool, tariff: tariff}
}

// ListOrders gives those of the orders that the organisation's manager can
// confirm at the instant, with their prices, by name and number (M3, M5, P8).
// Error: order.ErrNoPrice.
func (s *Confirmations) ListOrders(ctx context.Context, unp string, ids []order.ID, at time.Time) ([]approval.ListedOrder, error) {
	rows, err := db.New(s.pool).OrdersForList(ctx, uuids(ids))
	if err != nil {
		return nil, fmt.Errorf("list orders: %w", err)
	}
	var out []approval.ListedOrder
	for _, row := range rows {
		r, err := recordOf(row.Order)
		if err != nil {
			return nil, err
		}
		if r.UNP != unp || !order.MayBeConfirmed(r, idOf(row.HeldBy), at) {
			continue
		}
		listed, err := s.listed(r, row, at)
		if err != nil {
			return nil, fmt.Errorf("list orders: %w", err)
		}
		out = append(out, listed)
	}
	slices.SortStableFunc(out, func(a, b approval.ListedOrder) int {
		return cmp.Or(cmp.Compare(a.Entry.Surname, b.Entry.Surname), cmp.Compare(a.Entry.GivenName, b.Entry.GivenName),
			cmp.Compare(a.Entry.Patronymic, b.Entry.Patronymic), cmp.Compare(a.Entry.Number, b.Entry.Number))
	})
	return out, nil
}

// listed is an order as a list names it, at the price of the instant.
func (s *Confirmations) listed(o order.Record, row db.OrdersForListRow, at time.Time) (approval.ListedOrder, error) {
	r, registers, err := checkedOf(row.Request)
	if err != nil {
		return approval.ListedOrder{}, err
	}
	price, err := s.tariff.Price(o.Service, o.Kind, r.Years, at)
	if err != nil {
		return approval.ListedOrder{}, err
	}
	return approval.ListedOrder{
		ID: o.ID, Entry: approval.EntryOf(o.Number, r, [sha256.Size]byte(row.FileSha256), registers, price),
		Organisation: r.Subject.Organisation, Approved: !o.ApprovedAt.IsZero(), ConfirmBy: o.Until, PayBy: o.PayBy,
	}, nil
}

// NextListNumber gives the number of a new list.
func (s *Confirmations) NextListNumber(ctx context.Context) (int64, error) {
	n, err := db.New(s.pool).NextListNumber(ctx)
	if err != nil {
		return 0, fmt.Errorf("number of a list: %w", err)
	}
	return n, nil
}

// SaveList keeps a confirmation that waits for its signature, and its list
// (M5). One that is known already stays as it is.
func (s *Confirmations) SaveList(ctx context.Context, c order.Confirmation, list order.Document) error {
	err := deciding(ctx, s.pool, func(q *db.Queries, made *changes) error {
		n, err := insertConfirmation(ctx, q, c, list)
		if err != nil || n == 0 {
			return err
		}
		made.log(c.ID, 1, "", []order.Event{{
			Action: "list-made", By: order.ByManager(c.ManagerKey), At: c.StartedAt,
			Evidence: map[string]string{
				"list": audit.Digest(list.Content), "list-id": c.ListID.String(), "certificate-id": c.CertificateID.String(),
			},
		}})
		return nil
	})
	if err != nil {
		return fmt.Errorf("save list: %w", err)
	}
	return nil
}

func insertConfirmation(ctx context.Context, q *db.Queries, c order.Confirmation, list order.Document) (int64, error) {
	policy, err := toJSON("policy", c.Policy)
	if err != nil {
		return 0, err
	}
	return q.InsertConfirmation(ctx, db.InsertConfirmationParams{
		ID: uuid.UUID(c.ID), Unp: c.UNP, ManagerKey: c.ManagerKey, CertificateID: uuid.UUID(c.CertificateID), Language: c.Language,
		Email: c.Email, StartedAt: c.StartedAt, Policy: policy, ListID: optional(c.ListID), ListNumber: c.ListNumber, OrderIds: uuids(c.OrderIDs),
		WaitsUntil: orNull(c.Until), List: contentOf(list), MediaType: list.MediaType,
	})
}

// lockConfirmation locks a confirmation. Error: order.ErrNotFound.
func lockConfirmation(ctx context.Context, q *db.Queries, id order.ID) (order.Confirmation, error) {
	row, err := q.LockConfirmation(ctx, uuid.UUID(id))
	if err != nil {
		return order.Confirmation{}, absent(err, "confirmation")
	}
	return confirmationOf(row.Confirmation, row.IssuedIds)
}

// Orders gives the orders that are still in a confirmation.
func (s *Confirmations) Orders(ctx context.Context, id order.ID) ([]order.Record, error) {
	rows, err := db.New(s.pool).OrdersOfConfirmation(ctx, uuid.UUID(id))
	if err != nil {
		return nil, fmt.Errorf("orders of a confirmation: %w", err)
	}
	return recordsOf(rows)
}

// Unstarted gives at most limit confirmations that were signed before the
// instant and whose workflow was not started, the oldest first.
func (s *Confirmations) Unstarted(ctx context.Context, before time.Time, limit int) ([]order.Confirmation, error) {
	rows, err := db.New(s.pool).UnstartedConfirmations(ctx, db.UnstartedConfirmationsParams{Before: before, MaxRows: int32(limit)})
	if err != nil {
		return nil, fmt.Errorf("find confirmations without a workflow: %w", err)
	}
	out := make([]order.Confirmation, 0, len(rows))
	for _, row := range rows {
		c, err := confirmationOf(row.Confirmation, row.IssuedIds)
		if err != nil {
			return nil, err
		}
		out = append(out, c)
	}
	return out, nil
}

// MarkStarted notes that the workflow of a confirmation was started.
func (s *Confirmations) MarkStarted(ctx context.Context, id order.ID) error {
	if err := db.New(s.pool).MarkConfirmationStarted(ctx, uuid.UUID(id)); err != nil {
		return fmt.Errorf("note the start of a workflow: %w", err)
	}
	return nil
}
