-- name: StatusConcerns :many
-- One row for each thing: its name, and the order or confirmation whose workflow has the cause, where there is one.
WITH started AS (
    SELECT o.id, o.number, 'order' AS kind FROM orders o WHERE o.workflow_started_at IS NOT NULL
    UNION ALL
    SELECT c.id, c.number, 'confirmation' FROM confirmations c WHERE c.workflow_started_at IS NOT NULL
), found AS (
    SELECT 'past-deadline' AS code, o.number::text AS name, o.waits_until AS since, o.id AS about FROM orders o
    WHERE o.stage <> 'ended' AND o.waits_until < sqlc.arg(late)::timestamptz
    UNION ALL
    SELECT 'past-deadline', CASE WHEN c.number <> 0 THEN 'NOAIS' || lpad(c.number::text, 9, '0')
        ELSE 'list:' || coalesce((SELECT min(o.number) FROM orders o WHERE o.id = ANY (c.order_ids)), 0) END, c.waits_until, c.id
    FROM confirmations c WHERE c.stage IN ('awaiting-signature', 'awaiting-payment') AND c.waits_until < sqlc.arg(late)::timestamptz
    UNION ALL
    SELECT 'not-started', o.number::text, o.updated_at, NULL FROM orders o
    WHERE o.workflow_started_at IS NULL AND o.stage NOT IN ('terms', 'request', 'ended') AND o.updated_at < sqlc.arg(unstarted)::timestamptz
    UNION ALL
    SELECT 'not-started', 'NOAIS' || lpad(c.number::text, 9, '0'), c.updated_at, NULL FROM confirmations c
    WHERE c.workflow_started_at IS NULL AND c.stage IN ('awaiting-payment', 'issuing') AND c.updated_at < sqlc.arg(unstarted)::timestamptz
    UNION ALL
    SELECT 'not-issued', o.number::text, coalesce(p.resolved_at, p.received_at), o.id
    FROM payables y JOIN payments p ON p.id = y.payment_id JOIN payable_lines l ON l.payable_id = y.id AND l.held
        JOIN orders o ON o.id = l.order_id
    WHERE y.state = 'paid' AND o.stage <> 'ended' AND coalesce(p.resolved_at, p.received_at) < sqlc.arg(unissued)::timestamptz
    UNION ALL
    SELECT 'gate-refused', o.number::text, min(e.at), o.id
    FROM audit_entries e JOIN orders o ON o.id = e.order_id::uuid
    WHERE e.action = 'issue-refused' AND (o.stage <> 'ended' OR e.at > sqlc.arg(recent)::timestamptz)
    GROUP BY o.number, o.id
    UNION ALL
    SELECT 'silent-register', a.register, min(o.uploaded_at), (array_agg(o.id ORDER BY o.uploaded_at, o.number))[1]
    FROM register_answers a JOIN orders o ON o.id = a.order_id
    WHERE o.stage = 'checking' AND a.state = 'silent' AND o.uploaded_at < sqlc.arg(slow)::timestamptz
    GROUP BY a.register
    UNION ALL
    SELECT 'failing-channel', f.channel, f.since, f.about
    FROM (SELECT n.channel, count(*) AS failed, min(n.created_at) AS since, (array_agg(n.subject_id ORDER BY n.created_at, n.id))[1] AS about FROM notices n
        WHERE n.state = 'pending' AND n.attempts > 0 AND n.created_at < sqlc.arg(slow)::timestamptz
           OR n.state = 'failed' AND n.cause <> '' AND n.created_at > sqlc.arg(recent)::timestamptz
        GROUP BY n.channel) f
    WHERE f.failed >= @many::bigint
       OR NOT EXISTS (SELECT FROM notices s WHERE s.channel = f.channel AND s.state = 'sent' AND s.sent_at > f.since)
    UNION ALL
    SELECT 'failing-webhook', split_part(w.url, '/', 3), CASE WHEN w.state = 'enabled' THEN w.failing_since ELSE w.changed_at END, NULL
    FROM webhook_endpoints w
    WHERE w.state = 'enabled' AND w.failing_since < sqlc.arg(slow)::timestamptz
       OR w.cause IN ('gone', 'failing') AND w.changed_at > sqlc.arg(recent)::timestamptz
    UNION ALL
    SELECT 'not-sealed', e.sequence::text, e.at, NULL
    FROM (SELECT a.sequence, a.at FROM audit_entries a
        WHERE a.sequence > coalesce((SELECT max(c.sequence) FROM audit_checkpoints c), 0) ORDER BY a.sequence LIMIT 1) e
    WHERE e.at < sqlc.arg(unsealed)::timestamptz)
SELECT r.code::text AS code, r.name::text AS name, r.since::timestamptz AS since, r.total::bigint AS total,
    coalesce(s.id, '00000000-0000-0000-0000-000000000000')::uuid AS about, coalesce(s.number, 0)::bigint AS number, coalesce(s.kind, '')::text AS kind
FROM (SELECT f.code, f.name, f.since, f.about, count(*) OVER (PARTITION BY f.code) AS total,
        row_number() OVER (PARTITION BY f.code ORDER BY f.since, f.name) AS place FROM found f) r
    LEFT JOIN started s ON s.id = r.about
WHERE r.place <= @named::bigint
ORDER BY r.code, r.since, r.name;

-- name: StatusOpenOrders :many
SELECT id, number, workflow_started_at::timestamptz AS started_at FROM orders
WHERE workflow_started_at < sqlc.arg(before)::timestamptz AND stage NOT IN ('terms', 'request', 'ended') AND id > @after
ORDER BY id LIMIT @max_rows;

-- name: StatusOpenConfirmations :many
SELECT id, number, workflow_started_at::timestamptz AS started_at FROM confirmations
WHERE workflow_started_at < sqlc.arg(before)::timestamptz AND stage IN ('awaiting-payment', 'issuing') AND id > @after
ORDER BY id LIMIT @max_rows;

-- name: StatusStillOpen :one
SELECT EXISTS (SELECT FROM orders WHERE orders.id = @id AND stage NOT IN ('terms', 'request', 'ended'))
    OR EXISTS (SELECT FROM confirmations WHERE confirmations.id = @id AND stage IN ('awaiting-payment', 'issuing')) AS open;
