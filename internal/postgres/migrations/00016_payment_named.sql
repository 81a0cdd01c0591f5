-- +goose Up
ALTER TABLE payments ADD COLUMN named bigint CHECK (named BETWEEN 1 AND 999999999);
COMMENT ON COLUMN payments.named IS 'P3: the one payment number that the message names, as it was read when the message came; whether anything is sold under it or not';
UPDATE payments SET named = nullif(substr(upper(number), 6)::bigint, 0) WHERE upper(number) ~ '^[NR]OAIS[0-9]{9}$';
CREATE INDEX payments_waiting_for ON payments (named) WHERE state = 'unapplied' AND named IS NOT NULL;

-- +goose Down
DROP INDEX payments_waiting_for;
ALTER TABLE payments DROP COLUMN named;
