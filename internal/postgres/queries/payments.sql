-- name: LockEvent :exec
SELECT pg_advisory_xact_lock(hashtextextended(k, 7)) FROM unnest(@keys::text[]) AS k;

-- name: MessageHistory :one
-- The decision about the same message, if it was stored before, and what else is known of its event and bill.
SELECT coalesce(m.outcome, '')::text AS outcome, coalesce(m.reason, '')::text AS reason, m.payment_id,
    EXISTS (SELECT FROM payments p WHERE p.source = @source AND p.external_id = @external_id AND p.parent_id IS NULL) AS conflict,
    coalesce((SELECT r.id FROM payments r
        WHERE r.source = @source AND r.bill = @bill AND r.bill <> '' AND r.kind = 'reversal'
          AND (NOT sqlc.arg(single)::boolean OR NOT EXISTS (SELECT FROM payments p WHERE p.reversal_id = r.id))
        ORDER BY r.received_at, r.id LIMIT 1), '00000000-0000-0000-0000-000000000000'::uuid)::uuid AS reversal_id
FROM (SELECT) one LEFT JOIN (
    SELECT g.outcome, g.reason, p.id AS payment_id FROM gateway_messages g
    LEFT JOIN payments p ON p.message_id = g.id AND p.parent_id IS NULL
    WHERE g.source = @source AND g.external_id = @external_id AND g.content = @content) m ON true;

-- name: PaymentsOfBill :many
SELECT p.id, p.payable_id, p.state FROM payments p
WHERE p.source = @source AND p.bill = @bill AND p.bill <> '' AND p.kind = 'payment' AND p.reversal_id IS NULL AND p.parent_id IS NULL
ORDER BY p.state = 'applied', p.received_at DESC, p.id;

-- name: MarkReversed :exec
UPDATE payments SET reversal_id = @reversal_id, reason = CASE WHEN state = 'applied' THEN reason ELSE 'reversed' END WHERE id = @id;

-- name: TakeBackPayment :exec
UPDATE payments SET reversal_id = @reversal_id, reason = 'reversed', delivered_at = NULL,
    state = CASE WHEN sqlc.arg(whole)::boolean THEN 'returned' ELSE 'unapplied' END,
    payable_id = CASE WHEN sqlc.arg(whole)::boolean THEN payable_id END,
    note = CASE WHEN sqlc.arg(whole)::boolean THEN 'reversed' ELSE note END,
    resolved_by = CASE WHEN sqlc.arg(whole)::boolean THEN source ELSE resolved_by END,
    resolved_at = CASE WHEN sqlc.arg(whole)::boolean THEN now() ELSE resolved_at END
WHERE id = @id;

-- name: InsertMessage :exec
INSERT INTO gateway_messages (id, source, external_id, content, raw, outcome, reason, received_at)
VALUES (@id, @source, @external_id, @content, @raw, @outcome, @reason, @received_at);

-- name: InsertPayment :exec
INSERT INTO payments (id, message_id, source, external_id, bill, kind, number, amount, currency, payer_unp, occurred_at, received_at,
    state, reason, payable_id, reversal_id, named)
VALUES (@id, @message_id, @source, @external_id, @bill, @kind, @number, @amount, @currency, @payer_unp, @occurred_at, @received_at,
    @state, @reason, @payable_id, @reversal_id, @named);

-- name: InsertShare :execrows
INSERT INTO payments (id, message_id, parent_id, order_id, source, external_id, kind, number, amount, currency, payer_unp,
    occurred_at, received_at, state, reason, named)
SELECT @id, p.message_id, p.id, l.order_id, p.source, p.external_id || '/' || l.order_id, p.kind, p.number, l.amount, p.currency,
    p.payer_unp, p.occurred_at, p.received_at, 'unapplied', @reason, p.named
FROM payments p JOIN payable_lines l ON l.payable_id = p.payable_id
WHERE p.id = @parent_id AND l.order_id = @order_id AND l.held
ON CONFLICT DO NOTHING;

-- name: Payment :one
SELECT * FROM payments WHERE id = @id;

-- name: LockPayment :one
SELECT * FROM payments WHERE id = @id FOR UPDATE;

-- name: UnapplyPayment :exec
UPDATE payments SET state = 'unapplied', reason = @reason, payable_id = NULL, delivered_at = NULL WHERE id = @id;

-- name: AssignPayment :one
UPDATE payments SET state = 'applied', reason = '', payable_id = @payable_id, note = @note, resolved_by = @resolved_by,
    resolved_at = now(), delivered_at = NULL
WHERE id = @id RETURNING *;

-- name: ReturnPayment :one
UPDATE payments SET state = 'returned', note = @note, resolved_by = @resolved_by, resolved_at = now()
WHERE id = @id RETURNING *;

-- name: LockUndelivered :many
-- Nobody waits for the disk on account of a claim: whatever is reserved on the strength of it is written after it, to the same log.
SELECT p.id FROM payments p JOIN payables y ON y.id = p.payable_id
WHERE p.state = 'applied' AND p.delivered_at IS NULL AND set_config('synchronous_commit', 'off', true) IS NOT NULL
  AND NOT EXISTS (SELECT FROM erip_transactions t WHERE t.number = y.number AND t.state = 'storn-started')
  AND NOT EXISTS (SELECT FROM orders o WHERE o.id = y.id AND o.workflow_started_at IS NULL AND o.stage <> 'ended')
  AND NOT EXISTS (SELECT FROM confirmations c WHERE c.id = y.id AND c.workflow_started_at IS NULL
                  AND c.stage IN ('awaiting-payment', 'issuing'))
ORDER BY p.claimed_at NULLS FIRST, p.received_at, p.id LIMIT @max_rows FOR UPDATE OF y SKIP LOCKED;

-- name: ClaimDeliveries :many
UPDATE payments p SET claimed_at = now()
FROM payables y
WHERE p.id = ANY (@ids::uuid[]) AND y.id = p.payable_id AND p.state = 'applied' AND p.delivered_at IS NULL
  AND NOT EXISTS (SELECT FROM erip_transactions t WHERE t.number = y.number AND t.state = 'storn-started')
RETURNING p.id, y.workflow_id, (EXISTS (SELECT FROM orders o WHERE o.id = y.id AND o.stage <> 'ended')
    OR EXISTS (SELECT FROM confirmations c WHERE c.id = y.id AND c.stage IN ('awaiting-payment', 'issuing')))::boolean AS open,
    coalesce((SELECT jsonb_agg(jsonb_build_object('ID', o.id, 'Number', o.number) ORDER BY o.number)
     FROM payable_lines l JOIN orders o ON o.id = l.order_id
     WHERE l.payable_id = y.id AND l.held AND o.id <> y.id AND o.stage <> 'ended'), '[]')::jsonb AS orders;

-- name: MarkDelivered :exec
-- What is forgotten is told again.
UPDATE payments SET delivered_at = now() WHERE id = @id AND state = 'applied' AND delivered_at IS NULL
    AND set_config('synchronous_commit', 'off', true) IS NOT NULL;

-- name: PaymentsByState :many
SELECT sqlc.embed(p),
    ARRAY(SELECT o.number FROM requests r JOIN orders o ON o.request_id = r.id WHERE r.named_payment = p.named ORDER BY o.number)::bigint[] AS named_by
FROM payments p WHERE p.state = @state
ORDER BY p.received_at, p.id LIMIT @max_rows OFFSET @skipped;

-- name: CountPaymentsByState :one
SELECT count(*) FROM payments p WHERE p.state = @state;

-- name: RawMessage :one
SELECT m.* FROM gateway_messages m JOIN payments p ON p.message_id = m.id WHERE p.id = @payment_id;

-- name: MessageDigest :one
SELECT m.id, sha256(m.raw) AS digest, p.amount, p.currency FROM gateway_messages m JOIN payments p ON p.message_id = m.id WHERE p.id = @payment_id;

-- name: EripNumberOf :one
SELECT number FROM erip_transactions WHERE id = @id;

-- name: EripTransactions :many
SELECT * FROM erip_transactions WHERE number = @number ORDER BY id;

-- name: EripDialogue :one
SELECT number FROM erip_dialogues WHERE request_id = @request_id;

-- name: EripSaveDialogue :exec
INSERT INTO erip_dialogues (request_id, number) VALUES (@request_id, @number) ON CONFLICT DO NOTHING;

-- name: EripNextProviderTransaction :one
SELECT nextval('erip_provider_transactions')::bigint;

-- name: EripInsert :exec
INSERT INTO erip_transactions (id, provider_trx_id, request_id, number, amount, state, started_at, changed_at)
VALUES (@id, @provider_trx_id, @request_id, @number, @amount, @state, @started_at, @changed_at);

-- name: IssueBegun :one
-- A workflow may know of the payment: it was told, or found the money at its deadline and reserved a certificate (D7).
SELECT (EXISTS (SELECT FROM payments p WHERE p.payable_id = @payable_id AND p.state = 'applied' AND p.claimed_at IS NOT NULL)
    OR EXISTS (SELECT FROM payable_lines l JOIN certificates c ON c.order_id = l.order_id WHERE l.payable_id = @payable_id AND l.held))::boolean;

-- name: HeldLinesCount :one
SELECT count(*) FROM payable_lines WHERE payable_id = @payable_id;

-- name: EripUpdate :execrows
UPDATE erip_transactions SET state = @state, changed_at = @changed_at WHERE id = @id;
