-- +goose Up
ALTER TABLE documents
    DROP CONSTRAINT documents_kind_check,
    ADD CONSTRAINT documents_kind_check CHECK (kind IN (
        'certificate', 'request', 'list', 'list-signature', 'list-page', 'invoice', 'evidence', 'signed-request'));

CREATE TABLE renewals (
    request_id     bytea PRIMARY KEY CHECK (length(request_id) = 32),
    order_id       uuid NOT NULL REFERENCES orders (id),
    file_sha256    bytea NOT NULL CHECK (length(file_sha256) = 32),
    statement_id   uuid NOT NULL REFERENCES documents (id),
    payment_number bigint CHECK (payment_number BETWEEN 1 AND 999999999),
    received_at    timestamptz NOT NULL
);
COMMENT ON TABLE renewals IS 'S2: which order a request of STB 34.101.78 became; request_id is the belt-hash of its container';
COMMENT ON COLUMN renewals.file_sha256 IS 'Of the certification request inside: only the order that was made of it answers for the request';
COMMENT ON COLUMN renewals.payment_number IS 'P4: the payment that the request names, made before for what has ended unpaid';
CREATE INDEX renewals_order ON renewals (order_id);
CREATE INDEX orders_request ON orders (request_id) WHERE request_id IS NOT NULL;

-- +goose Down
DROP INDEX orders_request;
DROP TABLE renewals;
DELETE FROM documents WHERE kind = 'signed-request';
ALTER TABLE documents
    DROP CONSTRAINT documents_kind_check,
    ADD CONSTRAINT documents_kind_check CHECK (kind IN (
        'certificate', 'request', 'list', 'list-signature', 'list-page', 'invoice', 'evidence'));
