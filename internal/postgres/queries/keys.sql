-- name: LockWorkflowKeys :exec
SELECT pg_advisory_xact_lock(hashtextextended(@workflow_id::text, 0));

-- name: CurrentPayloadKey :one
SELECT * FROM payload_keys WHERE workflow_id = @workflow_id ORDER BY sequence DESC LIMIT 1;

-- name: PayloadKey :one
SELECT * FROM payload_keys WHERE id = @id;

-- name: InsertPayloadKey :exec
INSERT INTO payload_keys (id, workflow_id, sequence, subject_id, wrapped)
VALUES (@id, @workflow_id, @sequence, @subject_id, @wrapped);

-- name: BindPayloadKey :exec
UPDATE payload_keys SET subject_id = @subject_id
WHERE id = (SELECT k.id FROM payload_keys k WHERE k.workflow_id = @workflow_id AND k.ended_at IS NULL ORDER BY k.sequence DESC LIMIT 1);

-- name: EndPayloadKey :exec
UPDATE payload_keys SET ended_at = now() WHERE workflow_id = @workflow_id AND subject_id = @subject_id AND ended_at IS NULL;

-- name: ErasePayloadKeys :many
UPDATE payload_keys SET wrapped = NULL, erased_at = now()
WHERE subject_id = @subject_id AND ended_at IS NOT NULL AND ended_at < @ended_before AND erased_at IS NULL
RETURNING workflow_id;
