-- name: StatusFigures :many
SELECT f.name::text AS name, f.label::text AS label, f.value::float8 AS value FROM (
    SELECT 'orders' AS name, o.stage AS label, count(*)::float8 AS value FROM orders o WHERE o.stage <> 'ended' GROUP BY o.stage
    UNION ALL
    SELECT 'orders-oldest', o.stage, extract(epoch FROM min(o.updated_at)) FROM orders o WHERE o.stage <> 'ended' GROUP BY o.stage
    UNION ALL
    SELECT 'confirmations', c.stage, count(*) FROM confirmations c
    WHERE c.stage IN ('awaiting-signature', 'awaiting-payment', 'issuing') GROUP BY c.stage
    UNION ALL
    SELECT 'late', 'order', count(*) FROM orders o WHERE o.stage <> 'ended' AND o.waits_until < sqlc.arg(late)::timestamptz
    UNION ALL
    SELECT 'late', 'confirmation', count(*) FROM confirmations c
    WHERE c.stage IN ('awaiting-signature', 'awaiting-payment') AND c.waits_until < sqlc.arg(late)::timestamptz
    UNION ALL
    SELECT 'paid-not-issued', '', count(*)
    FROM payables y JOIN payments p ON p.id = y.payment_id JOIN payable_lines l ON l.payable_id = y.id AND l.held
        JOIN orders o ON o.id = l.order_id
    WHERE y.state = 'paid' AND o.stage <> 'ended' AND coalesce(p.resolved_at, p.received_at) < sqlc.arg(slow)::timestamptz
    UNION ALL
    SELECT 'unapplied', p.reason, count(*) FROM payments p WHERE p.state = 'unapplied' GROUP BY p.reason
    UNION ALL
    SELECT 'unapplied-kopecks', p.reason, sum(p.amount) FROM payments p WHERE p.state = 'unapplied' GROUP BY p.reason
    UNION ALL
    SELECT 'unapplied-oldest', p.reason, extract(epoch FROM min(p.received_at)) FROM payments p WHERE p.state = 'unapplied' GROUP BY p.reason
    UNION ALL
    SELECT 'notices', n.channel, count(*) FROM notices n WHERE n.state = 'pending' GROUP BY n.channel
    UNION ALL
    SELECT 'notices-oldest', n.channel, extract(epoch FROM min(n.created_at)) FROM notices n WHERE n.state = 'pending' GROUP BY n.channel
    UNION ALL
    SELECT 'silent-register', a.register, count(*) FROM register_answers a JOIN orders o ON o.id = a.order_id
    WHERE o.stage = 'checking' AND a.state = 'silent' GROUP BY a.register
    UNION ALL
    SELECT 'audit-unsealed', '', extract(epoch FROM e.at)
    FROM (SELECT a.at FROM audit_entries a
        WHERE a.sequence > coalesce((SELECT max(c.sequence) FROM audit_checkpoints c), 0) ORDER BY a.sequence LIMIT 1) e
    UNION ALL
    SELECT 'backup-confirmed', split_part(k.name, '/', 1), min(coalesce(extract(epoch FROM c.at), 0))
    FROM keys_in_use k LEFT JOIN LATERAL (
        SELECT b.at FROM audit_entries b
        WHERE b.action = 'key-backup-confirmed' AND b.evidence ->> 'key' = k.name ORDER BY b.sequence DESC LIMIT 1) c ON true
    WHERE k.last_seen >= (SELECT max(n.last_seen) FROM keys_in_use n) - interval '1 day'
    GROUP BY split_part(k.name, '/', 1)) f
ORDER BY 1, 2;
