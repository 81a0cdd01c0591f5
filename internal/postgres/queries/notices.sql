-- name: ClaimNotices :many
UPDATE notices SET leased_until = now() + @lease::interval
WHERE id IN (
    SELECT n.id FROM notices n
    WHERE n.state = 'pending' AND n.kind <> 'issued-credentials' AND n.channel = @channel AND n.next_attempt_at <= now() AND (n.leased_until IS NULL OR n.leased_until <= now())
    ORDER BY n.next_attempt_at, n.id LIMIT @max_rows FOR UPDATE SKIP LOCKED)
RETURNING *;

-- name: ClaimCredentialNotice :one
UPDATE notices n SET leased_until = now() + @lease::interval
WHERE n.id = (
    SELECT c.id FROM notices c
    WHERE c.subject_id = @subject_id AND c.kind = 'issued-credentials' AND c.channel = @channel AND c.state = 'pending'
      AND (c.leased_until IS NULL OR c.leased_until <= now())
    ORDER BY c.created_at, c.id LIMIT 1 FOR UPDATE SKIP LOCKED)
RETURNING *;

-- name: LastCredentialNotice :one
SELECT * FROM notices WHERE subject_id = @subject_id AND kind = 'issued-credentials' AND channel = @channel
ORDER BY created_at DESC, id LIMIT 1;

-- name: GiveUpCredentialNotices :exec
UPDATE notices SET state = 'failed', cause = CASE WHEN cause = '' THEN @cause ELSE cause END, leased_until = NULL
WHERE subject_id = @subject_id AND kind = 'issued-credentials' AND channel = @channel AND state = 'pending';

-- name: NoticeAccepted :execrows
UPDATE notices SET state = 'sent', attempts = attempts + 1, provider_id = @provider_id, cause = '', sent_at = now(), leased_until = NULL
WHERE id = @id AND state = 'pending';

-- name: NoticeRetry :execrows
UPDATE notices SET next_attempt_at = @next_attempt_at, attempts = attempts + 1, cause = @cause, leased_until = NULL
WHERE id = @id AND state = 'pending';

-- name: NoticeGivenUp :execrows
UPDATE notices SET state = 'failed', attempts = attempts + 1, cause = @cause, leased_until = NULL
WHERE id = @id AND state = 'pending';

-- name: NoticesOf :many
SELECT * FROM notices WHERE subject_id = @subject_id ORDER BY created_at, id;

-- name: Notify :exec
SELECT pg_notify(@channel, @payload);
