-- name: ClaimKey :execrows
INSERT INTO idempotency_keys (caller_key, key, fingerprint) VALUES (@caller_key, @key, @fingerprint)
ON CONFLICT (caller_key, key) DO UPDATE SET claimed_at = now()
WHERE idempotency_keys.status IS NULL AND idempotency_keys.fingerprint = excluded.fingerprint
  AND idempotency_keys.claimed_at < now() - @abandoned_after::interval;

-- name: ClaimedKey :one
SELECT * FROM idempotency_keys WHERE caller_key = @caller_key AND key = @key;

-- name: FinishKey :execrows
UPDATE idempotency_keys SET status = @status::integer, media_type = @media_type, body = @body
WHERE caller_key = @caller_key AND key = @key AND status IS NULL;

-- name: AbandonKey :exec
DELETE FROM idempotency_keys WHERE caller_key = @caller_key AND key = @key AND status IS NULL;

-- name: DropOldKeys :exec
DELETE FROM idempotency_keys WHERE claimed_at < @before;
