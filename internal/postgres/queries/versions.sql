-- name: OrderVersion :one
SELECT version FROM orders WHERE id = @id;

-- name: OwnVersion :one
SELECT version FROM orders WHERE id = @id AND applicant_key = @applicant_key;

-- name: ConfirmationVersion :one
SELECT version FROM confirmations WHERE id = @id;

-- name: ChangeOrder :exec
WITH changed AS (UPDATE orders o SET version = o.version + 1, updated_at = now() WHERE o.id = @id RETURNING o.id)
SELECT pg_notify('order_changed', c.id::text) FROM changed c;

-- name: ChangeOrdersOf :exec
WITH held AS (
    SELECT o.id FROM orders o WHERE o.confirmation_id = @confirmation_id AND o.stage = 'awaiting-payment' ORDER BY o.id FOR UPDATE),
changed AS (UPDATE orders o SET version = o.version + 1, updated_at = now() FROM held h WHERE o.id = h.id RETURNING o.id)
SELECT pg_notify('order_changed', c.id::text) FROM changed c;
