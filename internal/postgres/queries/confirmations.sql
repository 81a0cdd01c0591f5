-- name: InsertConfirmation :execrows
WITH list AS (
    INSERT INTO documents (id, kind, content, media_type, owner_key)
    SELECT sqlc.narg(list_id)::uuid, 'list', @list::bytea, @media_type, @unp WHERE sqlc.narg(list_id)::uuid IS NOT NULL
    ON CONFLICT (id) DO NOTHING)
INSERT INTO confirmations (id, unp, manager_key, certificate_id, language, email, started_at, policy, version, stage, list_id,
    list_number, order_ids, left_ids, waits_until)
VALUES (@id, @unp, @manager_key, @certificate_id, @language, @email, @started_at, @policy, 1, 'awaiting-signature',
    sqlc.narg(list_id), @list_number, @order_ids, '{}', @waits_until)
ON CONFLICT (id) DO NOTHING;

-- name: NextListNumber :one
SELECT nextval('list_numbers')::bigint;

-- name: LockConfirmation :one
SELECT sqlc.embed(c), ARRAY(SELECT o.id FROM orders o WHERE o.confirmation_id = c.id AND o.ending = 'issued' ORDER BY o.number)::uuid[] AS issued_ids
FROM confirmations c WHERE c.id = @id FOR UPDATE OF c;

-- name: Confirmation :one
SELECT sqlc.embed(c), ARRAY(SELECT o.id FROM orders o WHERE o.confirmation_id = c.id AND o.ending = 'issued' ORDER BY o.number)::uuid[] AS issued_ids
FROM confirmations c WHERE c.id = @id;

-- name: ConfirmationsOfOrganisation :many
SELECT sqlc.embed(c), ARRAY(SELECT o.id FROM orders o WHERE o.confirmation_id = c.id AND o.ending = 'issued' ORDER BY o.number)::uuid[] AS issued_ids
FROM confirmations c
WHERE c.unp = @unp AND (c.stage IN ('awaiting-signature', 'awaiting-payment', 'issuing') OR c.updated_at > @since)
ORDER BY c.started_at DESC, c.id LIMIT @max_rows OFFSET @skipped;

-- name: CountConfirmationsOfOrganisation :one
SELECT count(*) FROM confirmations c
WHERE c.unp = @unp AND (c.stage IN ('awaiting-signature', 'awaiting-payment', 'issuing') OR c.updated_at > @since);

-- name: ConfirmationLines :many
SELECT sqlc.embed(o), r.subject, r.current_subject, r.years, r.requested_start, l.amount
FROM orders o
JOIN requests r ON r.id = o.request_id
LEFT JOIN payable_lines l ON l.order_id = o.id AND l.payable_id = @confirmation_id
WHERE o.id = ANY (@order_ids::uuid[])
ORDER BY o.number;

-- name: OrdersOfConfirmation :many
SELECT o.* FROM orders o JOIN confirmations c ON c.id = o.confirmation_id
WHERE c.id = @id AND o.id = ANY (c.order_ids) AND NOT o.id = ANY (c.left_ids)
ORDER BY o.id;

-- name: OneMoreIssued :one
WITH told AS (
    UPDATE confirmations c SET version = c.version + 1, updated_at = now()
    WHERE c.id = (SELECT o.confirmation_id FROM orders o WHERE o.id = @order_id) AND c.stage = 'issuing'
    RETURNING c.id),
woken AS (SELECT pg_notify('confirmation_changed', t.id::text) FROM told t)
SELECT sqlc.embed(c), ARRAY(SELECT o.id FROM orders o WHERE o.confirmation_id = c.id AND o.ending = 'issued' ORDER BY o.number)::uuid[] AS issued_ids,
    (SELECT count(*) FROM woken) AS woken
FROM confirmations c WHERE c.id = (SELECT o.confirmation_id FROM orders o WHERE o.id = @order_id);

-- name: UnstartedConfirmations :many
SELECT sqlc.embed(c), ARRAY(SELECT o.id FROM orders o WHERE o.confirmation_id = c.id AND o.ending = 'issued' ORDER BY o.number)::uuid[] AS issued_ids
FROM confirmations c
WHERE c.workflow_started_at IS NULL AND c.stage IN ('awaiting-payment', 'issuing') AND c.updated_at < @before
ORDER BY c.updated_at, c.id LIMIT @max_rows;

-- name: MarkConfirmationStarted :exec
UPDATE confirmations SET workflow_started_at = now() WHERE id = @id AND workflow_started_at IS NULL;

-- name: LockUnsignedLists :many
SELECT * FROM confirmations WHERE stage = 'awaiting-signature' AND waits_until <= @at::timestamptz
ORDER BY id LIMIT @max_rows FOR UPDATE SKIP LOCKED;
