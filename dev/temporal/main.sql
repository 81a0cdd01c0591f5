-- For the database temporal, optional: settings of the tables that Temporal
-- writes again and again. Rows of executions are rewritten at every step of a
-- workflow, rows of the task tables live for a moment: with the defaults dead
-- rows are as many as a fifth of the living before they are cleared away.
--
--   psql -f main.sql temporal
DO $$
DECLARE
    name text;
BEGIN
    FOREACH name IN ARRAY ARRAY['executions', 'current_executions', 'shards'] LOOP
        IF to_regclass(name) IS NOT NULL THEN
            -- Room on the page lets an update stay there, without touching the indexes.
            EXECUTE format('ALTER TABLE %I SET (fillfactor = 70)', name);
        END IF;
    END LOOP;
    FOREACH name IN ARRAY ARRAY[
        'executions', 'current_executions', 'shards', 'timer_tasks', 'transfer_tasks', 'visibility_tasks', 'history_immediate_tasks',
        'history_scheduled_tasks', 'tasks', 'tasks_v2', 'task_queues', 'task_queues_v2', 'timer_info_maps', 'activity_info_maps',
        'signal_info_maps', 'signals_requested_sets', 'buffered_events'] LOOP
        IF to_regclass(name) IS NOT NULL THEN
            EXECUTE format('ALTER TABLE %I SET (autovacuum_vacuum_scale_factor = 0.01, autovacuum_vacuum_threshold = 500, '
                'autovacuum_analyze_scale_factor = 0.05, autovacuum_vacuum_cost_delay = 0)', name);
        END IF;
    END LOOP;
END
$$;
