-- +goose Up
CREATE TABLE notices (
    id              uuid PRIMARY KEY,
    subject_id      uuid NOT NULL,
    kind            text NOT NULL,
    channel         text NOT NULL CHECK (channel IN ('email', 'sms')),
    language        text NOT NULL,
    recipient       text NOT NULL,
    data            jsonb NOT NULL,
    state           text NOT NULL DEFAULT 'pending' CHECK (state IN ('pending', 'sent', 'failed')),
    attempts        integer NOT NULL DEFAULT 0,
    next_attempt_at timestamptz NOT NULL DEFAULT now(),
    leased_until    timestamptz,
    provider_id     text NOT NULL DEFAULT '',
    cause           text NOT NULL DEFAULT '',
    created_at      timestamptz NOT NULL DEFAULT now(),
    sent_at         timestamptz
);
COMMENT ON TABLE notices IS 'I4, I6: the outbox, one row a message and channel, retried on its own';
CREATE INDEX notices_pending ON notices (channel, next_attempt_at) WHERE state = 'pending';
CREATE INDEX notices_subject ON notices (subject_id);

CREATE TABLE audit_entries (
    sequence      bigint PRIMARY KEY,
    at            timestamptz NOT NULL,
    actor_kind    text NOT NULL,
    actor_id      text NOT NULL,
    action        text NOT NULL,
    order_id      text NOT NULL,
    evidence      jsonb NOT NULL,
    previous_hash bytea NOT NULL,
    hash          bytea NOT NULL,
    origin        text UNIQUE
);
COMMENT ON TABLE audit_entries IS 'S1, S7, M4, M6, P4, I1: the hash chain of who decided what, when and on which evidence';
COMMENT ON COLUMN audit_entries.origin IS 'subject, version and ordinal of the transition it came with: a repetition adds nothing';
CREATE INDEX audit_entries_order ON audit_entries (order_id, sequence);

CREATE TABLE audit_checkpoints (
    sequence  bigint NOT NULL,
    hash      bytea NOT NULL,
    at        timestamptz NOT NULL,
    key_id    text NOT NULL,
    signature bytea NOT NULL,
    PRIMARY KEY (sequence, key_id)
);
COMMENT ON TABLE audit_checkpoints IS 'Signed statements of the hash that the audit chain had';

CREATE TABLE payload_keys (
    id          uuid PRIMARY KEY,
    workflow_id text NOT NULL,
    sequence    bigint NOT NULL CHECK (sequence > 0),
    subject_id  uuid,
    wrapped     bytea,
    created_at  timestamptz NOT NULL DEFAULT now(),
    ended_at    timestamptz,
    erased_at   timestamptz,
    UNIQUE (workflow_id, sequence),
    CHECK ((wrapped IS NULL) = (erased_at IS NOT NULL))
);
COMMENT ON TABLE payload_keys IS 'The key of each order''s workflow history, wrapped; erasing it erases the history''s content';
CREATE INDEX payload_keys_subject ON payload_keys (subject_id);

-- +goose Down
DROP TABLE payload_keys, audit_checkpoints, audit_entries, notices;
