-- +goose Up
CREATE TABLE certificates (
    order_id          uuid PRIMARY KEY,
    serial_number     text NOT NULL CHECK (serial_number ~ '^[0-9a-f]+$'),
    key_id            text NOT NULL UNIQUE,
    issuer            text NOT NULL,
    algorithm         bytea NOT NULL,
    tbs               bytea NOT NULL,
    der               bytea,
    not_before        timestamptz NOT NULL,
    not_after         timestamptz NOT NULL,
    reserved_at       timestamptz NOT NULL,
    issued_at         timestamptz,
    revoked_at        timestamptz,
    revocation_reason integer CHECK (revocation_reason BETWEEN 0 AND 10),
    activated_at      timestamptz,
    UNIQUE (issuer, serial_number),
    CHECK ((der IS NULL) = (issued_at IS NULL)),
    CHECK ((revoked_at IS NULL) = (revocation_reason IS NULL))
);
COMMENT ON TABLE certificates IS 'I1, I7: one certificate an order; the bytes to be signed are stored before they are signed';
COMMENT ON COLUMN certificates.key_id IS 'S3: a key that is in any certificate is not new';
CREATE INDEX certificates_unfinished ON certificates (reserved_at) WHERE der IS NULL;
CREATE INDEX certificates_ending ON certificates (not_after) WHERE der IS NOT NULL AND revoked_at IS NULL;
CREATE UNIQUE INDEX certificates_content ON certificates (sha256(der)) WHERE der IS NOT NULL;
CREATE INDEX certificates_revoked ON certificates (issuer, revoked_at) WHERE revoked_at IS NOT NULL;

CREATE TABLE crl_numbers (
    issuer text PRIMARY KEY,
    number bigint NOT NULL
);
COMMENT ON TABLE crl_numbers IS 'RFC 5280, 5.2.3: the number of each issuer''s last revocation list';

CREATE TABLE credentials (
    order_id        uuid PRIMARY KEY,
    login           text NOT NULL UNIQUE,
    password_hash   text NOT NULL,
    sealed_password bytea,
    created_at      timestamptz NOT NULL,
    expires_at      timestamptz NOT NULL,
    delivered_at    timestamptz
);
COMMENT ON TABLE credentials IS 'I4, I5: login and hashed password of the certificate storage; the clear one is sealed until delivered';

CREATE TABLE storage_attempts (
    key      text NOT NULL,
    starts   timestamptz NOT NULL,
    ends     timestamptz NOT NULL,
    attempts integer NOT NULL,
    PRIMARY KEY (key, starts)
);
COMMENT ON TABLE storage_attempts IS 'I5: how often a login or an address was tried, counted for all processes';
CREATE INDEX storage_attempts_ends ON storage_attempts (ends);

CREATE TABLE reminders (
    order_id   uuid NOT NULL,
    days_left  integer NOT NULL,
    created_at timestamptz NOT NULL,
    PRIMARY KEY (order_id, days_left)
);
COMMENT ON TABLE reminders IS 'R1: which reminder of a certificate''s end has been asked for; each once';

-- +goose Down
DROP TABLE reminders, storage_attempts, credentials, crl_numbers, certificates;
