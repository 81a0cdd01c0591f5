-- +goose Up
ALTER TABLE orders ADD COLUMN next_remark text;
COMMENT ON COLUMN orders.next_remark IS 'what a release after this one might want to know';
CREATE INDEX orders_next_remark ON orders (next_remark) WHERE next_remark IS NOT NULL;
CREATE TABLE next_remarks (
    id       uuid PRIMARY KEY,
    order_id uuid NOT NULL REFERENCES orders,
    remark   text NOT NULL DEFAULT ''
);

-- +goose Down
DROP TABLE next_remarks;
DROP INDEX orders_next_remark;
ALTER TABLE orders DROP COLUMN next_remark;
