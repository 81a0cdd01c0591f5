-- name: LockEventPositions :one
-- Whoever holds it knows that no position is given meanwhile.
SELECT last FROM event_positions FOR UPDATE;

-- name: LockWebhookClient :exec
SELECT pg_advisory_xact_lock(hashtextextended(@client_key::text, 11));

-- name: CountWebhooks :one
SELECT count(*) FROM webhook_endpoints WHERE client_key = @client_key;

-- name: InsertWebhook :one
INSERT INTO webhook_endpoints (id, client_key, unp, url, description, types, secret, created_at, changed_at)
VALUES (@id, @client_key, @unp, @url, @description, @types::text[], @secret, @at, @at)
RETURNING *;

-- name: WebhooksOfClient :many
SELECT * FROM webhook_endpoints WHERE client_key = @client_key ORDER BY created_at, id;

-- name: Webhook :one
SELECT * FROM webhook_endpoints WHERE id = @id AND client_key = @client_key;

-- name: ChangeWebhook :one
UPDATE webhook_endpoints SET
    types = CASE WHEN sqlc.arg(set_types)::boolean THEN sqlc.arg(types)::text[] ELSE types END,
    description = coalesce(sqlc.narg(description), description),
    -- What an operator has disabled, an operator enables.
    state = CASE WHEN cause = 'operator' THEN state ELSE coalesce(sqlc.narg(state), state) END,
    cause = CASE WHEN cause = 'operator' OR sqlc.narg(state)::text IS NULL THEN cause WHEN sqlc.narg(state) = 'enabled' THEN ''
        WHEN cause = '' THEN 'client' ELSE cause END,
    failing_since = CASE WHEN state = 'disabled' AND sqlc.narg(state) = 'enabled' THEN NULL ELSE failing_since END,
    paused_until = CASE WHEN state = 'disabled' AND sqlc.narg(state) = 'enabled' THEN NULL ELSE paused_until END,
    changed_at = @at
WHERE id = @id AND client_key = @client_key
RETURNING *;

-- name: RotateWebhookSecret :one
UPDATE webhook_endpoints SET old_secret = secret, old_secret_ends = @ends, secret = @secret, changed_at = @at
WHERE id = @id AND client_key = @client_key
RETURNING *;

-- name: DeleteWebhook :execrows
DELETE FROM webhook_endpoints WHERE id = @id AND client_key = @client_key;

-- name: InsertTestEvent :exec
INSERT INTO events (object, object_id, type, status, number, version, unp, at)
SELECT 'webhook', w.id, 'webhook.test', w.state, 0, 1, '', @at FROM webhook_endpoints w WHERE w.id = @id;

-- name: DueWebhooks :many
SELECT w.id FROM webhook_endpoints w
WHERE w.state = 'enabled' AND (w.paused_until IS NULL OR w.paused_until <= sqlc.arg(at)::timestamptz) AND EXISTS (
    SELECT FROM webhook_deliveries d WHERE d.endpoint_id = w.id AND d.state = 'pending' AND d.next_attempt_at <= @at
      AND (d.leased_until IS NULL OR d.leased_until <= @at));

-- name: ClaimWebhookDeliveries :many
WITH leased AS (
    UPDATE webhook_deliveries d SET leased_until = sqlc.arg(at)::timestamptz + @lease::interval
    WHERE d.endpoint_id = @endpoint_id AND d.position IN (
        SELECT c.position FROM webhook_deliveries c JOIN webhook_endpoints w ON w.id = c.endpoint_id
        WHERE c.endpoint_id = @endpoint_id AND c.state = 'pending' AND c.next_attempt_at <= @at
          AND (c.leased_until IS NULL OR c.leased_until <= @at)
          AND w.state = 'enabled' AND (w.paused_until IS NULL OR w.paused_until <= @at)
        ORDER BY c.next_attempt_at, c.position LIMIT @max_rows FOR UPDATE OF c SKIP LOCKED)
    RETURNING d.endpoint_id, d.position, d.attempts)
SELECT l.attempts, sqlc.embed(w), sqlc.embed(e)
FROM leased l JOIN webhook_endpoints w ON w.id = l.endpoint_id JOIN events e ON e.position = l.position
ORDER BY l.position;

-- name: RecordWebhookAttempt :one
WITH tried AS (
    UPDATE webhook_deliveries d SET state = @state, attempts = d.attempts + 1, next_attempt_at = @next_attempt_at, leased_until = NULL,
        status = @status, outcome = @outcome, attempted_at = sqlc.arg(at)::timestamptz
    WHERE d.endpoint_id = @endpoint_id AND d.position = @position AND d.state = 'pending'
    RETURNING d.position),
noted AS (
    UPDATE webhook_endpoints w SET
        failing_since = CASE WHEN @outcome = 'delivered' THEN NULL ELSE coalesce(w.failing_since, @at) END,
        paused_until = greatest(w.paused_until, sqlc.narg(pause_until)::timestamptz),
        state = CASE WHEN x.cause = '' THEN w.state ELSE 'disabled' END,
        cause = CASE WHEN x.cause = '' OR w.cause <> '' THEN w.cause ELSE x.cause END,
        changed_at = CASE WHEN x.cause = '' THEN w.changed_at ELSE @at END
    FROM (SELECT CASE
            WHEN @outcome = 'gone' THEN 'gone'
            WHEN @outcome <> 'delivered' AND f.failing_since <= sqlc.arg(failing_before)::timestamptz THEN 'failing'
            ELSE '' END AS cause
        FROM webhook_endpoints f WHERE f.id = @endpoint_id) x
    WHERE w.id = @endpoint_id AND (@outcome <> 'delivered' OR w.failing_since IS NOT NULL)
    RETURNING CASE WHEN x.cause <> '' AND w.cause = x.cause THEN x.cause ELSE '' END AS cause)
SELECT coalesce((SELECT n.cause FROM noted n), '')::text AS disabled, (SELECT count(*) FROM tried) AS tried;

-- name: ReplayWebhook :one
WITH wanted AS (
    SELECT e.position FROM events e JOIN webhook_endpoints w ON w.id = @endpoint_id
    WHERE e.position > @after AND e.object <> 'webhook' AND (w.types = '{}' OR e.type = ANY (w.types)) AND (w.unp = '' OR w.unp = e.unp)
    ORDER BY e.position LIMIT @max_rows),
again AS (
    INSERT INTO webhook_deliveries (endpoint_id, position, next_attempt_at)
    SELECT @endpoint_id, w.position, sqlc.arg(at)::timestamptz FROM wanted w
    ON CONFLICT (endpoint_id, position) DO UPDATE SET state = 'pending', attempts = 0, next_attempt_at = sqlc.arg(at)::timestamptz)
SELECT count(*) AS queued, coalesce(max(w.position), @after)::bigint AS until FROM wanted w;

-- name: ReplayWebhookEvent :execrows
INSERT INTO webhook_deliveries (endpoint_id, position, next_attempt_at)
SELECT w.id, e.position, sqlc.arg(at)::timestamptz FROM events e JOIN webhook_endpoints w ON w.id = @endpoint_id
WHERE e.position = @position AND CASE e.object WHEN 'webhook' THEN e.object_id = w.id ELSE w.unp = '' OR w.unp = e.unp END
  AND left(e.object_id::text, 8) = @tail::text
ON CONFLICT (endpoint_id, position) DO UPDATE SET state = 'pending', attempts = 0, next_attempt_at = sqlc.arg(at)::timestamptz;

-- name: WebhookDeliveries :many
SELECT sqlc.embed(d), sqlc.embed(e) FROM webhook_deliveries d JOIN events e ON e.position = d.position
WHERE d.endpoint_id = @endpoint_id AND d.position < @before AND (@state::text = '' OR d.state = @state)
ORDER BY d.position DESC LIMIT @max_rows;

-- name: AllWebhooks :many
SELECT sqlc.embed(w), (SELECT count(*) FROM webhook_deliveries d WHERE d.endpoint_id = w.id AND d.state = 'pending') AS pending
FROM webhook_endpoints w ORDER BY w.created_at, w.id;

-- name: WebhookByID :one
SELECT * FROM webhook_endpoints WHERE id = @id;

-- name: SwitchWebhook :one
UPDATE webhook_endpoints SET state = @state, cause = @cause, failing_since = NULL, paused_until = NULL, changed_at = @at
WHERE id = @id RETURNING *;

-- name: WebhookCounts :one
SELECT count(*) FILTER (WHERE state = 'enabled' AND failing_since IS NULL) AS well,
    count(*) FILTER (WHERE state = 'enabled' AND failing_since IS NOT NULL) AS failing,
    count(*) FILTER (WHERE state = 'disabled') AS disabled
FROM webhook_endpoints;

-- name: WebhookSecretsAfter :many
SELECT id, secret, old_secret FROM webhook_endpoints WHERE id > @after ORDER BY id LIMIT @max_rows;

-- name: RewrapWebhookSecrets :execrows
UPDATE webhook_endpoints SET secret = @fresh, old_secret = sqlc.narg(fresh_old)
WHERE id = @id AND secret = @was AND old_secret IS NOT DISTINCT FROM sqlc.narg(was_old);
