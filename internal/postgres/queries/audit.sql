-- name: LockAuditHead :exec
SELECT pg_advisory_xact_lock(@lock_id::bigint);

-- name: AuditHead :one
SELECT sequence, hash FROM audit_entries ORDER BY sequence DESC LIMIT 1;

-- name: AuditOriginKnown :one
SELECT EXISTS (SELECT FROM audit_entries WHERE origin = @origin::text);

-- name: InsertAuditEntry :exec
INSERT INTO audit_entries (sequence, at, actor_kind, actor_id, action, order_id, evidence, previous_hash, hash, origin)
VALUES (@sequence, @at, @actor_kind, @actor_id, @action, @order_id, @evidence, @previous_hash, @hash, @origin);

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
