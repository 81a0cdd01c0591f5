package operator

import (
	"context"
	"fmt"
	"strconv"
	"strings"

	"github.com/remote-issuance/remote-issuance/internal/order"
	"github.com/remote-issuance/remote-issuance/internal/payments"
	"github.com/remote-issuance/remote-issuance/internal/postgres"
)

// Subject finds an order or a confirmation by what people know it by: the
// number of an order (123), the number under which it is paid (NOAIS000000123,
// ROAIS000000123), "list:123" for the newest list that an order is on, or its
// id, which need not be known. Error: order.ErrNotFound.
func (s *Session) Subject(ctx context.Context, text string) (order.ID, error) {
	if id, err := order.ParseID(text); err == nil {
		return id, nil
	}
	if n, err := strconv.ParseUint(text, 10, 63); err == nil {
		id, err := postgres.NewOrders(s.Pool, order.Tariff{}).ByNumber(ctx, int64(n))
		return id, named(text, err)
	}
	if number, ok := strings.CutPrefix(text, "list:"); ok {
		n, err := strconv.ParseUint(number, 10, 63)
		if err != nil {
			return order.ID{}, fmt.Errorf("%q: want list: and the number of an order on it", text)
		}
		id, err := postgres.NewSubjects(s.Pool).List(ctx, int64(n))
		return id, named(text, err)
	}
	n, err := payments.NormalizeNumber(text)
	if err != nil {
		return order.ID{}, fmt.Errorf("%q: want the number of an order (123), a payment number (%s) or an id", text, order.PaymentNumber(123).ERIP())
	}
	id, err := postgres.NewPayables(s.Pool).ByNumber(ctx, n)
	return id, named(text, err)
}

func named(text string, err error) error {
	if err != nil {
		return fmt.Errorf("%s: %w", text, err)
	}
	return nil
}
