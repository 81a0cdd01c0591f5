-- +goose Up
CREATE SEQUENCE list_numbers;
ALTER TABLE confirmations ADD COLUMN list_number bigint NOT NULL DEFAULT 0;
CREATE UNIQUE INDEX confirmations_list_number ON confirmations (list_number) WHERE list_number > 0;
COMMENT ON COLUMN confirmations.list_number IS 'M5: the number that people know the list by, and that it bears; 0 without a list (P8)';

-- +goose Down
ALTER TABLE confirmations DROP COLUMN list_number;
DROP SEQUENCE list_numbers;
