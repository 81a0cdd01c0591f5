-- name: NextOrderNumber :one
SELECT nextval('order_numbers')::bigint;

-- name: InsertOrder :execrows
INSERT INTO orders (id, number, workflow_id, service, kind, applicant_key, unp, certificate_id, language, started_at, version, stage)
VALUES (@id, @number, @workflow_id, @service, @kind, @applicant_key, @unp, @certificate_id, @language, @started_at, 0, 'terms')
ON CONFLICT (id) DO NOTHING;

-- name: UpdateOrder :one
UPDATE orders SET
    version = @version, stage = @stage, ending = @ending, reason = @reason, note = @note,
    waits_until = @waits_until, pay_by = @pay_by,
    agreement_version = @agreement_version, contract_version = @contract_version, accepted_at = @accepted_at,
    email = @email, phone = @phone, request_id = @request_id, report = @report,
    uploaded_at = @uploaded_at, completed_at = @completed_at, confirmation_id = @confirmation_id,
    approved_at = @approved_at, payment_id = @payment_id, updated_at = now()
WHERE id = @id AND version < @version
RETURNING number, workflow_id, service, applicant_key, language;

-- name: OrderExists :one
SELECT EXISTS (SELECT FROM orders WHERE id = @id);

-- name: SaveOrderKey :execrows
UPDATE orders o SET key_id = r.key_id
FROM requests r
WHERE o.id = @order_id AND r.id = @request_id AND r.order_id = o.id AND r.key_id <> ''
  AND NOT EXISTS (SELECT FROM certificates c WHERE c.key_id = r.key_id AND c.order_id <> o.id);

-- name: KeyInUse :one
SELECT (EXISTS (SELECT FROM certificates c WHERE c.key_id = @key_id AND c.order_id <> @order_id)
    OR EXISTS (SELECT FROM orders o WHERE o.key_id = @key_id AND o.stage <> 'ended' AND o.id <> @order_id))::boolean;

-- name: InsertRequest :execrows
INSERT INTO requests (id, order_id, subject, current_subject, report, years, requested_start, key_id, checked_at)
VALUES (@id, @order_id, @subject, @current_subject, @report, @years, @requested_start, @key_id, @checked_at)
ON CONFLICT (id) DO NOTHING;

-- name: Request :one
SELECT * FROM requests WHERE id = @id;

-- name: Order :one
SELECT sqlc.embed(o), r.subject, r.current_subject, r.report AS request_report, r.years, r.requested_start
FROM orders o LEFT JOIN requests r ON r.id = o.request_id
WHERE o.id = @id;

-- name: OrdersOfApplicant :many
SELECT sqlc.embed(o), r.subject, r.current_subject, r.report AS request_report, r.years, r.requested_start
FROM orders o LEFT JOIN requests r ON r.id = o.request_id
WHERE o.applicant_key = @applicant_key AND (o.stage <> 'ended' OR o.updated_at > @since)
ORDER BY o.started_at DESC, o.id LIMIT @max_rows;

-- name: OpenOrder :one
SELECT id FROM orders
WHERE applicant_key = @applicant_key AND service = @service AND stage <> 'ended'
ORDER BY started_at DESC LIMIT 1;

-- name: LastContacts :one
SELECT email, phone FROM orders
WHERE applicant_key = @applicant_key AND email <> '' AND phone <> ''
ORDER BY started_at DESC LIMIT 1;

-- name: OrganisationRows :many
SELECT o.id, o.number, o.workflow_id, o.applicant_key, o.stage, o.uploaded_at, o.completed_at, o.pay_by, o.waits_until,
    o.approved_at, l.payable_id AS held_by, r.subject, r.current_subject, r.years, r.requested_start,
    count(*) OVER () AS total_rows
FROM orders o
JOIN requests r ON r.id = o.request_id
LEFT JOIN payable_lines l ON l.order_id = o.id AND l.held
WHERE o.unp = @unp AND o.service = '6.0.01' AND NOT o.closed_to_money AND o.pay_by > @at::timestamptz
  AND (o.stage = 'awaiting-payment' OR (o.stage = 'awaiting-approval' AND o.waits_until > @at::timestamptz))
ORDER BY r.subject ->> 'surname', r.subject ->> 'givenName', o.applicant_key, o.number
LIMIT @max_rows OFFSET @skipped;

-- name: OrganisationTotals :one
SELECT count(*) AS orders, count(DISTINCT applicant_key) AS employees
FROM orders o
WHERE o.unp = @unp AND o.service = '6.0.01' AND NOT o.closed_to_money AND o.pay_by > @at::timestamptz
  AND (o.stage = 'awaiting-payment' OR (o.stage = 'awaiting-approval' AND o.waits_until > @at::timestamptz));

-- name: OrdersForList :many
SELECT o.id, o.number, o.service, o.unp, o.kind, o.stage, o.pay_by, o.waits_until, o.approved_at,
    o.closed_to_money, l.payable_id AS held_by, r.key_id, r.subject, r.current_subject, r.years, r.requested_start
FROM orders o
JOIN requests r ON r.id = o.request_id
LEFT JOIN payable_lines l ON l.order_id = o.id AND l.held
WHERE o.id = ANY (@ids::uuid[])
ORDER BY o.number;
