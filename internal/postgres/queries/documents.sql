-- name: InsertDocument :execrows
INSERT INTO documents (id, kind, content, media_type, owner_key)
VALUES (@id, @kind, @content, @media_type, @owner_key)
ON CONFLICT (id) DO NOTHING;

-- name: Document :one
SELECT * FROM documents WHERE id = @id;

-- name: OwnedDocument :one
SELECT * FROM documents WHERE id = @id AND owner_key = @owner_key;
