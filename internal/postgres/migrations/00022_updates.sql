-- +goose Up
-- A column that changes with every change of a row stands in no index: a row that keeps its stage is then changed without touching one.
DROP INDEX orders_unstarted, confirmations_unstarted;
CREATE INDEX orders_unstarted ON orders (id)
    WHERE workflow_started_at IS NULL AND stage NOT IN ('terms', 'request', 'ended');
CREATE INDEX confirmations_unstarted ON confirmations (id)
    WHERE workflow_started_at IS NULL AND stage IN ('awaiting-payment', 'issuing');
-- Each certificate of a list changes its confirmation: there is room for that on the page.
ALTER TABLE confirmations SET (fillfactor = 70);
-- Rows that are changed some times and then never again: dead ones are cleared away while they are few.
ALTER TABLE orders SET (autovacuum_vacuum_scale_factor = 0.02, autovacuum_vacuum_threshold = 500);
ALTER TABLE confirmations SET (autovacuum_vacuum_scale_factor = 0.02, autovacuum_vacuum_threshold = 500);
ALTER TABLE notices SET (autovacuum_vacuum_scale_factor = 0.02, autovacuum_vacuum_threshold = 500);
ALTER TABLE events SET (autovacuum_vacuum_scale_factor = 0.02, autovacuum_vacuum_threshold = 500);
ALTER TABLE payments SET (autovacuum_vacuum_scale_factor = 0.02, autovacuum_vacuum_threshold = 500);

-- +goose Down
ALTER TABLE payments RESET (autovacuum_vacuum_scale_factor, autovacuum_vacuum_threshold);
ALTER TABLE events RESET (autovacuum_vacuum_scale_factor, autovacuum_vacuum_threshold);
ALTER TABLE notices RESET (autovacuum_vacuum_scale_factor, autovacuum_vacuum_threshold);
ALTER TABLE confirmations RESET (autovacuum_vacuum_scale_factor, autovacuum_vacuum_threshold, fillfactor);
ALTER TABLE orders RESET (autovacuum_vacuum_scale_factor, autovacuum_vacuum_threshold);
DROP INDEX orders_unstarted, confirmations_unstarted;
CREATE INDEX orders_unstarted ON orders (updated_at)
    WHERE workflow_started_at IS NULL AND stage NOT IN ('terms', 'request', 'ended');
CREATE INDEX confirmations_unstarted ON confirmations (updated_at)
    WHERE workflow_started_at IS NULL AND stage IN ('awaiting-payment', 'issuing');
