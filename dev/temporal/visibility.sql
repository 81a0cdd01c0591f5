-- For the database temporal_visibility, optional: keeps the indexes that this
-- service's searches use and drops the others. The schema has one for each of
-- some sixty attributes that nobody here sets, and every start, search
-- attribute and end of a workflow writes into all of them.
--
-- To be run once after each update of the visibility schema:
--   psql -f visibility.sql temporal_visibility
-- A search by another attribute, or by a type of workflows alone, still works,
-- by reading the table; an index is made again with the statement in
-- Temporal's own schema.
--
-- The server gives an attribute any free column: columns names those of
-- OrderNumber, OrderStage, Organisation and PaymentNumber, as `temporal operator
-- namespace describe` shows them (CustomSearchAttributeAliases), and those of
-- attributes of your own. The local stack registers them in this order.
-- PayBy, the end of a term, is asked for with a stage and has no index; the
-- division, which only the server's own workflows have, is indexed for those.
DO $$
DECLARE
    columns text[] := ARRAY['keyword_01', 'keyword_02', 'keyword_03', 'keyword_04'];
    unused text;
BEGIN
    FOR unused IN
        SELECT indexname FROM pg_indexes
        WHERE schemaname = current_schema() AND tablename = 'executions_visibility' AND indexname <> ALL (ARRAY[
            'executions_visibility_pkey', 'default_idx', 'by_workflow_id', 'by_division'])
            AND indexname NOT IN (SELECT 'by_' || c FROM unnest(columns) c)
    LOOP
        EXECUTE format('DROP INDEX %I', unused);
    END LOOP;
END
$$;
CREATE INDEX IF NOT EXISTS by_division ON executions_visibility (
    namespace_id, TemporalNamespaceDivision, (COALESCE(close_time, '9999-12-31 23:59:59')) DESC, start_time DESC, run_id)
    WHERE TemporalNamespaceDivision IS NOT NULL;

-- A row is written three to six times in its life.
ALTER TABLE executions_visibility SET (
    fillfactor = 80, autovacuum_vacuum_scale_factor = 0.02, autovacuum_analyze_scale_factor = 0.05, autovacuum_vacuum_cost_delay = 0);
