-- +goose Up
CREATE TABLE keys_in_use (
    name       text PRIMARY KEY,
    first_seen timestamptz NOT NULL,
    last_seen  timestamptz NOT NULL
);
COMMENT ON TABLE keys_in_use IS 'The keys that workers hold, by kind, name and fingerprint: operators confirm that backups of them exist';
-- Rare among millions of entries, and looked for by status.
CREATE INDEX audit_entries_key_backups ON audit_entries ((evidence ->> 'key'), sequence) WHERE action = 'key-backup-confirmed';

-- +goose Down
DROP INDEX audit_entries_key_backups;
DROP TABLE keys_in_use;
