-- name: SeeKeys :exec
INSERT INTO keys_in_use (name, first_seen, last_seen)
SELECT DISTINCT unnest(@names::text[]), sqlc.arg(at)::timestamptz, sqlc.arg(at)::timestamptz
ON CONFLICT (name) DO UPDATE SET last_seen = greatest(keys_in_use.last_seen, excluded.last_seen);

-- name: KeysInUse :many
-- Those that a worker held within the day before the last one told. Who has confirmed is empty for a key that nobody has.
SELECT k.name, k.first_seen, coalesce(c.at, k.first_seen)::timestamptz AS confirmed_at, coalesce(c.actor_id, '')::text AS confirmed_by
FROM keys_in_use k LEFT JOIN LATERAL (
    SELECT e.at, e.actor_id FROM audit_entries e
    WHERE e.action = 'key-backup-confirmed' AND e.evidence ->> 'key' = k.name ORDER BY e.sequence DESC LIMIT 1) c ON true
WHERE k.last_seen >= (SELECT max(n.last_seen) FROM keys_in_use n) - interval '1 day'
ORDER BY k.name;
