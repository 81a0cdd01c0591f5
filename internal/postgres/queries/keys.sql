-- name: LockWorkflowKeys :exec
SELECT pg_advisory_xact_lock(hashtextextended(@workflow_id::text, 0));

-- name: CurrentPayloadKey :one
SELECT * FROM payload_keys WHERE workflow_id = @workflow_id ORDER BY sequence DESC LIMIT 1;

-- name: PayloadKey :one
SELECT sqlc.embed(k), NOT EXISTS (SELECT FROM payload_keys n WHERE n.workflow_id = k.workflow_id AND n.sequence > k.sequence) AS current
FROM payload_keys k WHERE k.id = @id;

-- name: InsertFirstPayloadKey :execrows
INSERT INTO payload_keys (id, workflow_id, sequence, subject_id, wrapped)
SELECT @id, @workflow_id, 1, @subject_id, @wrapped
WHERE NOT EXISTS (SELECT FROM payload_keys k WHERE k.workflow_id = @workflow_id)
ON CONFLICT (workflow_id, sequence) DO NOTHING;

-- name: InsertPayloadKey :exec
INSERT INTO payload_keys (id, workflow_id, sequence, subject_id, wrapped)
VALUES (@id, @workflow_id, @sequence, @subject_id, @wrapped);

-- name: ErasePayloadKeys :many
UPDATE payload_keys SET wrapped = NULL, erased_at = now()
WHERE subject_id = @subject_id AND ended_at IS NOT NULL AND ended_at < @ended_before AND erased_at IS NULL
RETURNING workflow_id;
