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

-- name: AuditEntriesFrom :many
SELECT * FROM audit_entries WHERE sequence BETWEEN @first AND @last ORDER BY sequence;

-- name: AuditCheckpointsFrom :many
SELECT * FROM audit_checkpoints WHERE sequence >= @first ORDER BY sequence, at LIMIT @max_rows;

-- name: ContentDigests :many
SELECT id, kind, media_type, pg_catalog.sha256(content) AS digest FROM documents WHERE id = ANY (@ids::uuid[]);

-- name: MessageDigests :many
SELECT id, pg_catalog.sha256(raw) AS digest FROM gateway_messages WHERE id = ANY (@ids::uuid[]);

-- name: CertificateDigests :many
SELECT order_id, pg_catalog.sha256(der) AS digest FROM certificates WHERE order_id = ANY (@order_ids::uuid[]) AND der IS NOT NULL;

-- name: RequestReports :many
SELECT id, report, registers FROM requests WHERE id = ANY (@ids::uuid[]);

-- name: FinalReports :many
SELECT id, report FROM orders WHERE id = ANY (@ids::uuid[]) AND stage = 'ended';
