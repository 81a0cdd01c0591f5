package postgres_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/remote-issuance/remote-issuance/internal/order"
	"github.com/remote-issuance/remote-issuance/internal/postgres"
)

func TestR1_EachReminderOnceAndNoneAfterARenewal(t *testing.T) {
	b := setup(t)
	s := b.issued("0f")
	reminders := postgres.NewReminders(b.pool)
	end := day.AddDate(1, 0, 0)
	for _, c := range []struct{ daysLeft, asked int }{{31, 0}, {30, 1}, {30, 0}, {29, 0}, {14, 1}, {13, 0}, {6, 1}, {1, 1}, {1, 0}, {0, 0}, {-1, 0}} {
		n, err := reminders.Remind(t.Context(), end.AddDate(0, 0, -c.daysLeft))
		require.NoError(t, err)
		require.Equal(t, c.asked, n, "%d days left", c.daysLeft)
	}
	require.Equal(t, 4, b.count("notices WHERE kind = 'certificate-ends'"))
	require.Equal(t, 4, b.count("notices WHERE kind = 'certificate-ends' AND data ->> 'service' = '6.0.00'"), "the service to renew by")

	// The same person has a newer certificate: nothing is said any more.
	renewal := b.issued("10")
	_, err := b.pool.Exec(t.Context(), `DELETE FROM reminders`)
	require.NoError(t, err)
	_, err = b.pool.Exec(t.Context(), `UPDATE orders SET applicant_key = 'the same'`)
	require.NoError(t, err)
	_, err = b.pool.Exec(t.Context(), `UPDATE certificates SET not_after = not_after + interval '1 year' WHERE order_id = $1`, renewal.ID.String())
	require.NoError(t, err)
	n, err := reminders.Remind(t.Context(), end.AddDate(0, 0, -1))
	require.NoError(t, err)
	require.Zero(t, n, s.ID)
}

func TestR1_CertificatesFromElsewhereLikewise(t *testing.T) {
	b := setup(t)
	renewals, reminders := postgres.NewRenewalLinks(b.pool), postgres.NewReminders(b.pool)
	end := day.AddDate(1, 0, 0)
	seen := postgres.SeenCertificate{
		ID: order.NewID(), ApplicantKey: "somebody", Service: order.ServiceEmployee, Owner: "Примерова Вера", SerialNumber: "0a", NotAfter: end,
		Email: "old@example.by", Language: "be",
	}
	require.NoError(t, renewals.Seen(t.Context(), seen, day))
	seen.Email = "new@example.by"
	require.NoError(t, renewals.Seen(t.Context(), seen, day))
	for _, c := range []struct{ daysLeft, asked int }{{31, 0}, {30, 1}, {29, 0}, {14, 1}, {14, 0}} {
		n, err := reminders.Remind(t.Context(), end.AddDate(0, 0, -c.daysLeft))
		require.NoError(t, err)
		require.Equal(t, c.asked, n, "%d days left", c.daysLeft)
	}
	require.Equal(t, 2, b.count("notices WHERE kind = 'certificate-ends' AND recipient = 'new@example.by' AND language = 'be'"))
	require.Equal(t, 2, b.count("renewal_links"), "a link of its own in each letter")
	// A newer one of the same person and service: nothing is said any more, whoever issued it.
	newer := seen
	newer.ID, newer.NotAfter = order.NewID(), end.AddDate(1, 0, 0)
	require.NoError(t, renewals.Seen(t.Context(), newer, day))
	n, err := reminders.Remind(t.Context(), end.AddDate(0, 0, -1))
	require.NoError(t, err)
	require.Zero(t, n)
	// What has ended is forgotten.
	_, err = reminders.Remind(t.Context(), newer.NotAfter)
	require.NoError(t, err)
	require.Zero(t, b.count("signed_in_certificates"))
	require.Zero(t, b.count("renewal_links"))
}
