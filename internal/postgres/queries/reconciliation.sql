-- name: WatchAssist :exec
INSERT INTO assist_polls (payable_id, next_at) VALUES (@payable_id, now() + interval '1 minute')
ON CONFLICT (payable_id) DO UPDATE SET polls = 0, next_at = excluded.next_at;

-- name: ClaimAssistPolls :many
WITH waiting AS (
    SELECT p.payable_id FROM assist_polls p WHERE p.next_at <= sqlc.arg(at)::timestamptz
    ORDER BY p.next_at LIMIT @max_rows FOR UPDATE SKIP LOCKED)
UPDATE assist_polls p SET polls = p.polls + 1, next_at = CASE
    WHEN y.state = 'open' THEN sqlc.arg(at)::timestamptz + least(interval '1 minute' * power(2, least(p.polls, 10)), interval '1 hour')
    WHEN y.due > sqlc.arg(at)::timestamptz - interval '30 days' THEN sqlc.arg(at)::timestamptz + interval '12 hours'
    ELSE 'infinity' END
FROM waiting w JOIN payables y ON y.id = w.payable_id
WHERE p.payable_id = w.payable_id
RETURNING y.number, y.opened_at;

-- name: CardAccounts :many
SELECT y.id, y.number, y.opened_at FROM assist_polls p JOIN payables y ON y.id = p.payable_id
WHERE y.due > sqlc.arg(since)::timestamptz AND y.number > @after ORDER BY y.number LIMIT @max_rows;

-- name: CardPayments :many
SELECT p.id, p.external_id, p.kind, p.amount, p.state, p.resolved_by, p.received_at FROM payments p JOIN payables y ON y.id = @payable_id
WHERE p.source = 'assist' AND p.parent_id IS NULL AND p.reason <> 'conflict' AND (p.payable_id = y.id OR p.external_id = ANY (@external_ids::text[]));

-- name: CountUnapplied :one
SELECT count(*) FROM payments WHERE state = 'unapplied';

-- name: LedgerDifferences :many
SELECT d.kind, d.source, d.number, d.payment_id, d.order_id, d.ours, d.theirs FROM (
    SELECT 'untold' AS kind, p.source, y.number, p.id::text AS payment_id, '' AS order_id, y.total AS ours, p.amount AS theirs
    FROM payments p JOIN payables y ON y.id = p.payable_id
    WHERE p.state = 'applied' AND p.delivered_at IS NULL AND coalesce(p.resolved_at, p.received_at) < sqlc.arg(before)::timestamptz
    UNION ALL
    SELECT 'paid-without-payment', '', y.number, coalesce(y.payment_id::text, ''), '', y.total, 0
    FROM payables y LEFT JOIN payments p ON p.id = y.payment_id AND p.payable_id = y.id AND p.state = 'applied'
    WHERE y.state = 'paid' AND p.id IS NULL
    UNION ALL
    SELECT 'payment-without-payable', p.source, y.number, p.id::text, '', y.total, p.amount
    FROM payments p JOIN payables y ON y.id = p.payable_id
    WHERE p.state = 'applied' AND (y.state <> 'paid' OR y.payment_id IS DISTINCT FROM p.id)
    UNION ALL
    SELECT 'amount', p.source, y.number, p.id::text, '', y.total, p.amount
    FROM payments p JOIN payables y ON y.id = p.payable_id
    WHERE p.state = 'applied' AND (p.amount <> y.total OR p.currency <> 'BYN')
    UNION ALL
    SELECT 'not-issued', p.source, y.number, p.id::text, l.order_id::text, l.amount, 0
    FROM payables y JOIN payments p ON p.id = y.payment_id JOIN payable_lines l ON l.payable_id = y.id AND l.held
        JOIN orders o ON o.id = l.order_id
    WHERE y.state = 'paid' AND p.delivered_at < sqlc.arg(stalled)::timestamptz AND o.ending <> 'issued'
      AND NOT EXISTS (SELECT FROM payments s WHERE s.parent_id = p.id AND s.order_id = l.order_id)
    UNION ALL
    SELECT 'issued-unpaid', '', 0, '', o.id::text, 0, 0 FROM orders o
    WHERE o.ending = 'issued' AND NOT EXISTS (
        SELECT FROM payable_lines l JOIN payables y ON y.id = l.payable_id WHERE l.order_id = o.id AND l.held AND y.state = 'paid')
    UNION ALL
    SELECT 'reversed', p.source, y.number, p.id::text, '', y.total, p.amount
    FROM payments p JOIN payables y ON y.id = p.payable_id
    WHERE p.state = 'applied' AND p.reversal_id IS NOT NULL
    UNION ALL
    SELECT 'unfinished', 'erip', t.number, '', '', 0, t.amount FROM erip_transactions t
    WHERE t.changed_at < sqlc.arg(stalled)::timestamptz
      AND (t.state = 'storn-started' OR t.state = 'started' AND t.changed_at > sqlc.arg(stalled)::timestamptz - interval '3 days')
    UNION ALL
    SELECT 'unbooked', 'erip', t.number, '', '', 0, t.amount
    FROM erip_transactions t LEFT JOIN payments p ON p.source = 'erip' AND p.external_id = t.id::text
    WHERE t.state IN ('committed', 'storn-started') AND p.id IS NULL
) d ORDER BY d.kind, d.number, d.order_id LIMIT @max_rows;

-- name: InsertReconciliation :exec
INSERT INTO reconciliations (id, at, asked, gateways_failed, unapplied, found, differences)
VALUES (@id, @at, @asked, @gateways_failed, @unapplied, @found, @differences) ON CONFLICT (id) DO NOTHING;

-- name: LatestReconciliation :one
SELECT * FROM reconciliations ORDER BY at DESC LIMIT 1;
