-- name: LockApplicant :exec
SELECT pg_advisory_xact_lock(hashtextextended(@applicant_key::text, 1));

-- name: OpenOrdersOfApplicant :many
SELECT * FROM orders WHERE applicant_key = @applicant_key AND stage <> 'ended' ORDER BY started_at, id;

-- name: InsertOrder :one
INSERT INTO orders (id, number, service, kind, applicant_key, unp, certificate_id, language, started_at, policy, version, stage, waits_until)
VALUES (@id, nextval('order_numbers'), @service, @kind, @applicant_key, @unp, @certificate_id, @language, @started_at, @policy, 1,
    'terms', @waits_until)
RETURNING sqlc.embed(orders), coalesce((SELECT d.sha256 FROM documents d WHERE d.id = orders.certificate_id), '')::bytea AS certificate_sha256;

-- name: ResumeDraft :one
UPDATE orders SET certificate_id = @certificate_id, kind = @kind, unp = @unp, language = @language, version = version + 1, updated_at = now()
WHERE id = @id AND stage IN ('terms', 'request')
RETURNING *;

-- name: LockOrder :one
SELECT sqlc.embed(o), coalesce(r.years, 0)::integer AS years,
    coalesce((SELECT d.sha256 FROM documents d WHERE d.id = o.certificate_id), '')::bytea AS certificate_sha256
FROM orders o LEFT JOIN requests r ON r.id = o.request_id
WHERE o.id = @id FOR UPDATE OF o;

-- name: LockOrders :exec
SELECT o.id FROM orders o WHERE o.id = ANY (@ids::uuid[]) ORDER BY o.id FOR UPDATE OF o;

-- name: LockPaidOrder :one
SELECT sqlc.embed(o), y.payment_id, coalesce(p.resolved_at, p.received_at, 'epoch')::timestamptz AS paid_at
FROM orders o LEFT JOIN payable_lines l ON l.order_id = o.id AND l.held
    LEFT JOIN payables y ON y.id = l.payable_id AND y.state = 'paid' LEFT JOIN payments p ON p.id = y.payment_id
WHERE o.id = @id FOR UPDATE OF o;

-- name: KeyInUse :one
SELECT (EXISTS (SELECT FROM certificates c WHERE c.key_id = @key_id AND c.order_id <> @order_id)
    OR EXISTS (SELECT FROM orders o WHERE o.key_id = @key_id AND o.stage <> 'ended' AND o.id <> @order_id))::boolean;

-- name: InsertUpload :execrows
-- Nothing is written for a key that is in a certificate or in another open order.
WITH free AS (
    SELECT 1 WHERE NOT EXISTS (SELECT FROM certificates c WHERE c.key_id = @key_id AND c.order_id <> @order_id)
        AND NOT EXISTS (SELECT FROM orders o WHERE o.key_id = @key_id AND o.stage <> 'ended' AND o.id <> @order_id)),
file AS (
    INSERT INTO documents (id, kind, content, media_type, owner_key)
    SELECT @id, @kind, @content, @media_type, @owner_key FROM free),
claim AS (UPDATE orders SET key_id = @key_id FROM free WHERE orders.id = @order_id)
INSERT INTO requests (id, order_id, subject, current_subject, report, years, requested_start, key_id, checked_at, named_payment)
SELECT @id, @order_id, @subject, @current_subject, @report, @years, @requested_start, @key_id, @checked_at, @named_payment FROM free;

-- name: RegistersAnswered :exec
WITH waiting AS (
    UPDATE orders o SET version = o.version + 1, updated_at = now() WHERE o.id = @order_id AND o.stage = 'checking' RETURNING o.id),
answered AS (
    INSERT INTO register_answers (order_id, register, state)
    SELECT w.id, a.register, a.state FROM waiting w, (SELECT unnest(@registers::text[]) AS register, unnest(@states::text[]) AS state) a
    ON CONFLICT (order_id, register) DO UPDATE SET state = excluded.state, at = now())
SELECT pg_notify('order_changed', w.id::text) FROM waiting w;

-- name: CheckedRequest :one
SELECT sqlc.embed(o), sqlc.embed(r) FROM orders o JOIN requests r ON r.id = o.request_id WHERE o.id = @order_id;

-- name: IssuingRequest :one
SELECT sqlc.embed(o), sqlc.embed(r), sqlc.embed(d), y.payment_id, EXISTS (SELECT FROM certificates c WHERE c.order_id = o.id) AS reserved
FROM orders o JOIN requests r ON r.id = o.request_id JOIN documents d ON d.id = r.id
    LEFT JOIN payable_lines l ON l.order_id = o.id AND l.held LEFT JOIN payables y ON y.id = l.payable_id AND y.state = 'paid'
WHERE o.id = @order_id;

-- name: Order :one
-- What stands in other tables comes along as JSON under the names of the generated structs: one statement, and one round trip. Of an
-- order that is not newer than the version @after it is left out: whoever waits for the next version asks again.
SELECT sqlc.embed(o), r.subject, r.current_subject, r.report AS request_report, r.years, r.requested_start, r.registers,
    (SELECT jsonb_agg(jsonb_build_object('Register', a.register, 'State', a.state, 'At', a.at) ORDER BY a.register)
        FROM register_answers a WHERE a.order_id = o.id AND o.version > @after::bigint) AS register_answers,
    (SELECT jsonb_build_object('ID', y.id, 'WorkflowID', y.workflow_id, 'Service', y.service, 'Number', y.number, 'Total', y.total,
            'PayerUnp', y.payer_unp, 'Due', y.due, 'State', y.state, 'Method', y.method, 'PaymentID', y.payment_id, 'OpenedAt', y.opened_at)
        FROM payables y WHERE y.id = coalesce(o.confirmation_id, o.id) AND o.version > @after::bigint) AS payable,
    (SELECT jsonb_build_object('OrderID', c.order_id, 'SerialNumber', c.serial_number, 'Issuer', c.issuer, 'KeyID', c.key_id,
            'DER', encode(c.der, 'base64'), 'NotBefore', c.not_before, 'NotAfter', c.not_after, 'IssuedAt', c.issued_at,
            'RevokedAt', c.revoked_at, 'ActivatedAt', c.activated_at)
        FROM certificates c WHERE c.order_id = o.id AND c.der IS NOT NULL AND o.version > @after::bigint) AS certificate,
    (SELECT jsonb_build_object('Login', k.login, 'CreatedAt', k.created_at, 'ExpiresAt', k.expires_at, 'Delivered', k.sealed_password IS NULL)
        FROM credentials k WHERE k.order_id = o.id AND o.version > @after::bigint) AS credentials,
    (SELECT jsonb_agg(jsonb_build_object('Kind', n.kind, 'Channel', n.channel, 'State', n.state, 'Attempts', n.attempts,
            'CreatedAt', n.created_at, 'SentAt', n.sent_at, 'Cause', n.cause) ORDER BY n.created_at, n.kind, n.channel, n.id)
        FROM notices n WHERE n.subject_id = o.id AND o.version > @after::bigint) AS notices,
    (CASE WHEN o.stage IN ('terms', 'request') AND o.email = '' AND o.version > @after::bigint THEN
        (SELECT jsonb_build_object('Email', b.email, 'Phone', b.phone) FROM orders b
        WHERE b.applicant_key = o.applicant_key AND b.email <> '' AND b.phone <> '' ORDER BY b.started_at DESC LIMIT 1) END)::jsonb AS offered
FROM orders o LEFT JOIN requests r ON r.id = o.request_id AND o.version > @after::bigint
WHERE o.id = @id;

-- name: OrdersOfApplicant :many
SELECT sqlc.embed(o), r.subject, r.current_subject, r.report AS request_report, r.years, r.requested_start, r.registers,
    (SELECT jsonb_build_object('ID', y.id, 'Service', y.service, 'Number', y.number, 'Total', y.total, 'Due', y.due, 'State', y.state,
            'OpenedAt', y.opened_at)
        FROM payables y WHERE y.id = coalesce(o.confirmation_id, o.id)) AS payable,
    (SELECT jsonb_build_object('OrderID', c.order_id, 'SerialNumber', c.serial_number, 'NotBefore', c.not_before, 'NotAfter', c.not_after,
            'IssuedAt', c.issued_at, 'RevokedAt', c.revoked_at, 'ActivatedAt', c.activated_at)
        FROM certificates c WHERE c.order_id = o.id AND c.der IS NOT NULL) AS certificate,
    (CASE WHEN o.stage IN ('terms', 'request') AND o.email = '' THEN
        (SELECT jsonb_build_object('Email', b.email, 'Phone', b.phone) FROM orders b
        WHERE b.applicant_key = o.applicant_key AND b.email <> '' AND b.phone <> '' ORDER BY b.started_at DESC LIMIT 1) END)::jsonb AS offered
FROM orders o LEFT JOIN requests r ON r.id = o.request_id
WHERE o.applicant_key = @applicant_key AND (o.stage <> 'ended' OR o.updated_at > @since)
ORDER BY o.started_at DESC, o.id LIMIT @max_rows OFFSET @skipped;

-- name: CountOrdersOfApplicant :one
SELECT count(*) FROM orders o WHERE o.applicant_key = @applicant_key AND (o.stage <> 'ended' OR o.updated_at > @since);

-- name: DraftOf :one
SELECT id FROM orders WHERE applicant_key = @applicant_key AND service = @service AND stage IN ('terms', 'request');

-- name: LastContacts :one
SELECT email, phone FROM orders
WHERE applicant_key = @applicant_key AND email <> '' AND phone <> ''
ORDER BY started_at DESC LIMIT 1;

-- name: UnstartedOrders :many
SELECT * FROM orders
WHERE workflow_started_at IS NULL AND stage NOT IN ('terms', 'request', 'ended') AND updated_at < @before
ORDER BY updated_at, id LIMIT @max_rows;

-- name: MarkOrderStarted :exec
UPDATE orders SET workflow_started_at = now() WHERE id = @id AND workflow_started_at IS NULL;

-- name: LockExpiredDrafts :many
SELECT * FROM orders WHERE stage IN ('terms', 'request') AND waits_until <= @at::timestamptz
ORDER BY id LIMIT @max_rows FOR UPDATE SKIP LOCKED;

-- name: LockDraftsToRemind :many
SELECT * FROM orders o
WHERE o.stage IN ('terms', 'request') AND o.email <> '' AND o.waits_until > @at::timestamptz
  AND o.waits_until - (o.policy ->> 'remindBefore')::bigint / 1000 * interval '1 microsecond' <= @at::timestamptz
  AND NOT EXISTS (SELECT FROM notices n WHERE n.subject_id = o.id AND n.kind = 'finish-reminder')
ORDER BY o.id LIMIT @max_rows FOR UPDATE SKIP LOCKED;

-- name: OrganisationRows :many
SELECT sqlc.embed(o), l.payable_id AS held_by, r.subject, r.current_subject, r.report AS request_report, r.years, r.requested_start, r.registers
FROM orders o
JOIN requests r ON r.id = o.request_id
LEFT JOIN payable_lines l ON l.order_id = o.id AND l.held
LEFT JOIN payables y ON y.id = l.payable_id
WHERE o.unp = @unp AND o.service = '6.0.01' AND o.pay_by > @at::timestamptz AND y.state IS DISTINCT FROM 'paid'
  AND (o.stage = 'awaiting-payment' OR (o.stage = 'awaiting-approval' AND o.waits_until > @at::timestamptz))
ORDER BY r.subject ->> 'surname', r.subject ->> 'givenName', o.applicant_key, o.number
LIMIT @max_rows OFFSET @skipped;

-- name: OrganisationTotals :one
SELECT count(*) AS orders, count(DISTINCT o.applicant_key) AS employees
FROM orders o
LEFT JOIN payable_lines l ON l.order_id = o.id AND l.held
LEFT JOIN payables y ON y.id = l.payable_id
WHERE o.unp = @unp AND o.service = '6.0.01' AND o.pay_by > @at::timestamptz AND y.state IS DISTINCT FROM 'paid'
  AND (o.stage = 'awaiting-payment' OR (o.stage = 'awaiting-approval' AND o.waits_until > @at::timestamptz));

-- name: OrdersForList :many
SELECT sqlc.embed(o), l.payable_id AS held_by, sqlc.embed(r), d.sha256 AS file_sha256
FROM orders o
JOIN requests r ON r.id = o.request_id
JOIN documents d ON d.id = r.id
LEFT JOIN payable_lines l ON l.order_id = o.id AND l.held
WHERE o.id = ANY (@ids::uuid[])
ORDER BY o.number;

-- name: OrderByNumber :one
SELECT id FROM orders WHERE number = @number;
