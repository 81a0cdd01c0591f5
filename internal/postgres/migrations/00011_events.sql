-- +goose Up
CREATE TABLE events (
    id        bigint NOT NULL GENERATED ALWAYS AS IDENTITY,
    position  bigint UNIQUE,
    object    text NOT NULL CHECK (object IN ('order', 'confirmation', 'payment', 'webhook')),
    object_id uuid NOT NULL,
    type      text NOT NULL,
    status    text NOT NULL,
    number    bigint NOT NULL,
    version   bigint NOT NULL,
    unp       text NOT NULL,
    at        timestamptz NOT NULL DEFAULT now()
);
COMMENT ON TABLE events IS 'What has changed, for programs: written by triggers in the transaction of the change, without personal data';
COMMENT ON COLUMN events.id IS 'In the order of writing; numbers of transactions that commit late, or never, are missing meanwhile or for ever';
COMMENT ON COLUMN events.position IS 'In the order of reading: given by place_events once the event is committed, without gaps; NULL until then';
COMMENT ON COLUMN events.unp IS 'Whose event it is, where it is an organisation''s; not told to anybody';
CREATE INDEX events_waiting ON events (id) WHERE position IS NULL;

CREATE TABLE event_positions (
    only_row boolean PRIMARY KEY DEFAULT true CHECK (only_row),
    last     bigint NOT NULL,
    forgotten bigint NOT NULL
);
COMMENT ON TABLE event_positions IS 'The last position that was given and the last whose event was forgotten; its lock lets one process at a time give positions';
INSERT INTO event_positions (last, forgotten) VALUES (0, 0);

-- +goose StatementBegin
CREATE FUNCTION write_event(object text, object_id uuid, what text, status text, number bigint, version bigint, unp text)
RETURNS void LANGUAGE sql AS $$
    INSERT INTO events (object, object_id, type, status, number, version, unp)
    VALUES (object, object_id, object || '.' || replace(what, '-', '_'), status, number, version, unp);
    SELECT pg_notify('events_written', '');
$$;

CREATE FUNCTION order_event() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    status text := coalesce(nullif(NEW.ending, ''), NEW.stage);
BEGIN
    PERFORM write_event('order', NEW.id, status, status, NEW.number, NEW.version, NEW.unp);
    RETURN NULL;
END
$$;

CREATE FUNCTION activation_event() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM write_event('order', o.id, 'activated', 'activated', o.number, o.version, o.unp) FROM orders o WHERE o.id = NEW.order_id;
    RETURN NULL;
END
$$;

CREATE FUNCTION confirmation_event() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM write_event('confirmation', NEW.id, NEW.stage, NEW.stage, NEW.number, NEW.version, NEW.unp);
    RETURN NULL;
END
$$;

CREATE FUNCTION payment_event() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    what text := NEW.state;
BEGIN
    IF TG_OP = 'UPDATE' THEN
        NEW.version := OLD.version + 1;
        IF NEW.state = OLD.state THEN
            what := 'changed';
        END IF;
    END IF;
    PERFORM write_event('payment', NEW.id, what, NEW.state, NEW.number, NEW.version, NEW.payer_unp);
    RETURN NEW;
END
$$;
-- +goose StatementEnd

ALTER TABLE payables ADD COLUMN version bigint NOT NULL DEFAULT 1;
COMMENT ON COLUMN payables.version IS 'Counts the changes of state and total';

CREATE TRIGGER order_opened AFTER INSERT ON orders FOR EACH ROW EXECUTE FUNCTION order_event();
CREATE TRIGGER order_moved AFTER UPDATE OF stage, ending ON orders FOR EACH ROW
    WHEN (OLD.stage <> NEW.stage OR OLD.ending <> NEW.ending) EXECUTE FUNCTION order_event();
CREATE TRIGGER order_activated AFTER UPDATE OF activated_at ON certificates FOR EACH ROW
    WHEN (OLD.activated_at IS NULL AND NEW.activated_at IS NOT NULL) EXECUTE FUNCTION activation_event();
CREATE TRIGGER confirmation_opened AFTER INSERT ON confirmations FOR EACH ROW EXECUTE FUNCTION confirmation_event();
CREATE TRIGGER confirmation_moved AFTER UPDATE OF stage ON confirmations FOR EACH ROW
    WHEN (OLD.stage <> NEW.stage) EXECUTE FUNCTION confirmation_event();
CREATE TRIGGER payment_opened BEFORE INSERT ON payables FOR EACH ROW EXECUTE FUNCTION payment_event();
CREATE TRIGGER payment_moved BEFORE UPDATE OF state, total ON payables FOR EACH ROW
    WHEN (OLD.state <> NEW.state OR OLD.total <> NEW.total) EXECUTE FUNCTION payment_event();

-- +goose Down
DROP TRIGGER payment_moved ON payables;
DROP TRIGGER payment_opened ON payables;
DROP TRIGGER confirmation_moved ON confirmations;
DROP TRIGGER confirmation_opened ON confirmations;
DROP TRIGGER order_activated ON certificates;
DROP TRIGGER order_moved ON orders;
DROP TRIGGER order_opened ON orders;
ALTER TABLE payables DROP COLUMN version;
DROP FUNCTION payment_event(), confirmation_event(), activation_event(), order_event(), write_event;
DROP TABLE event_positions, events;
