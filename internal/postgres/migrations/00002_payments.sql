-- +goose Up
CREATE SEQUENCE payment_numbers AS bigint MINVALUE 1 MAXVALUE 999999999 NO CYCLE;
COMMENT ON SEQUENCE payment_numbers IS 'P2, P3: nine digits, the same for NOAIS and ROAIS';

CREATE TABLE payables (
    id          uuid PRIMARY KEY,
    workflow_id text NOT NULL,
    service     text NOT NULL CHECK (service IN ('6.0.00', '6.0.02')),
    number      bigint NOT NULL UNIQUE CHECK (number BETWEEN 1 AND 999999999),
    total       bigint NOT NULL CHECK (total >= 0),
    payer_unp   text NOT NULL DEFAULT '',
    due         timestamptz NOT NULL,
    state       text NOT NULL DEFAULT 'open' CHECK (state IN ('open', 'paid', 'closed')),
    way         text CHECK (way IN ('assist', 'erip', 'clientbank')),
    payment_id  uuid UNIQUE,
    opened_at   timestamptz NOT NULL,
    CHECK ((state = 'paid') <= (payment_id IS NOT NULL))
);
COMMENT ON TABLE payables IS 'P7, P8: what a payment number pays for; id is that of the order (6.0.00) or confirmation (6.0.02)';

CREATE TABLE payable_lines (
    payable_id uuid NOT NULL REFERENCES payables (id),
    order_id   uuid NOT NULL,
    amount     bigint NOT NULL CHECK (amount > 0),
    held       boolean NOT NULL DEFAULT true,
    PRIMARY KEY (payable_id, order_id)
);
COMMENT ON TABLE payable_lines IS 'P8: one line an order; a line that is held keeps the order out of any other payment';
CREATE UNIQUE INDEX payable_lines_held ON payable_lines (order_id) WHERE held;

CREATE TABLE gateway_messages (
    id           uuid PRIMARY KEY,
    source       text NOT NULL CHECK (source IN ('assist', 'erip', 'clientbank', 'manual')),
    external_id  text NOT NULL,
    raw          bytea NOT NULL,
    received_at  timestamptz NOT NULL,
    UNIQUE (source, external_id)
);
COMMENT ON TABLE gateway_messages IS 'P5, P6: every message of a gateway as received, before the gateway is answered';

CREATE TABLE payments (
    id           uuid PRIMARY KEY,
    message_id   uuid NOT NULL REFERENCES gateway_messages (id),
    parent_id    uuid REFERENCES payments (id),
    order_id     uuid,
    source       text NOT NULL CHECK (source IN ('assist', 'erip', 'clientbank', 'manual')),
    external_id  text NOT NULL,
    kind         text NOT NULL CHECK (kind IN ('payment', 'reversal', 'test')),
    number       text NOT NULL,
    amount       bigint NOT NULL,
    currency     text NOT NULL,
    payer_unp    text NOT NULL DEFAULT '',
    occurred_at  timestamptz,
    received_at  timestamptz NOT NULL,
    state        text NOT NULL CHECK (state IN ('applied', 'unapplied', 'returned')),
    reason       text NOT NULL DEFAULT '' CHECK (reason IN (
                     '', 'no-number', 'several-numbers', 'unknown-number', 'test-mode', 'reversed', 'way-not-allowed',
                     'wrong-currency', 'underpaid', 'overpaid', 'wrong-payer', 'closed', 'already-paid', 'overdue')),
    payable_id   uuid REFERENCES payables (id),
    claimed_at   timestamptz,
    delivered_at timestamptz,
    note         text NOT NULL DEFAULT '',
    resolved_by  text NOT NULL DEFAULT '',
    resolved_at  timestamptz,
    UNIQUE (source, external_id),
    CHECK (state <> 'applied' OR payable_id IS NOT NULL),
    CHECK ((parent_id IS NULL) = (order_id IS NULL))
);
COMMENT ON TABLE payments IS 'P3-P6: what became of each payment; one that pays nothing waits unapplied for an operator';
COMMENT ON COLUMN payments.parent_id IS 'P4: this row is the share of order_id in another payment';
COMMENT ON COLUMN payments.claimed_at IS 'P6: from here on the workflow may know of the payment and it cannot be reversed';
CREATE UNIQUE INDEX payments_share ON payments (parent_id, order_id) WHERE parent_id IS NOT NULL;
CREATE INDEX payments_undelivered ON payments (received_at) WHERE state = 'applied' AND delivered_at IS NULL;
CREATE INDEX payments_unapplied ON payments (received_at, id) WHERE state = 'unapplied';
CREATE INDEX payments_payable ON payments (payable_id) WHERE payable_id IS NOT NULL;

CREATE SEQUENCE erip_provider_transactions AS bigint MINVALUE 1;

CREATE TABLE erip_transactions (
    id              bigint PRIMARY KEY,
    provider_trx_id bigint NOT NULL UNIQUE,
    request_id      bigint NOT NULL,
    number          bigint NOT NULL,
    amount          bigint NOT NULL,
    state           text NOT NULL CHECK (state IN ('started', 'committed', 'cancelled', 'storn-started', 'storn-committed')),
    started_at      timestamptz NOT NULL,
    changed_at      timestamptz NOT NULL
);
COMMENT ON TABLE erip_transactions IS 'P2, P5: how far each payment in ERIP has come';
CREATE INDEX erip_transactions_number ON erip_transactions (number);

CREATE TABLE erip_dialogues (
    request_id bigint PRIMARY KEY,
    number     bigint NOT NULL
);
COMMENT ON TABLE erip_dialogues IS 'P2: which number a question of ERIP was answered for';

-- +goose Down
DROP TABLE erip_dialogues, erip_transactions, payments, gateway_messages, payable_lines, payables;
DROP SEQUENCE erip_provider_transactions, payment_numbers;
