-- +goose Up
-- Rare among millions of entries, and looked for by status.
CREATE INDEX audit_entries_refused ON audit_entries (at) WHERE action = 'issue-refused';

-- +goose Down
DROP INDEX audit_entries_refused;
