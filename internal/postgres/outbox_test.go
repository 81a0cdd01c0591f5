package postgres_test

import (
	"sync"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"github.com/remote-issuance/remote-issuance/internal/notify"
	"github.com/remote-issuance/remote-issuance/internal/order"
	"github.com/remote-issuance/remote-issuance/internal/postgres"
)

func TestI6_EachNoticeIsClaimedOnceAndRetriedAlone(t *testing.T) {
	b := setup(t)
	for range 3 {
		b.saved(order.ServiceEmployee)
	}
	outbox := postgres.NewOutbox(b.pool)
	var all sync.WaitGroup
	var mu sync.Mutex
	claimed := map[uuid.UUID]notify.Notice{}
	for range 4 {
		all.Go(func() {
			for range 3 {
				list, err := outbox.Claim(t.Context(), notify.ChannelEmail, 1, time.Minute)
				mu.Lock()
				for _, n := range list {
					if _, twice := claimed[n.ID]; twice || err != nil {
						t.Errorf("claimed twice or not at all: %v", err)
					}
					claimed[n.ID] = n
				}
				mu.Unlock()
			}
		})
	}
	all.Wait()
	require.Len(t, claimed, 3)
	var one notify.Notice
	for _, one = range claimed {
		require.NoError(t, outbox.Retry(t.Context(), one.ID, time.Now().Add(-time.Second), "gateway down"))
		break
	}
	again, err := outbox.Claim(t.Context(), notify.ChannelEmail, 10, time.Minute)
	require.NoError(t, err)
	require.Len(t, again, 1)
	require.Equal(t, one.ID, again[0].ID)
	require.Equal(t, 1, again[0].Attempts)
	require.Equal(t, notify.Belarusian, again[0].Language)
	require.NoError(t, outbox.Accepted(t.Context(), one.ID, "provider-1"))
	for id := range claimed {
		require.NoError(t, outbox.GiveUp(t.Context(), id, "mailbox refuses"))
	}
	require.Equal(t, 2, b.count("notices WHERE state = 'failed'"))
	require.Equal(t, 1, b.count("notices WHERE state = 'sent' AND provider_id = 'provider-1'"))
}

func TestI6_CredentialsAreSentByTheirOrderAlone(t *testing.T) {
	b := setup(t)
	s := b.issued("01")
	outbox := postgres.NewOutbox(b.pool)
	for _, channel := range notify.Channels() {
		list, err := outbox.Claim(t.Context(), channel, 10, time.Minute)
		require.NoError(t, err)
		for _, n := range list {
			require.NotEqual(t, order.NoticeIssued, n.Kind, "the dispatcher leaves credentials to the order")
		}
	}
	claim := func(channel notify.Channel, lease time.Duration) (postgres.CredentialNotice, error) {
		return outbox.ClaimCredentials(t.Context(), s.ID, channel, lease)
	}
	sms, err := claim(notify.ChannelSMS, time.Hour)
	require.NoError(t, err)
	require.Equal(t, postgres.NoticePending, sms.State)
	require.Equal(t, s.Contacts.Phone, sms.To)
	require.Equal(t, s.ID.String(), sms.OrderID)
	_, err = claim(notify.ChannelSMS, time.Hour)
	require.ErrorIs(t, err, postgres.ErrLeased)
	require.NoError(t, outbox.Retry(t.Context(), sms.ID, time.Now().Add(time.Hour), "gateway down"))
	sms, err = claim(notify.ChannelSMS, time.Hour)
	require.NoError(t, err, "when it is tried again its workflow decides")
	require.Equal(t, 1, sms.Attempts)
	require.NoError(t, outbox.Accepted(t.Context(), sms.ID, "provider-1"))
	sms, err = claim(notify.ChannelSMS, time.Hour)
	require.NoError(t, err)
	require.Equal(t, postgres.NoticeSent, sms.State)

	email, err := claim(notify.ChannelEmail, 0)
	require.NoError(t, err)
	require.NoError(t, outbox.Retry(t.Context(), email.ID, time.Now(), "mailbox full"))
	for range 2 {
		require.NoError(t, outbox.GiveUpCredentials(t.Context(), s.ID, notify.ChannelEmail, "not sent in 3 days"))
		require.NoError(t, outbox.GiveUpCredentials(t.Context(), s.ID, notify.ChannelSMS, "sent already"))
	}
	email, err = claim(notify.ChannelEmail, time.Hour)
	require.NoError(t, err)
	require.Equal(t, postgres.NoticeFailed, email.State)
	require.Equal(t, "mailbox full", email.Cause)
	require.Equal(t, 1, b.count("notices WHERE kind = 'issued-credentials' AND state = 'sent'"))
	_, err = outbox.ClaimCredentials(t.Context(), b.saved(order.ServiceEmployee).ID, notify.ChannelSMS, time.Hour)
	require.ErrorIs(t, err, order.ErrNotFound)
}

func TestContactsStayUntilTheCredentialsAreSent(t *testing.T) {
	b := setup(t)
	s, store := b.issued("01"), keys(t, b)
	_, err := store.Begin(t.Context(), "w", s.ID)
	require.NoError(t, err)
	_, err = b.pool.Exec(t.Context(), "UPDATE payload_keys SET ended_at = now() - interval '1 hour'")
	require.NoError(t, err)
	privacy, outbox := postgres.NewPrivacy(b.pool), postgres.NewOutbox(b.pool)
	require.ErrorIs(t, privacy.Erase(t.Context(), s.ID, "op", time.Now()), postgres.ErrOrderOpen)
	for _, channel := range notify.Channels() {
		require.NoError(t, outbox.GiveUpCredentials(t.Context(), s.ID, channel, "no"))
	}
	require.NoError(t, privacy.Erase(t.Context(), s.ID, "op", time.Now()))
	require.Nil(t, b.record(s.ID).Contacts)
}
