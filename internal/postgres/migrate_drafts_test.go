package postgres_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/remote-issuance/remote-issuance/internal/order"
	"github.com/remote-issuance/remote-issuance/internal/postgres"
	"github.com/remote-issuance/remote-issuance/internal/postgres/pgtest"
)

// Orders that began before drafts were rows go on: what is open stays open with
// its terms, one draft a person and service, and refused files are gone.
func TestMigrationToDraftsKeepsWhatStands(t *testing.T) {
	t.Parallel()
	url := pgtest.Empty(t)
	require.NoError(t, postgres.MigrateTo(t.Context(), url, 9))
	pool, err := postgres.Connect(t.Context(), url)
	require.NoError(t, err)
	t.Cleanup(pool.Close)
	const orders = `INSERT INTO orders (id, number, workflow_id, service, kind, applicant_key, certificate_id, language, started_at, version, stage, waits_until, request_id)
		VALUES ($1, $2, 'w', '6.0.00', 'individual', $3, gen_random_uuid(), 'ru', $4, 1, $5, $4, $6)`
	ids := map[string]order.ID{}
	for i, o := range []struct{ name, applicant, stage string }{
		{"older draft", "a", "terms"}, {"newer draft", "a", "request"}, {"waiting", "a", "awaiting-payment"}, {"draft of another", "b", "request"},
	} {
		ids[o.name] = order.NewID()
		file := order.DerivedID("file", []byte(o.name))
		_, err := pool.Exec(t.Context(), orders, ids[o.name].String(), i+1, o.applicant, day.AddDate(0, 0, i), o.stage, file.String())
		require.NoError(t, err)
		_, err = pool.Exec(t.Context(), "INSERT INTO documents (id, kind, content, media_type, owner_key) VALUES ($1, 'request', 'x', '', '')", file.String())
		require.NoError(t, err)
		_, err = pool.Exec(t.Context(), `INSERT INTO requests (id, order_id, subject, current_subject, report, years, checked_at)
			VALUES ($1, $2, '{}', '{}', '[]', 1, now())`, file.String(), ids[o.name].String())
		require.NoError(t, err)
	}
	for range 2 {
		require.NoError(t, postgres.Migrate(t.Context(), url))
		pool.Reset()
		b := over(t, pool)
		require.Equal(t, order.EndAnnulled, b.record(ids["older draft"]).End)
		require.Equal(t, order.StageRequest, b.record(ids["newer draft"]).Stage)
		require.Zero(t, b.record(ids["newer draft"]).RequestID, "its file was refused")
		waiting := b.record(ids["waiting"])
		require.Equal(t, order.DefaultPolicy(), waiting.Policy)
		_, _, err = b.orders.Checked(t.Context(), waiting.ID)
		require.NoError(t, err)
		require.Equal(t, 1, b.count("requests"))
		require.Equal(t, 1, b.count("documents"))
		require.Zero(t, b.count("orders WHERE workflow_started_at IS NULL AND stage = 'awaiting-payment'"), "its workflow runs")

		// Back and forth again.
		require.NoError(t, postgres.MigrateTo(t.Context(), url, 9))
		require.NoError(t, postgres.MigrateTo(t.Context(), url, 10))
	}
}
