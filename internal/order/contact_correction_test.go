package order_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/remote-issuance/remote-issuance/internal/order"
)

func TestI4_ContactsOfAnIssuedOrderAreCorrected(t *testing.T) {
	at := time.Date(2026, 3, 1, 9, 0, 0, 0, time.UTC)
	was := order.Contacts{Email: "a@example.by", Phone: "+375291234567"}
	issued := order.Record{Stage: order.StageEnded, End: order.EndIssued, Contacts: &was}
	for name, c := range map[string]struct {
		to      order.Contacts
		changed string
	}{
		"both":    {order.Contacts{Email: "b@example.by", Phone: "+375297654321"}, "email,phone"},
		"address": {order.Contacts{Email: "b@example.by", Phone: was.Phone}, "email"},
		"phone":   {order.Contacts{Email: was.Email, Phone: "+375297654321"}, "phone"},
		"neither": {was, ""},
	} {
		next, err := order.CorrectContacts(c.to, at)(issued)
		require.NoError(t, err, name)
		require.Equal(t, c.to, *next.Record.Contacts, name)
		require.Equal(t, was, *issued.Contacts, name)
		require.Equal(t, []order.Notice{{Kind: order.NoticeCredentialsAgain}}, next.Notices, name)
		var changed string
		for _, e := range next.Events {
			require.Equal(t, order.ByApplicant, e.By)
			if e.Action == "contacts-changed" {
				changed = e.Evidence["changed"]
			}
			for _, value := range e.Evidence {
				require.NotContains(t, value, "@")
				require.NotContains(t, value, "375")
			}
		}
		require.Equal(t, c.changed, changed, name)
		require.Equal(t, "credentials-renewed", next.Events[len(next.Events)-1].Action, name)
	}
	// Erased contacts are given anew.
	issued.Contacts = nil
	next, err := order.CorrectContacts(was, at)(issued)
	require.NoError(t, err)
	require.Equal(t, was, *next.Record.Contacts)
}

func TestI4_ContactsOfOtherOrdersAreNotCorrected(t *testing.T) {
	for _, r := range []order.Record{
		{Stage: order.StageAwaitingPayment}, {Stage: order.StageIssuing}, {Stage: order.StageEnded, End: order.EndWithdrawn}, {},
	} {
		_, err := order.CorrectContacts(order.Contacts{}, time.Time{})(r)
		require.ErrorIs(t, err, order.ErrStage)
	}
}
