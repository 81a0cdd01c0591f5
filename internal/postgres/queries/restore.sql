-- name: RestoredSubjects :many
SELECT o.id, o.stage, o.ending, false AS confirmation FROM orders o WHERE o.id = ANY (@ids::uuid[])
UNION ALL
SELECT c.id, c.stage, '', true FROM confirmations c WHERE c.id = ANY (@ids::uuid[]);

-- name: RestartOrder :execrows
UPDATE orders SET workflow_started_at = NULL WHERE id = @id AND stage NOT IN ('terms', 'request', 'ended');

-- name: RestartConfirmation :execrows
UPDATE confirmations SET workflow_started_at = NULL WHERE id = @id AND stage IN ('awaiting-payment', 'issuing');

-- name: TellPaymentAgain :execrows
UPDATE payments p SET delivered_at = NULL
FROM payables y LEFT JOIN payable_lines l ON l.payable_id = y.id AND l.held
WHERE (y.id = @id OR l.order_id = @id) AND p.id = y.payment_id AND p.state = 'applied' AND p.delivered_at IS NOT NULL;

-- name: KnownSerials :many
SELECT issuer, serial_number FROM certificates WHERE serial_number = ANY (@serials::text[]) AND der IS NOT NULL;
