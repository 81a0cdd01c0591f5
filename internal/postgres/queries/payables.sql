-- name: Payable :one
SELECT * FROM payables WHERE id = @id;

-- name: LockPayable :one
SELECT * FROM payables WHERE id = @id FOR UPDATE;

-- name: SharePayableOfOrder :one
-- Asked while the order is locked.
SELECT * FROM payables WHERE id = (SELECT coalesce(o.confirmation_id, o.id) FROM orders o WHERE o.id = @order_id) FOR SHARE;

-- name: LockPayableByNumber :one
SELECT * FROM payables WHERE number = @number FOR UPDATE;

-- name: PayableByNumber :one
SELECT * FROM payables WHERE number = @number;

-- name: HeldLines :many
SELECT payable_id, order_id, amount FROM payable_lines WHERE order_id = ANY (@order_ids::uuid[]) AND held;

-- name: NextPaymentNumber :one
SELECT nextval('payment_numbers')::bigint;

-- name: InsertPayable :exec
WITH payable AS (
    INSERT INTO payables (id, workflow_id, service, number, total, payer_unp, due, opened_at)
    VALUES (@id, @workflow_id, @service, @number, @total, @payer_unp, @due, @opened_at))
INSERT INTO payable_lines (payable_id, order_id, amount)
SELECT @id, unnest(@order_ids::uuid[]), unnest(@amounts::bigint[]);

-- name: ReleaseLine :exec
UPDATE payable_lines SET held = false WHERE payable_id = @payable_id AND order_id = @order_id;

-- name: ReduceTotal :exec
WITH gone AS (
    UPDATE payable_lines l SET held = false WHERE l.payable_id = @payable_id AND l.order_id = @order_id AND l.held RETURNING l.amount)
UPDATE payables y SET total = y.total - g.amount FROM gone g WHERE y.id = @payable_id;

-- name: ClosePayable :exec
WITH gone AS (UPDATE payable_lines l SET held = false WHERE l.payable_id = @id AND l.held)
UPDATE payables y SET state = 'closed' WHERE y.id = @id;

-- name: PayPayable :exec
WITH paid AS (UPDATE payables SET state = 'paid', payment_id = @payment_id WHERE id = @id RETURNING payment_id)
SELECT pg_notify('payments', payment_id::text) FROM paid;

-- name: ReopenPayable :exec
UPDATE payables SET state = 'open', payment_id = NULL WHERE id = @id;

-- name: ChooseMethod :execrows
UPDATE payables SET method = @method::text WHERE id = @id AND state = 'open';

-- name: PaidFor :one
SELECT y.payment_id::uuid AS payment_id, coalesce(p.resolved_at, p.received_at)::timestamptz AS paid_at, o.uploaded_at, o.completed_at, o.approved_at
FROM payable_lines l JOIN payables y ON y.id = l.payable_id JOIN payments p ON p.id = y.payment_id JOIN orders o ON o.id = l.order_id
WHERE l.order_id = @order_id AND l.held AND y.state = 'paid';
