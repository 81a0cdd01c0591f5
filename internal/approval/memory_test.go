package approval_test

import (
	"context"
	"time"

	"github.com/remote-issuance/remote-issuance/internal/approval"
	"github.com/remote-issuance/remote-issuance/internal/order"
	"github.com/remote-issuance/remote-issuance/internal/registers"
)

// memory keeps lists like the database does.
type memory struct {
	orders    []approval.ListedOrder
	documents map[order.ID]order.Document
	saved     map[order.ID]order.Confirmation
	confirmed []approval.Signed
	started   []order.ID
	marked    []order.ID
	head      registers.Head
	headErr   error
	confirm   error
	start     error
}

func (m *memory) ListOrders(_ context.Context, _ string, ids []order.ID, _ time.Time) ([]approval.ListedOrder, error) {
	var out []approval.ListedOrder
	for _, o := range m.orders {
		for _, id := range ids {
			if o.ID == id {
				out = append(out, o)
			}
		}
	}
	return out, nil
}

func (m *memory) NextListNumber(context.Context) (int64, error) { return int64(len(m.saved) + 1), nil }

func (m *memory) SaveList(_ context.Context, c order.Confirmation, list order.Document) error {
	m.saved[c.ID], m.documents[list.ID] = c, list
	return nil
}

func (m *memory) Confirm(_ context.Context, s approval.Signed) (order.Confirmation, error) {
	if m.confirm != nil {
		return order.Confirmation{}, m.confirm
	}
	m.confirmed = append(m.confirmed, s)
	c := s.Confirmation
	c.Stage, c.Number = order.ConfirmationPayment, 1
	return c, nil
}

func (m *memory) MarkStarted(_ context.Context, id order.ID) error {
	m.marked = append(m.marked, id)
	return nil
}

func (m *memory) Put(_ context.Context, d order.Document) error { m.documents[d.ID] = d; return nil }

func (m *memory) Get(_ context.Context, id order.ID) (order.Document, error) {
	d, ok := m.documents[id]
	if !ok {
		return d, order.ErrNotFound
	}
	return d, nil
}

func (m *memory) Head(context.Context, order.UNP) (registers.Head, error) { return m.head, m.headErr }

func (m *memory) StartConfirmation(_ context.Context, c order.Confirmation) error {
	if m.start == nil {
		m.started = append(m.started, c.ID)
	}
	return m.start
}
