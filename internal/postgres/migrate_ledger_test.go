package postgres_test

import (
	"testing"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"github.com/remote-issuance/remote-issuance/internal/postgres"
	"github.com/remote-issuance/remote-issuance/internal/postgres/pgtest"
)

// What was decided about messages before decisions were stored is known after.
func TestMigrationOfTheLedgerKeepsWhatWasDecided(t *testing.T) {
	t.Parallel()
	url := pgtest.Empty(t)
	require.NoError(t, postgres.MigrateTo(t.Context(), url, 6))
	pool, err := postgres.Connect(t.Context(), url)
	require.NoError(t, err)
	t.Cleanup(pool.Close)
	_, err = pool.Exec(t.Context(), `INSERT INTO payables (id, workflow_id, service, number, total, due, opened_at)
		VALUES (gen_random_uuid(), 'w', '6.0.00', 1, 1, now(), now())`)
	require.NoError(t, err)
	for id, state := range map[string]string{"paid": "applied", "stray": "unapplied", "sent back": "returned", "declined": ""} {
		message := uuid.New()
		_, err := pool.Exec(t.Context(), "INSERT INTO gateway_messages (id, source, external_id, raw, received_at) VALUES ($1, 'assist', $2, 'raw', now())", message, id)
		require.NoError(t, err)
		if state == "" {
			continue
		}
		_, err = pool.Exec(t.Context(), `INSERT INTO payments (id, message_id, source, external_id, kind, number, amount, currency, received_at, state, reason, payable_id)
			VALUES (gen_random_uuid(), $1, 'assist', $2, 'payment', '', 1, 'BYN', now(), $3, CASE WHEN $3 = 'applied' THEN '' ELSE 'no-number' END,
				(SELECT id FROM payables WHERE $3 = 'applied'))`,
			message, id, state)
		require.NoError(t, err)
	}
	for range 2 {
		require.NoError(t, postgres.Migrate(t.Context(), url))
		pool.Reset()
		rows, err := pool.Query(t.Context(), "SELECT external_id, outcome || ' ' || reason FROM gateway_messages")
		require.NoError(t, err)
		decided := map[string]string{}
		for rows.Next() {
			var id, decision string
			require.NoError(t, rows.Scan(&id, &decision))
			decided[id] = decision
		}
		require.NoError(t, rows.Err())
		require.Equal(t, map[string]string{
			"paid": "applied ", "stray": "unapplied no-number", "sent back": "unapplied no-number", "declined": "ignored ",
		}, decided)
		require.NoError(t, postgres.MigrateTo(t.Context(), url, 6))
	}
}
