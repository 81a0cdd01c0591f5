-- name: UnappliedPayments :many
-- Payments that wait for an operator, the oldest first, by the reference that commands take.
SELECT (p.source || ':' || CASE WHEN w.id IS NULL THEN p.external_id ELSE w.external_id || '/' || coalesce(o.number::text, '') END)::text AS reference,
    p.number, p.amount, p.currency, p.reason, p.received_at, count(*) OVER () AS total
FROM payments p LEFT JOIN payments w ON w.id = p.parent_id LEFT JOIN orders o ON o.id = p.order_id
WHERE p.state = 'unapplied' ORDER BY p.received_at, p.id LIMIT @max_rows;

-- name: PaymentsByReference :many
-- P4: payments by their reference, or by what follows the source in it; those that wait for an operator first.
SELECT p.id, p.state FROM payments p LEFT JOIN payments w ON w.id = p.parent_id LEFT JOIN orders o ON o.id = p.order_id
WHERE @reference::text IN (p.external_id, p.source || ':' || p.external_id)
   OR w.id IS NOT NULL AND @reference::text IN (w.external_id || '/' || o.number, p.source || ':' || w.external_id || '/' || o.number)
ORDER BY p.state <> 'unapplied', p.received_at, p.id;
