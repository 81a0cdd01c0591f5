-- name: InsertDocument :execrows
INSERT INTO documents (id, kind, content, media_type, owner_key)
VALUES (@id, @kind, @content, @media_type, @owner_key)
ON CONFLICT (id) DO NOTHING;

-- name: InsertDocuments :exec
INSERT INTO documents (id, kind, content, media_type, owner_key)
SELECT unnest(@ids::uuid[]), unnest(@kinds::text[]), unnest(@contents::bytea[]), unnest(@media_types::text[]), unnest(@owner_keys::text[])
ON CONFLICT (id) DO NOTHING;

-- name: DocumentDigests :many
SELECT id, kind, sha256 FROM documents WHERE id = ANY (@ids::uuid[]);

-- name: Document :one
SELECT * FROM documents WHERE id = @id;

-- name: OwnedDocument :one
SELECT * FROM documents WHERE id = @id AND owner_key = @owner_key;
