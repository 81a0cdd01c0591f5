package postgres

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/remote-issuance/remote-issuance/activities"
	"github.com/remote-issuance/remote-issuance/internal/approval"
	"github.com/remote-issuance/remote-issuance/internal/order"
	"github.com/remote-issuance/remote-issuance/internal/postgres/db"
)

// Lists finds the orders of lists: it implements activities.ListStore.
type Lists struct {
	pool   *pgxpool.Pool
	tariff order.Tariff
}

// NewLists makes the reader of orders for lists, with the tariff's prices.
func NewLists(pool *pgxpool.Pool, tariff order.Tariff) *Lists {
	return &Lists{pool: pool, tariff: tariff}
}

// ListOrders gives those of the orders that the organisation's manager can
// confirm or pay for at the instant and that no open payment holds, with their
// prices, by name and number (M3, M5, P8). Error: activities.ErrNoPrice.
func (l *Lists) ListOrders(ctx context.Context, unp string, orderIDs []string, at time.Time) ([]activities.ListedOrder, error) {
	var ids idReader
	wanted := ids.all(orderIDs)
	if ids.err != nil {
		return nil, fmt.Errorf("list orders: %w", ids.err)
	}
	rows, err := db.New(l.pool).OrdersForList(ctx, wanted)
	if err != nil {
		return nil, fmt.Errorf("list orders: %w", err)
	}
	var out []activities.ListedOrder
	for _, row := range rows {
		if row.Unp != unp || !confirmable(row, at) {
			continue
		}
		listed, err := l.listed(row, at)
		if err != nil {
			return nil, err
		}
		out = append(out, listed)
	}
	slices.SortStableFunc(out, func(a, b activities.ListedOrder) int {
		return cmp.Or(cmp.Compare(a.Entry.Surname, b.Entry.Surname), cmp.Compare(a.Entry.GivenName, b.Entry.GivenName),
			cmp.Compare(a.Entry.Patronymic, b.Entry.Patronymic), cmp.Compare(a.Entry.Number, b.Entry.Number))
	})
	return out, nil
}

func confirmable(row db.OrdersForListRow, at time.Time) bool {
	if row.ClosedToMoney || row.HeldBy != nil || !timeOf(row.PayBy).After(at) {
		return false
	}
	switch order.Stage(row.Stage) {
	case order.StageAwaitingApproval:
		return timeOf(row.WaitsUntil).After(at)
	case order.StageAwaitingPayment:
		return true
	case order.StageTerms, order.StageRequest, order.StageChecking, order.StageIssuing, order.StageEnded:
		return false
	default:
		return false
	}
}

func (l *Lists) listed(row db.OrdersForListRow, at time.Time) (activities.ListedOrder, error) {
	r, err := requestView(row.Subject, row.CurrentSubject, row.Years, row.RequestedStart)
	if err != nil {
		return activities.ListedOrder{}, err
	}
	price, err := l.tariff.Price(order.Service(row.Service), order.Kind(row.Kind), r.Years, at)
	if errors.Is(err, order.ErrNoPrice) {
		return activities.ListedOrder{}, activities.ErrNoPrice
	}
	if err != nil {
		return activities.ListedOrder{}, err
	}
	entry := approval.Entry{
		OrderID: row.ID.String(), Number: row.Number, Surname: r.Subject.Surname, GivenName: r.Subject.GivenName,
		Patronymic: r.Subject.Patronymic, PersonalNumber: r.Subject.PersonalNumber, Position: r.Current.Workplace(),
		Years: r.Years, KeyID: row.KeyID, Price: price,
	}
	if r.Subject.Workplace() != r.Current.Workplace() {
		entry.NewPosition = r.Subject.Workplace()
	}
	return activities.ListedOrder{
		Entry: entry, Organisation: r.Subject.Organisation, Approved: row.ApprovedAt != nil,
		ConfirmBy: timeOf(row.WaitsUntil), PayBy: timeOf(row.PayBy),
	}, nil
}
