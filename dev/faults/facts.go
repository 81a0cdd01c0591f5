package main

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"strings"

	"github.com/jackc/pgx/v5"

	"github.com/remote-issuance/remote-issuance/dev/faults/judge"
	"github.com/remote-issuance/remote-issuance/dev/stack"
	"github.com/remote-issuance/remote-issuance/internal/order"
	"github.com/remote-issuance/remote-issuance/internal/payments"
)

// leftovers are what must not be there when the service has come to rest, each as names.
var leftovers = map[string]string{
	"orders that are open":                   `SELECT number::text || ' ' || stage FROM orders WHERE stage <> 'ended'`,
	"confirmations that are open":            `SELECT id::text FROM confirmations WHERE stage IN ('awaiting-signature', 'awaiting-payment', 'issuing')`,
	"certificates that were begun":           `SELECT order_id::text FROM certificates WHERE der IS NULL`,
	"messages that were not sent":            `SELECT kind || ' by ' || channel || ' for ' || subject_id FROM notices WHERE state = 'pending'`,
	"messages that were given up":            `SELECT kind || ' by ' || channel || ' for ' || subject_id || ': ' || cause FROM notices WHERE state = 'failed'`,
	"payments that no workflow was told of":  `SELECT id::text FROM payments WHERE state = 'applied' AND delivered_at IS NULL`,
	"reversals that were begun":              `SELECT id::text FROM erip_transactions WHERE state = 'storn-started'`,
	"terminals' payments outside the ledger": `SELECT t.id::text FROM erip_transactions t WHERE t.state = 'committed' AND NOT EXISTS (SELECT FROM payments p WHERE p.source = 'erip' AND p.external_id = t.id::text)`,
	"events without a place":                 `SELECT id::text FROM events WHERE position IS NULL`,
	"credentials that did not go out": `SELECT o.number::text FROM orders o WHERE o.ending = 'issued' AND 2 <> (SELECT count(DISTINCT n.channel) FROM notices n
		WHERE n.subject_id = o.id AND n.kind = 'issued-credentials' AND n.state = 'sent')`,
}

// left reads what was left undone.
func (r *rig) left(ctx context.Context) (map[string][]string, error) {
	left := map[string][]string{}
	for what, query := range leftovers {
		rows, err := r.pool.Query(ctx, query)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", what, err)
		}
		names, err := pgx.CollectRows(rows, pgx.RowTo[string])
		if err != nil {
			return nil, fmt.Errorf("%s: %w", what, err)
		}
		if len(names) > 0 {
			left[what] = names
		}
	}
	running, err := r.runningWorkflows(ctx)
	if len(running) > 0 {
		left["workflows that run"] = running
	}
	return left, err
}

// found reads everything that is judged.
func (r *rig) found(ctx context.Context) (f judge.Found, err error) {
	if f.Left, err = r.left(ctx); err != nil {
		return f, err
	}
	if said, err := r.command(ctx, "audit", "verify"); err != nil {
		f.Left["audit log"] = []string{fmt.Sprintf("%v: %s", err, said)}
	}
	if f.Orders, err = r.orders(ctx); err != nil {
		return f, err
	}
	if f.Payments, err = r.payments(ctx); err != nil {
		return f, err
	}
	f.Payables, err = r.payables(ctx)
	return f, err
}

// command runs one of the product's commands for operators.
func (r *rig) command(ctx context.Context, args ...string) (string, error) {
	self, err := os.Executable()
	if err != nil {
		return "", err
	}
	cmd := exec.CommandContext(ctx, self, append([]string{stack.Argument}, args...)...) //nolint:gosec // ourselves
	cmd.Env = r.environment.List("PATH=" + os.Getenv("PATH"))
	said, err := cmd.CombinedOutput()
	return strings.TrimSpace(string(said)), err
}

func (r *rig) orders(ctx context.Context) (map[order.ID]judge.OrderRow, error) {
	rows, err := r.pool.Query(ctx, `SELECT o.id, o.number, o.stage, o.ending, o.reason, o.service, o.approved_at IS NOT NULL,
		(SELECT count(*) FROM certificates c WHERE c.order_id = o.id AND c.der IS NOT NULL), (SELECT count(*) FROM certificates c WHERE c.order_id = o.id),
		(SELECT count(*) FROM payable_lines l JOIN payables y ON y.id = l.payable_id WHERE l.order_id = o.id AND l.held AND y.state = 'paid')
		FROM orders o`)
	if err != nil {
		return nil, err
	}
	out := map[order.ID]judge.OrderRow{}
	var id [16]byte
	var o judge.OrderRow
	var service order.Service
	_, err = pgx.ForEachRow(rows, []any{&id, &o.Number, &o.Stage, &o.End.End, &o.Reason, &service, &o.Approved, &o.Certificates, &o.Reserved, &o.PaidBy},
		func() error {
			o.NeedsApproval = service.NeedsApproval()
			out[id] = o
			return nil
		})
	return out, err
}

func (r *rig) payments(ctx context.Context) (list []judge.PaymentRow, err error) {
	// A bank names the operation; other gateways the bill.
	rows, err := r.pool.Query(ctx, `SELECT id, source, CASE source WHEN 'clientbank' THEN split_part(external_id, '/', 2) ELSE bill END, state, reason, amount,
		kind = 'reversal', parent_id IS NOT NULL, coalesce(payable_id, '00000000-0000-0000-0000-000000000000') FROM payments`)
	if err != nil {
		return nil, err
	}
	var p judge.PaymentRow
	var id, payable [16]byte
	_, err = pgx.ForEachRow(rows, []any{&id, &p.Source, &p.Bill, &p.State, &p.Fate.Reason, &p.Amount, &p.Reversal, &p.Share, &payable}, func() error {
		p.ID, p.Payable = id, payable
		list = append(list, p)
		return nil
	})
	return list, err
}

func (r *rig) payables(ctx context.Context) (list []judge.PayableRow, err error) {
	rows, err := r.pool.Query(ctx, `SELECT y.id, y.number, y.state, y.total, coalesce(y.payment_id, '00000000-0000-0000-0000-000000000000'),
		(coalesce((SELECT sum(l.amount) FROM payable_lines l WHERE l.payable_id = y.id AND l.held), 0)
		+ coalesce((SELECT sum(s.amount) FROM payments s WHERE s.parent_id = y.payment_id), 0))::bigint FROM payables y`)
	if err != nil {
		return nil, err
	}
	var y judge.PayableRow
	var id, payment [16]byte
	var state string
	_, err = pgx.ForEachRow(rows, []any{&id, &y.Number, &state, &y.Total, &payment, &y.Worth}, func() error {
		y.ID, y.Payment, y.State = id, payment, payments.PayableState(state)
		list = append(list, y)
		return nil
	})
	return list, err
}
