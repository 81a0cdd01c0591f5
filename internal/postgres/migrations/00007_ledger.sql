-- +goose Up
ALTER TABLE gateway_messages
    ADD COLUMN content bytea NOT NULL DEFAULT ''::bytea,
    ADD COLUMN outcome text NOT NULL DEFAULT 'unapplied' CHECK (outcome IN ('applied', 'unapplied', 'ignored')),
    ADD COLUMN reason text NOT NULL DEFAULT '',
    DROP CONSTRAINT gateway_messages_source_external_id_key,
    ADD UNIQUE (source, external_id, content);
UPDATE gateway_messages m SET content = sha256(m.raw),
    outcome = coalesce((SELECT CASE p.state WHEN 'applied' THEN 'applied' ELSE 'unapplied' END
                        FROM payments p WHERE p.message_id = m.id AND p.parent_id IS NULL), 'ignored'),
    reason = coalesce((SELECT p.reason FROM payments p WHERE p.message_id = m.id AND p.parent_id IS NULL), '');
ALTER TABLE gateway_messages ALTER COLUMN content DROP DEFAULT, ALTER COLUMN outcome DROP DEFAULT;
COMMENT ON COLUMN gateway_messages.content IS 'P5: digest of what the message says; another one under the same identifier is a conflict';
COMMENT ON COLUMN gateway_messages.outcome IS 'P5: what was decided, and is answered whenever the message is repeated';

ALTER TABLE payments
    ADD COLUMN bill text NOT NULL DEFAULT '',
    ADD COLUMN reversal_id uuid REFERENCES payments (id),
    DROP CONSTRAINT payments_source_external_id_key,
    DROP CONSTRAINT payments_kind_check,
    ADD CONSTRAINT payments_kind_check CHECK (kind IN ('payment', 'reversal', 'test', 'unreadable')),
    DROP CONSTRAINT payments_reason_check,
    ADD CONSTRAINT payments_reason_check CHECK (reason IN (
        '', 'unreadable', 'conflict', 'other-account', 'no-number', 'several-numbers', 'unknown-number', 'test-mode', 'reversed',
        'way-not-allowed', 'wrong-currency', 'underpaid', 'overpaid', 'wrong-payer', 'closed', 'already-paid', 'overdue')),
    ADD CHECK (reversal_id IS NULL OR kind = 'payment');
COMMENT ON COLUMN payments.bill IS 'P5: what a reversal takes back; payment and reversal of the same money have the same';
COMMENT ON COLUMN payments.reversal_id IS 'P5: the message that took this payment back';
CREATE UNIQUE INDEX payments_message ON payments (message_id) WHERE parent_id IS NULL;
CREATE INDEX payments_external ON payments (source, external_id);
CREATE INDEX payments_bill ON payments (source, bill) WHERE bill <> '';
CREATE INDEX payments_reversal ON payments (reversal_id) WHERE reversal_id IS NOT NULL;

-- +goose Down
DROP INDEX payments_reversal, payments_bill, payments_external, payments_message;
DELETE FROM payments WHERE reason IN ('unreadable', 'conflict', 'other-account') OR kind = 'unreadable';
DELETE FROM gateway_messages m WHERE NOT EXISTS (SELECT FROM payments p WHERE p.message_id = m.id)
    AND (m.outcome <> 'ignored' OR EXISTS (
        SELECT FROM gateway_messages o WHERE o.source = m.source AND o.external_id = m.external_id AND o.id <> m.id));
ALTER TABLE payments
    DROP COLUMN bill, DROP COLUMN reversal_id,
    DROP CONSTRAINT payments_kind_check,
    ADD CONSTRAINT payments_kind_check CHECK (kind IN ('payment', 'reversal', 'test')),
    DROP CONSTRAINT payments_reason_check,
    ADD CONSTRAINT payments_reason_check CHECK (reason IN (
        '', 'no-number', 'several-numbers', 'unknown-number', 'test-mode', 'reversed', 'way-not-allowed',
        'wrong-currency', 'underpaid', 'overpaid', 'wrong-payer', 'closed', 'already-paid', 'overdue')),
    ADD UNIQUE (source, external_id);
ALTER TABLE gateway_messages DROP COLUMN content, DROP COLUMN outcome, DROP COLUMN reason, ADD UNIQUE (source, external_id);
