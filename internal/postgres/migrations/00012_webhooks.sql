-- +goose Up
CREATE TABLE webhook_endpoints (
    id              uuid PRIMARY KEY,
    client_key      text NOT NULL,
    unp             text NOT NULL,
    url             text NOT NULL,
    description     text NOT NULL,
    types           text[] NOT NULL,
    secret          bytea NOT NULL,
    old_secret      bytea,
    old_secret_ends timestamptz,
    state           text NOT NULL DEFAULT 'enabled' CHECK (state IN ('enabled', 'disabled')),
    cause           text NOT NULL DEFAULT '' CHECK (cause IN ('', 'client', 'operator', 'gone', 'failing')),
    failing_since   timestamptz,
    paused_until    timestamptz,
    created_at      timestamptz NOT NULL,
    changed_at      timestamptz NOT NULL,
    UNIQUE (client_key, url),
    CHECK ((state = 'enabled') = (cause = '')),
    CHECK ((old_secret IS NULL) = (old_secret_ends IS NULL))
);
COMMENT ON TABLE webhook_endpoints IS 'Where clients want to be told of events; the secrets are sealed under the master keys';
COMMENT ON COLUMN webhook_endpoints.unp IS 'The organisation whose events the client sees; every event when empty';
COMMENT ON COLUMN webhook_endpoints.types IS 'The types of events wanted; all when empty';
COMMENT ON COLUMN webhook_endpoints.failing_since IS 'The first failure after the last success';
COMMENT ON COLUMN webhook_endpoints.paused_until IS 'The receiver asked to be left alone until then';

CREATE TABLE webhook_deliveries (
    endpoint_id     uuid NOT NULL REFERENCES webhook_endpoints (id) ON DELETE CASCADE,
    position        bigint NOT NULL REFERENCES events (position) ON DELETE CASCADE,
    state           text NOT NULL DEFAULT 'pending' CHECK (state IN ('pending', 'delivered', 'failed')),
    attempts        integer NOT NULL DEFAULT 0,
    next_attempt_at timestamptz NOT NULL,
    leased_until    timestamptz,
    status          integer NOT NULL DEFAULT 0,
    outcome         text NOT NULL DEFAULT '',
    attempted_at    timestamptz,
    PRIMARY KEY (endpoint_id, position)
);
COMMENT ON TABLE webhook_deliveries IS 'One event for one endpoint, tried on its own schedule';
COMMENT ON COLUMN webhook_deliveries.status IS 'The HTTP status of the last answer, 0 without one';
CREATE INDEX webhook_deliveries_due ON webhook_deliveries (endpoint_id, next_attempt_at) WHERE state = 'pending';
CREATE INDEX webhook_deliveries_event ON webhook_deliveries (position);

-- +goose StatementBegin
-- Volatile: every statement sees what was committed before it, after the lock is held. An event that is seen here is
-- committed, and gets the next position; one that commits later gets a later one: no reader passes it by.
CREATE FUNCTION place_events(most integer) RETURNS bigint LANGUAGE plpgsql VOLATILE AS $$
DECLARE
    base bigint;
    placed bigint;
BEGIN
    IF NOT EXISTS (SELECT FROM events WHERE position IS NULL) THEN
        RETURN 0;
    END IF;
    SELECT last INTO base FROM event_positions FOR UPDATE;
    WITH waiting AS (
        SELECT w.id, row_number() OVER (ORDER BY w.id) AS place
        FROM (SELECT e.id FROM events e WHERE e.position IS NULL ORDER BY e.id LIMIT most) w),
    given AS (
        UPDATE events e SET position = base + w.place FROM waiting w WHERE e.id = w.id AND e.position IS NULL
        RETURNING e.position, e.object, e.object_id, e.type, e.unp, e.at),
    queued AS (
        INSERT INTO webhook_deliveries (endpoint_id, position, next_attempt_at)
        SELECT w.id, g.position, g.at FROM given g JOIN webhook_endpoints w ON w.state = 'enabled' AND CASE g.object
            WHEN 'webhook' THEN w.id = g.object_id
            ELSE (w.types = '{}' OR g.type = ANY (w.types)) AND (w.unp = '' OR w.unp = g.unp) END)
    SELECT count(*) INTO placed FROM given;
    UPDATE event_positions SET last = base + placed;
    PERFORM pg_notify('events', '');
    RETURN placed;
END
$$;
-- +goose StatementEnd
COMMENT ON FUNCTION place_events IS 'Gives positions to events that are committed, the oldest first, and queues them for the endpoints that want them; says how many';

-- +goose Down
DROP FUNCTION place_events;
DROP TABLE webhook_deliveries, webhook_endpoints;
