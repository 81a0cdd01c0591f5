-- name: AppendAudit :one
SELECT audit_append(@lock_id::bigint, @entries::jsonb)::bytea AS last;

-- name: AuditHead :one
SELECT sequence, hash FROM audit_entries ORDER BY sequence DESC LIMIT 1;

-- name: AuditEntriesAfter :many
SELECT * FROM audit_entries WHERE sequence > @after ORDER BY sequence LIMIT @max_rows;

-- name: AuditEntriesOfOrder :many
SELECT * FROM audit_entries WHERE order_id = @order_id ORDER BY sequence;

-- name: AuditCheckpoints :many
SELECT * FROM audit_checkpoints ORDER BY sequence, at;

-- name: InsertAuditCheckpoint :exec
INSERT INTO audit_checkpoints (sequence, hash, at, key_id, signature)
VALUES (@sequence, @hash, @at, @key_id, @signature)
ON CONFLICT DO NOTHING;
