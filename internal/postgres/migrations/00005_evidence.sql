-- +goose Up
ALTER TABLE documents DROP CONSTRAINT documents_kind_check;
ALTER TABLE documents ADD CONSTRAINT documents_kind_check
    CHECK (kind IN ('certificate', 'request', 'list', 'list-signature', 'list-page', 'invoice', 'evidence'));
CREATE INDEX credentials_sealed ON credentials (expires_at) WHERE sealed_password IS NOT NULL;

-- +goose Down
DROP INDEX credentials_sealed;
DELETE FROM documents WHERE kind = 'evidence';
ALTER TABLE documents DROP CONSTRAINT documents_kind_check;
ALTER TABLE documents ADD CONSTRAINT documents_kind_check
    CHECK (kind IN ('certificate', 'request', 'list', 'list-signature', 'list-page', 'invoice'));
