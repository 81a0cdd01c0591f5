package e2e_test

import (
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/stretchr/testify/require"
	"go.temporal.io/sdk/client"

	"github.com/remote-issuance/remote-issuance/dev/gateways"
	"github.com/remote-issuance/remote-issuance/workflows"
)

// The card was charged and the push was lost: the daily comparison finds the money, records it, and the certificate goes out.
func TestP4_ReconciliationFindsMoneyThatWasNeverPushed(t *testing.T) {
	w := newWorld(t, all.ordinary(t))
	p, o, of := w.toPay()
	d := w.choose(p, of, "assist")
	_, err := w.stack.Gateways().PayCard(t.Context(), gateways.CardPayment{
		OrderNumber: d.Number, Amount: d.Amount, Faults: gateways.Faults{Never: true},
	})
	require.NoError(t, err)

	temporal := w.temporal()
	schedule := temporal.ScheduleClient().GetHandle(t.Context(), workflows.ReconciliationSchedule)
	description, err := schedule.Describe(t.Context())
	require.NoError(t, err)
	require.Equal(t, "Europe/Minsk", description.Schedule.Spec.TimeZoneName)
	require.Len(t, description.Info.NextActionTimes, 10)
	require.Equal(t, 3, description.Info.NextActionTimes[0].UTC().Hour(), "6 in Minsk")
	require.NoError(t, schedule.Trigger(t.Context(), client.ScheduleTriggerOptions{}))

	w.issued(p, o.ID)
	conn, err := pgx.Connect(t.Context(), w.stack.URLs.Database)
	require.NoError(t, err)
	defer func() { _ = conn.Close(t.Context()) }()
	require.Eventually(t, func() bool {
		var found int
		err := conn.QueryRow(t.Context(), `SELECT count(*) FROM reconciliations r, jsonb_array_elements(r.differences) d JOIN payables y
			ON y.number = (d ->> 'number')::bigint WHERE d ->> 'kind' = 'unbooked' AND y.id = $1 AND r.asked > 0 AND NOT r.gateways_failed`,
			o.ID.String()).Scan(&found)
		return err == nil && found == 1
	}, time.Minute, 100*time.Millisecond)
}
