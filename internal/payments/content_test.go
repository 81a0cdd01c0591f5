package payments

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/remote-issuance/remote-issuance/internal/order"
)

func TestP5_ContentIsWhatCounts(t *testing.T) {
	for name, c := range map[string]struct {
		base   func() Notification
		change func(*Notification)
		same   bool
	}{
		"raw octets":           {credit, func(n *Notification) { n.Raw = []byte("otherwise") }, true},
		"received again":       {credit, func(n *Notification) { n.ReceivedAt = n.ReceivedAt.AddDate(1, 0, 0) }, true},
		"case and blanks":      {credit, func(n *Notification) { n.Number = " rоаis000092239   ОПЛАТА\r\nуслуг " }, true},
		"pieces of a purpose":  {credit, func(n *Notification) { n.Number = "ROAIS0000\n92239 оплата услуг" }, true},
		"time of the same day": {credit, func(n *Notification) { n.OccurredAt = n.OccurredAt.Add(-time.Hour) }, true},
		"time of a card":       {card, func(n *Notification) { n.OccurredAt = n.OccurredAt.AddDate(0, 0, -1) }, true},
		"prefix of a number":   {card, func(n *Notification) { n.Number = "roais 000092239" }, true},
		"another day of a bank": {credit, func(n *Notification) {
			n.OccurredAt = n.OccurredAt.AddDate(-1, 0, 0)
		}, false},
		"another purpose": {credit, func(n *Notification) { n.Number += " 2" }, false},
		"another number":  {card, func(n *Notification) { n.Number = "NOAIS000092240" }, false},
		"another amount":  {credit, func(n *Notification) { n.Amount++ }, false},
		"currency":        {credit, func(n *Notification) { n.Currency = "USD" }, false},
		"payer":           {credit, func(n *Notification) { n.PayerUNP = "191700161" }, false},
		"account":         {credit, func(n *Notification) { n.OtherAccount = true }, false},
		"kind":            {credit, func(n *Notification) { n.Kind = KindReversal }, false},
	} {
		t.Run(name, func(t *testing.T) {
			n := c.base()
			before := n.Content()
			c.change(&n)
			require.Equal(t, c.same, before == n.Content())
		})
	}
	a, b := Unreadable(SourceERIP, []byte("a"), due), Unreadable(SourceERIP, []byte("b"), due)
	require.NotEqual(t, a.Content(), b.Content())
	require.NotEqual(t, a.ExternalID, b.ExternalID)
	require.Equal(t, a.Content(), Unreadable(SourceERIP, []byte("a"), due.Add(time.Hour)).Content())
}

// No text of one field can make up for another.
func TestP5_FieldsOfAContentDoNotFlowIntoEachOther(t *testing.T) {
	text := rapid.StringMatching(`[A-Z0-9]{0,4}`)
	rapid.Check(t, func(t *rapid.T) {
		draw := func(label string) Notification {
			return Notification{
				Source: SourceAssist, Kind: KindPayment, Number: text.Draw(t, label+" number"), Currency: text.Draw(t, label+" currency"),
				PayerUNP: text.Draw(t, label+" payer"), Amount: order.Kopecks(rapid.Int64Range(0, 99).Draw(t, label+" amount")),
			}
		}
		a, b := draw("a"), draw("b")
		equal := a.Number == b.Number && a.Currency == b.Currency && a.PayerUNP == b.PayerUNP && a.Amount == b.Amount
		require.Equal(t, equal, a.Content() == b.Content())
	})
}

func TestP5_WhatContradictsOrWasTakenBackPaysNothing(t *testing.T) {
	for name, c := range map[string]struct {
		kind Kind
		h    History
		want Decision
	}{
		"nothing known":        {KindPayment, History{}, Decision{Outcome: Applied}},
		"reversed":             {KindPayment, History{Reversed: true}, unapplied(ReasonReversed)},
		"conflict":             {KindPayment, History{Conflict: true}, unapplied(ReasonConflict)},
		"both":                 {KindPayment, History{Conflict: true, Reversed: true}, unapplied(ReasonConflict)},
		"reversal in conflict": {KindReversal, History{Conflict: true}, unapplied(ReasonConflict)},
		"no money":             {KindNoMoney, History{Conflict: true, Reversed: true}, Decision{Outcome: Ignored}},
		"unreadable":           {KindUnreadable, History{}, unapplied(ReasonUnreadable)},
	} {
		n := card()
		n.Kind = c.kind
		require.Equal(t, c.want, Decide(n, payable(), c.h), name)
	}
	foreign := credit()
	foreign.OtherAccount = true
	require.Equal(t, unapplied(ReasonOtherAccount), Decide(foreign, payable(), History{}))
}

func TestP5_BillOfAnEvent(t *testing.T) {
	for id, want := range map[string]string{
		"5999999000000001": "5999999000000001", "5999999000000001.2/refund": "5999999000000001", " 5999999000000001/Approved/test": "5999999000000001", "": "",
	} {
		require.Equal(t, want, BillOf(SourceAssist, id), id)
		require.Empty(t, BillOf(SourceClientBank, id))
	}
	require.Equal(t, "900200300", BillOf(SourceERIP, "900200300/storn"))
}
