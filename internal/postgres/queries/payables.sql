-- name: Payable :one
SELECT * FROM payables WHERE id = @id;

-- name: LockPayable :one
SELECT * FROM payables WHERE id = @id FOR UPDATE;

-- name: LockPayableByNumber :one
SELECT * FROM payables WHERE number = @number FOR UPDATE;

-- name: PayableByNumber :one
SELECT * FROM payables WHERE number = @number;

-- name: LinesOfPayable :many
SELECT l.order_id, l.amount, l.held, o.workflow_id FROM payable_lines l JOIN orders o ON o.id = l.order_id
WHERE l.payable_id = @payable_id ORDER BY o.number;

-- name: LockOrders :many
SELECT id, workflow_id, service, kind, unp, stage, pay_by, closed_to_money, request_id, left_id, left_share FROM orders
WHERE id = ANY (@ids::uuid[]) ORDER BY id FOR UPDATE;

-- name: HeldLines :many
SELECT payable_id, order_id, amount FROM payable_lines WHERE order_id = ANY (@order_ids::uuid[]) AND held;

-- name: YearsOfRequests :many
SELECT id, years FROM requests WHERE id = ANY (@ids::uuid[]);

-- name: InsertPayable :one
INSERT INTO payables (id, workflow_id, service, number, total, payer_unp, due, opened_at)
VALUES (@id, @workflow_id, @service, nextval('payment_numbers'), @total, @payer_unp, @due, @opened_at)
RETURNING number;

-- name: InsertLine :exec
INSERT INTO payable_lines (payable_id, order_id, amount) VALUES (@payable_id, @order_id, @amount);

-- name: ReleaseLine :exec
UPDATE payable_lines SET held = false WHERE payable_id = @payable_id AND order_id = @order_id;

-- name: ReleaseLines :exec
UPDATE payable_lines SET held = false WHERE payable_id = @payable_id;

-- name: ReduceTotal :exec
UPDATE payables SET total = total - @share WHERE id = @id;

-- name: ClosePayable :exec
UPDATE payables SET state = 'closed' WHERE id = @id;

-- name: PayPayable :exec
UPDATE payables SET state = 'paid', payment_id = @payment_id WHERE id = @id;

-- name: ReopenPayable :exec
UPDATE payables SET state = 'open', payment_id = NULL WHERE id = @id;

-- name: ChooseWay :execrows
UPDATE payables SET way = @way::text WHERE id = @id AND state = 'open';

-- name: CloseOrderToMoney :exec
UPDATE orders SET closed_to_money = true, left_id = @left_id, left_share = @left_share WHERE id = @id;
