-- name: OrderVersion :one
SELECT version FROM orders WHERE id = @id;

-- name: ConfirmationVersion :one
SELECT version FROM confirmations WHERE id = @id;

-- name: ChangeOrder :exec
WITH changed AS (UPDATE orders o SET version = o.version + 1, updated_at = now() WHERE o.id = @id RETURNING o.id)
SELECT pg_notify('order_changed', c.id::text) FROM changed c;

-- name: LockHeldOrders :exec
SELECT o.id FROM orders o JOIN payable_lines l ON l.order_id = o.id
WHERE l.payable_id = @payable_id AND l.held ORDER BY o.id FOR UPDATE OF o;

-- name: ChangeHeldOrders :exec
WITH changed AS (
    UPDATE orders o SET version = o.version + 1, updated_at = now() FROM payable_lines l
    WHERE l.payable_id = @payable_id AND l.held AND l.order_id = o.id RETURNING o.id)
SELECT pg_notify('order_changed', c.id::text) FROM changed c;
