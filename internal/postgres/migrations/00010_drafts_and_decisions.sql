-- +goose Up
ALTER TABLE orders
    ADD COLUMN policy jsonb NOT NULL DEFAULT '{"finishDays":10,"visibilityDays":5,"paymentDays":10,"startAfterDays":10,"remindBefore":86400000000000,"day":86400000000000}',
    ADD COLUMN workflow_started_at timestamptz,
    DROP CONSTRAINT orders_reason_check,
    ADD CONSTRAINT orders_reason_check CHECK (reason IN (
        '', 'not-finished', 'not-confirmed', 'not-paid', 'registers-differ', 'not-allowed', 'public-contract',
        'not-resident', 'revoked', 'not-saved',
        'by-manager', 'by-applicant')),
    DROP COLUMN workflow_id,
    DROP COLUMN closed_to_money,
    DROP COLUMN left_id,
    DROP COLUMN left_share;
ALTER TABLE orders ALTER COLUMN policy DROP DEFAULT;
UPDATE orders SET workflow_started_at = started_at WHERE stage NOT IN ('terms', 'request');
UPDATE orders SET request_id = NULL WHERE stage IN ('terms', 'request');
COMMENT ON TABLE orders IS 'A6, M2, D1-D4: drafts (stages terms and request) and orders, each as the last decision has left it';
COMMENT ON COLUMN orders.policy IS 'D5: the terms that the order keeps until its end';
COMMENT ON COLUMN orders.version IS 'Counts the changes of the row; screens wait for the next one';
COMMENT ON COLUMN orders.workflow_started_at IS 'When the workflow of an order that passed the first check was started; a job starts those that were not';

UPDATE orders o SET stage = 'ended', ending = 'annulled', reason = 'not-finished', waits_until = NULL
FROM orders newer
WHERE o.stage IN ('terms', 'request') AND newer.stage IN ('terms', 'request') AND newer.applicant_key = o.applicant_key
  AND newer.service = o.service AND (newer.started_at, newer.id) > (o.started_at, o.id);
CREATE UNIQUE INDEX orders_draft ON orders (applicant_key, service) WHERE stage IN ('terms', 'request');
COMMENT ON INDEX orders_draft IS 'A6: one unfinished draft per person and service';
CREATE INDEX orders_draft_until ON orders (waits_until) WHERE stage IN ('terms', 'request');
CREATE INDEX orders_unstarted ON orders (updated_at)
    WHERE workflow_started_at IS NULL AND stage NOT IN ('terms', 'request', 'ended');

DELETE FROM requests r WHERE NOT EXISTS (SELECT FROM orders o WHERE o.request_id = r.id);
DELETE FROM documents d WHERE d.kind = 'request' AND NOT EXISTS (SELECT FROM requests r WHERE r.id = d.id);
DROP INDEX requests_order;
CREATE UNIQUE INDEX requests_order ON requests (order_id);
ALTER TABLE requests ADD COLUMN registers jsonb NOT NULL DEFAULT '[]';
COMMENT ON TABLE requests IS 'S3-S6: the request file that passed the first check; id is that of its document. A refused file is not kept';
COMMENT ON COLUMN requests.registers IS 'S7: every check of the second check, as it was saved';

CREATE TABLE register_answers (
    order_id uuid NOT NULL REFERENCES orders (id),
    register text NOT NULL,
    state    text NOT NULL CHECK (state IN ('waiting', 'agrees', 'differs', 'silent')),
    at       timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (order_id, register)
);
COMMENT ON TABLE register_answers IS 'S7: what is known of each register''s last answer, line by line';

ALTER TABLE confirmations
    ADD COLUMN policy jsonb NOT NULL DEFAULT '{"finishDays":10,"visibilityDays":5,"paymentDays":10,"startAfterDays":10,"remindBefore":86400000000000,"day":86400000000000}',
    ADD COLUMN workflow_started_at timestamptz,
    DROP COLUMN workflow_id,
    DROP COLUMN issued_ids;
ALTER TABLE confirmations ALTER COLUMN policy DROP DEFAULT;
UPDATE confirmations SET workflow_started_at = started_at WHERE stage <> 'awaiting-signature';
COMMENT ON TABLE confirmations IS 'M5-M10: lists that wait for their signature, and confirmations (6.0.02)';
COMMENT ON COLUMN confirmations.waits_until IS 'Until when the list can be signed; once it is signed, until when it can be paid';
COMMENT ON COLUMN confirmations.left_ids IS 'P8: those of the orders that could not be confirmed any more, or have left before the payment';
CREATE INDEX confirmations_unstarted ON confirmations (updated_at)
    WHERE workflow_started_at IS NULL AND stage IN ('awaiting-payment', 'issuing');
CREATE INDEX confirmations_unsigned ON confirmations (waits_until) WHERE stage = 'awaiting-signature';

ALTER TABLE payables RENAME COLUMN way TO method;

-- +goose StatementBegin
-- Volatile: the head is read by a statement of its own, after the lock is held. What a hash covers is written by the
-- program, but for sequence and previous hash, which are known only here.
CREATE FUNCTION audit_append(lock_id bigint, entries jsonb) RETURNS bytea LANGUAGE plpgsql VOLATILE AS $$
DECLARE
    head audit_entries%ROWTYPE;
    next record;
BEGIN
    PERFORM pg_advisory_xact_lock(lock_id);
    SELECT * INTO head FROM audit_entries ORDER BY sequence DESC LIMIT 1;
    IF NOT FOUND THEN
        head.sequence := 0;
        head.hash := decode(repeat('00', 32), 'hex');
    END IF;
    FOR next IN
        SELECT x.* FROM ROWS FROM (jsonb_to_recordset(entries) AS (
            at timestamptz, actor_kind text, actor_id text, action text, order_id text, evidence jsonb, before bytea, after bytea,
            origin text)) WITH ORDINALITY AS x ORDER BY x.ordinality
    LOOP
        head.sequence := head.sequence + 1;
        head.previous_hash := head.hash;
        head.hash := sha256(next.before || int8send(head.sequence) || next.after || head.previous_hash);
        INSERT INTO audit_entries (sequence, at, actor_kind, actor_id, action, order_id, evidence, previous_hash, hash, origin)
        VALUES (head.sequence, next.at, next.actor_kind, next.actor_id, next.action, next.order_id, next.evidence,
            head.previous_hash, head.hash, next.origin);
    END LOOP;
    RETURN int8send(head.sequence) || head.previous_hash || head.hash;
END
$$;
-- +goose StatementEnd
COMMENT ON FUNCTION audit_append IS 'Chains entries to the audit log, whose head stays locked until the transaction ends; gives sequence, previous hash and hash of the last';

-- +goose Down
DROP FUNCTION audit_append;
ALTER TABLE payables RENAME COLUMN method TO way;
DROP INDEX confirmations_unstarted, confirmations_unsigned;
ALTER TABLE confirmations
    ADD COLUMN workflow_id text NOT NULL DEFAULT '',
    ADD COLUMN issued_ids uuid[] NOT NULL DEFAULT '{}',
    DROP COLUMN policy,
    DROP COLUMN workflow_started_at;
DROP TABLE register_answers;
ALTER TABLE requests DROP COLUMN registers;
DROP INDEX requests_order;
CREATE INDEX requests_order ON requests (order_id);
DROP INDEX orders_draft, orders_draft_until, orders_unstarted;
UPDATE orders SET reason = 'not-allowed' WHERE reason IN ('revoked', 'not-saved', 'public-contract', 'not-resident');
ALTER TABLE orders
    ADD COLUMN workflow_id text NOT NULL DEFAULT '',
    ADD COLUMN closed_to_money boolean NOT NULL DEFAULT false,
    ADD COLUMN left_id uuid,
    ADD COLUMN left_share bigint NOT NULL DEFAULT 0,
    DROP COLUMN policy,
    DROP COLUMN workflow_started_at,
    DROP CONSTRAINT orders_reason_check,
    ADD CONSTRAINT orders_reason_check CHECK (reason IN ('', 'not-finished', 'not-confirmed', 'not-paid', 'registers-differ',
                                        'not-allowed', 'by-manager', 'by-applicant'));
