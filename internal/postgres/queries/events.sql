-- name: PlaceEvents :one
SELECT place_events(@most::integer)::bigint;

-- name: EventsAfter :many
SELECT * FROM events
WHERE position > @after::bigint AND object <> 'webhook' AND (@unp::text = '' OR unp = @unp)
ORDER BY position LIMIT @max_rows;

-- name: EventPositions :one
SELECT last, forgotten FROM event_positions;

-- name: ForgetEvents :one
WITH oldest AS (
    SELECT e.position, bool_and(e.at < @before) OVER (ORDER BY e.position) AS past
    FROM (SELECT k.position, k.at FROM events k WHERE k.position IS NOT NULL ORDER BY k.position LIMIT @max_rows) e),
gone AS (DELETE FROM events e USING oldest o WHERE o.past AND e.position = o.position RETURNING e.position),
noted AS (UPDATE event_positions p SET forgotten = g.last FROM (SELECT max(position) AS last FROM gone) g WHERE g.last > p.forgotten)
SELECT count(*) FROM gone;
