-- name: Renewal :one
-- Taken: the order was made of this very request.
SELECT r.order_id, r.file_sha256, r.payment_number, r.received_at,
    EXISTS (SELECT FROM documents d WHERE d.id = o.request_id AND d.sha256 = r.file_sha256)::boolean AS taken
FROM renewals r JOIN orders o ON o.id = r.order_id
WHERE r.request_id = @request_id;

-- name: OrderOfFile :one
SELECT o.id FROM orders o JOIN documents d ON d.id = o.request_id
WHERE o.applicant_key = @applicant_key AND d.sha256 = @file_sha256 AND (o.stage <> 'ended' OR o.ending = 'issued')
ORDER BY o.started_at DESC LIMIT 1;

-- name: KeepRenewal :execrows
INSERT INTO renewals (request_id, order_id, file_sha256, statement_id, payment_number, received_at)
VALUES (@request_id, @order_id, @file_sha256, @statement_id, @payment_number, @received_at)
ON CONFLICT (request_id) DO UPDATE SET order_id = excluded.order_id
WHERE renewals.order_id <> excluded.order_id;

-- name: OwnPayable :one
SELECT EXISTS (SELECT FROM payables y JOIN orders o ON o.id = y.id
    WHERE y.number = @number AND o.applicant_key = @applicant_key)::boolean;

-- name: NamedPayments :many
-- The money that a request names: what its person has paid for an order of their own that could not take it, the whole price.
SELECT p.id, y.number, o.applicant_key FROM renewals r
JOIN orders o ON o.id = r.order_id
JOIN payables y ON y.id = o.id AND y.state = 'open'
JOIN payables paid ON paid.number = r.payment_number AND paid.id <> y.id
JOIN orders former ON former.id = paid.id AND former.applicant_key = o.applicant_key
JOIN payments p ON p.state = 'unapplied' AND p.kind = 'payment' AND p.reversal_id IS NULL AND p.parent_id IS NULL
    AND p.amount = y.total AND p.currency = 'BYN'
    AND regexp_replace(upper(p.number), '[^A-Z0-9]', '', 'g') = 'NOAIS' || lpad(paid.number::text, 9, '0')
WHERE r.order_id = @order_id
GROUP BY p.id, y.number, o.applicant_key LIMIT 2;
