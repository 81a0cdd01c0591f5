-- name: InsertNotice :exec
INSERT INTO notices (id, subject_id, kind, channel, language, recipient, data)
VALUES (@id, @subject_id, @kind, @channel, @language, @recipient, @data)
ON CONFLICT (id) DO NOTHING;

-- name: ClaimNotices :many
UPDATE notices SET leased_until = now() + @lease::interval
WHERE id IN (
    SELECT n.id FROM notices n
    WHERE n.state = 'pending' AND n.channel = @channel AND n.next_attempt_at <= now() AND (n.leased_until IS NULL OR n.leased_until <= now())
    ORDER BY n.next_attempt_at, n.id LIMIT @max_rows FOR UPDATE SKIP LOCKED)
RETURNING *;

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
