-- name: InsertConfirmation :execrows
INSERT INTO confirmations (id, workflow_id, unp, manager_key, certificate_id, language, email, started_at, version, stage,
    order_ids, issued_ids, left_ids)
VALUES (@id, @workflow_id, @unp, @manager_key, @certificate_id, @language, @email, @started_at, 0, 'awaiting-signature', '{}', '{}', '{}')
ON CONFLICT (id) DO NOTHING;

-- name: UpdateConfirmation :one
UPDATE confirmations SET
    version = @version, stage = @stage, list_id = @list_id, signature_id = @signature_id, signed_at = @signed_at,
    order_ids = @order_ids, issued_ids = @issued_ids, left_ids = @left_ids, number = @number, total = @total,
    waits_until = @waits_until, payment_id = @payment_id, updated_at = now()
WHERE id = @id AND version < @version
RETURNING workflow_id, language, email, manager_key;

-- name: ConfirmationExists :one
SELECT EXISTS (SELECT FROM confirmations WHERE id = @id);

-- name: Confirmation :one
SELECT * FROM confirmations WHERE id = @id;

-- name: ConfirmationsOfOrganisation :many
SELECT * FROM confirmations
WHERE unp = @unp AND (stage IN ('awaiting-signature', 'awaiting-payment', 'issuing') OR updated_at > @since)
ORDER BY started_at DESC, id LIMIT @max_rows;

-- name: ConfirmationLines :many
SELECT o.id, o.number, o.applicant_key, o.stage, o.ending, r.subject, r.current_subject, r.years, r.requested_start, l.amount
FROM orders o
JOIN requests r ON r.id = o.request_id
LEFT JOIN payable_lines l ON l.order_id = o.id AND l.payable_id = @confirmation_id
WHERE o.id = ANY (@order_ids::uuid[])
ORDER BY o.number;
