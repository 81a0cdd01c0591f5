-- +goose Up
CREATE TABLE documents (
    id          uuid PRIMARY KEY,
    kind        text NOT NULL CHECK (kind IN ('certificate', 'request', 'list', 'list-signature', 'list-page', 'invoice')),
    content     bytea NOT NULL,
    sha256      bytea NOT NULL GENERATED ALWAYS AS (sha256(content)) STORED,
    media_type  text NOT NULL,
    owner_key   text NOT NULL,
    created_at  timestamptz NOT NULL DEFAULT now()
);
COMMENT ON TABLE documents IS 'S2, M5, M6: certificates, request files, lists and signatures, whole and byte for byte';

CREATE SEQUENCE order_numbers AS bigint MINVALUE 1;
COMMENT ON SEQUENCE order_numbers IS 'M2: the number under which people know an order';

CREATE TABLE orders (
    id                uuid PRIMARY KEY,
    number            bigint NOT NULL UNIQUE,
    workflow_id       text NOT NULL,
    service           text NOT NULL CHECK (service IN ('6.0.00', '6.0.01')),
    kind              text NOT NULL CHECK (kind IN ('individual', 'sole-proprietor', 'employee')),
    applicant_key     text NOT NULL,
    unp               text NOT NULL DEFAULT '',
    certificate_id    uuid NOT NULL,
    language          text NOT NULL,
    started_at        timestamptz NOT NULL,
    version           bigint NOT NULL,
    stage             text NOT NULL CHECK (stage IN ('terms', 'request', 'checking', 'awaiting-approval',
                                                     'awaiting-payment', 'issuing', 'ended')),
    ending            text NOT NULL DEFAULT ''
                      CHECK (ending IN ('', 'issued', 'refused', 'rejected', 'withdrawn', 'annulled')),
    reason            text NOT NULL DEFAULT ''
                      CHECK (reason IN ('', 'not-finished', 'not-confirmed', 'not-paid', 'registers-differ',
                                        'not-allowed', 'by-manager', 'by-applicant')),
    note              text NOT NULL DEFAULT '',
    waits_until       timestamptz,
    pay_by            timestamptz,
    agreement_version text NOT NULL DEFAULT '',
    contract_version  text NOT NULL DEFAULT '',
    accepted_at       timestamptz,
    email             text NOT NULL DEFAULT '',
    phone             text NOT NULL DEFAULT '',
    request_id        uuid,
    report            jsonb NOT NULL DEFAULT '[]',
    uploaded_at       timestamptz,
    completed_at      timestamptz,
    confirmation_id   uuid,
    approved_at       timestamptz,
    payment_id        uuid,
    key_id            text,
    closed_to_money   boolean NOT NULL DEFAULT false,
    left_id           uuid,
    left_share        bigint NOT NULL DEFAULT 0,
    updated_at        timestamptz NOT NULL DEFAULT now(),
    CHECK ((stage = 'ended') = (ending <> ''))
);
COMMENT ON TABLE orders IS 'A6, M2, D1-D4: the read model of orders, as of the version of the workflow';
COMMENT ON COLUMN orders.closed_to_money IS 'D7, P4: no confirmation can take the order and no payment can reach it';
COMMENT ON COLUMN orders.left_id IS 'P8: the open confirmation that the order left when it was closed to money, left_share with it';
CREATE UNIQUE INDEX orders_open_key ON orders (key_id) WHERE stage <> 'ended' AND key_id IS NOT NULL;
COMMENT ON INDEX orders_open_key IS 'S3: a key is in one open order at most';
CREATE INDEX orders_applicant ON orders (applicant_key, started_at DESC);
CREATE INDEX orders_organisation ON orders (unp) WHERE service = '6.0.01' AND stage IN ('awaiting-approval', 'awaiting-payment');
CREATE INDEX orders_confirmation ON orders (confirmation_id) WHERE confirmation_id IS NOT NULL;

CREATE TABLE requests (
    id              uuid PRIMARY KEY,
    order_id        uuid NOT NULL,
    subject         jsonb NOT NULL,
    current_subject jsonb NOT NULL,
    report          jsonb NOT NULL,
    years           integer NOT NULL CHECK (years >= 0),
    requested_start date,
    key_id          text NOT NULL DEFAULT '',
    checked_at      timestamptz NOT NULL
);
COMMENT ON TABLE requests IS 'S3-S6: what the first check found in a request file; id is that of its document';
CREATE INDEX requests_order ON requests (order_id);

CREATE TABLE confirmations (
    id             uuid PRIMARY KEY,
    workflow_id    text NOT NULL,
    unp            text NOT NULL,
    manager_key    text NOT NULL,
    certificate_id uuid NOT NULL,
    language       text NOT NULL,
    email          text NOT NULL DEFAULT '',
    started_at     timestamptz NOT NULL,
    version        bigint NOT NULL,
    stage          text NOT NULL CHECK (stage IN ('awaiting-signature', 'awaiting-payment', 'issuing', 'finished', 'lapsed', 'void')),
    list_id        uuid,
    signature_id   uuid,
    signed_at      timestamptz,
    order_ids      uuid[] NOT NULL,
    issued_ids     uuid[] NOT NULL,
    left_ids       uuid[] NOT NULL,
    number         bigint NOT NULL DEFAULT 0,
    total          bigint NOT NULL DEFAULT 0,
    waits_until    timestamptz,
    payment_id     uuid,
    updated_at     timestamptz NOT NULL DEFAULT now()
);
COMMENT ON TABLE confirmations IS 'M5-M10: the read model of confirmations (6.0.02), as of the version of the workflow';
CREATE INDEX confirmations_organisation ON confirmations (unp, started_at DESC);

CREATE TABLE idempotency_keys (
    caller_key  text NOT NULL,
    key         text NOT NULL,
    fingerprint bytea NOT NULL,
    status      integer,
    media_type  text NOT NULL DEFAULT '',
    body        bytea,
    claimed_at  timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (caller_key, key)
);
COMMENT ON TABLE idempotency_keys IS 'Answers to creating requests; a repeated request gets the stored one';
CREATE INDEX idempotency_keys_age ON idempotency_keys (claimed_at);

-- +goose Down
DROP TABLE idempotency_keys, confirmations, requests, orders, documents;
DROP SEQUENCE order_numbers;
