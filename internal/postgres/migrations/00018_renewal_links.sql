-- +goose Up
CREATE TABLE signed_in_certificates (
    id            uuid PRIMARY KEY,
    applicant_key text NOT NULL,
    service       text NOT NULL CHECK (service IN ('6.0.00', '6.0.01')),
    owner         text NOT NULL,
    serial_number text NOT NULL,
    not_after     timestamptz NOT NULL,
    email         text NOT NULL CHECK (email <> ''),
    language      text NOT NULL,
    seen_at       timestamptz NOT NULL
);
COMMENT ON TABLE signed_in_certificates IS 'R1: certificates that were not issued here and that the portal has reported at a sign-in; id is that of their document';
CREATE INDEX signed_in_certificates_ending ON signed_in_certificates (not_after);
CREATE INDEX signed_in_certificates_owner ON signed_in_certificates (applicant_key, service);

CREATE TABLE renewal_links (
    digest        bytea PRIMARY KEY,
    applicant_key text NOT NULL,
    service       text NOT NULL,
    expires_at    timestamptz NOT NULL,
    used_at       timestamptz
);
COMMENT ON TABLE renewal_links IS 'R1: links in reminders, by the SHA-256 of what stands in them; each opens one order of the person it was sent to, once';

-- +goose Down
DROP TABLE renewal_links, signed_in_certificates;
