-- +goose Up
CREATE TABLE assist_polls (
    payable_id uuid PRIMARY KEY REFERENCES payables (id),
    polls      integer NOT NULL DEFAULT 0,
    next_at    timestamptz NOT NULL
);
COMMENT ON TABLE assist_polls IS 'P4: whose state ASSIST is asked for, as it never pushes refunds and time-outs; rows stay while refunds can come';
CREATE INDEX assist_polls_next ON assist_polls (next_at);

CREATE TABLE reconciliations (
    id              uuid PRIMARY KEY,
    at              timestamptz NOT NULL,
    asked           bigint NOT NULL,
    gateways_failed boolean NOT NULL,
    unapplied       bigint NOT NULL,
    found           bigint NOT NULL,
    differences     jsonb NOT NULL
);
COMMENT ON TABLE reconciliations IS 'P4: the daily comparison of ledger, gateways and orders; differences hold numbers and ids, no personal data';
CREATE INDEX reconciliations_at ON reconciliations (at DESC);

-- +goose Down
DROP TABLE reconciliations, assist_polls;
