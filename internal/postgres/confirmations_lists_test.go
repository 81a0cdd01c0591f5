package postgres_test

import (
	"crypto/sha256"
	"encoding/hex"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/remote-issuance/remote-issuance/internal/approval/list"
	"github.com/remote-issuance/remote-issuance/internal/order"
	"github.com/remote-issuance/remote-issuance/internal/postgres"
)

func TestM5_OnlyWhatCanBeConfirmedGoesOnAList(t *testing.T) {
	b := setup(t)
	good, held, closed, early := b.saved(order.ServiceEmployee), b.saved(order.ServiceEmployee), b.saved(order.ServiceEmployee), b.open(order.ServiceEmployee)
	b.confirm(held)
	b.close(closed, false)
	chosen := []order.ID{good.ID, held.ID, closed.ID, early.ID, b.saved(order.ServiceIndividual).ID, order.NewID()}

	got, err := b.confirmations.ListOrders(t.Context(), unp, chosen, day)
	require.NoError(t, err)
	require.Len(t, got, 1)
	entry := got[0].Entry
	require.Equal(t, good.ID, got[0].ID)
	require.Equal(t, good.Number, entry.Number)
	require.Equal(t, "тэхнік", entry.Position)
	require.Equal(t, "інжынер", entry.NewPosition)
	require.Equal(t, good.keyID, entry.KeyID)
	file := sha256.Sum256([]byte(good.keyID))
	require.Equal(t, hex.EncodeToString(file[:]), entry.Request)
	require.Equal(t, registered().Digest(), "sha256:"+entry.Registers)
	require.Equal(t, price, entry.Price)
	require.False(t, got[0].Approved)
	require.WithinDuration(t, good.Until, got[0].ConfirmBy, 0)

	for name, c := range map[string]struct {
		unp string
		at  time.Time
	}{"another organisation": {"another", day}, "M3: not at the border": {unp, good.Until}} {
		got, err = b.confirmations.ListOrders(t.Context(), c.unp, chosen, c.at)
		require.NoError(t, err, name)
		require.Empty(t, got, name)
	}

	// P8: approved in a confirmation that lapsed, it needs no second signature.
	id, of := b.confirm(good)
	_, err = b.confirmations.Close(t.Context(), id, of.Due)
	require.NoError(t, err)
	got, err = b.confirmations.ListOrders(t.Context(), unp, chosen[:1], day.AddDate(0, 0, 6))
	require.NoError(t, err)
	require.Len(t, got, 1)
	require.True(t, got[0].Approved)

	_, err = postgres.NewConfirmations(b.pool, order.Tariff{}).ListOrders(t.Context(), unp, chosen, day)
	require.ErrorIs(t, err, order.ErrNoPrice)
}

func TestM5_M7_ListsThatNobodySignsExpire(t *testing.T) {
	b := setup(t)
	s := b.saved(order.ServiceEmployee)
	first, second := b.listed(s), b.listed(s)
	signedID, _ := b.confirm(s)
	n, err := b.confirmations.ExpireLists(t.Context(), first.Until.Add(-time.Microsecond), 10)
	require.NoError(t, err)
	require.Zero(t, n)
	n, err = b.confirmations.ExpireLists(t.Context(), first.Until, 10)
	require.NoError(t, err)
	require.Equal(t, 2, n)
	for id, want := range map[order.ID]order.ConfirmationStage{
		first.ID: order.ConfirmationVoid, second.ID: order.ConfirmationVoid, signedID: order.ConfirmationPayment,
	} {
		c, err := b.confirmations.Confirmation(t.Context(), id)
		require.NoError(t, err)
		require.Equal(t, want, c.Stage)
	}
	_, err = b.confirmations.Confirm(t.Context(), b.signed(first, day))
	require.ErrorIs(t, err, order.ErrStage)
	require.Equal(t, order.StageAwaitingPayment, b.record(s.ID).Stage, "its orders stay as they are")
}

// The list names orders by their numbers: whom each number means, and whether
// it still says what would be written of them, is decided under their locks.
func TestM5_M6_OnlyWhatTheListSaysIsApproved(t *testing.T) {
	b := setup(t)
	one, two := b.saved(order.ServiceEmployee), b.saved(order.ServiceEmployee)
	for name, change := range map[string]func(l *list.List){
		"another number of the list": func(l *list.List) { l.Number += 1000 },
		"another organisation":       func(l *list.List) { l.UNP = "100000007" },
		"another order":              func(l *list.List) { l.Entries[0].Number += 1000 },
		"one order less":             func(l *list.List) { l.Entries = l.Entries[1:] },
		"the other's number": func(l *list.List) {
			l.Entries[0].Number, l.Entries[1].Number = l.Entries[1].Number, l.Entries[0].Number
		},
		"another file":        func(l *list.List) { l.Entries[0].Request = l.Entries[1].Request },
		"another key":         func(l *list.List) { l.Entries[0].KeyID = l.Entries[1].KeyID },
		"another first check": func(l *list.List) { l.Entries[0].Checked = l.Entries[1].KeyID },
		"other registers":     func(l *list.List) { l.Entries[0].Registers = l.Entries[1].KeyID },
		"another term":        func(l *list.List) { l.Entries[0].Years = 2 },
		"another position":    func(l *list.List) { l.Entries[0].NewPosition = "дырэктар" },
		"an unsaid change":    func(l *list.List) { l.Entries[0].NewPosition = "" },
		"another person":      func(l *list.List) { l.Entries[0].PersonalNumber = "3000000A001PB0" },
	} {
		c := b.listed(one, two)
		l, err := list.Parse(b.octets(c.ListNumber, one, two))
		require.NoError(t, err)
		change(&l)
		_, err = b.pool.Exec(t.Context(), "UPDATE documents SET content = $2 WHERE id = $1", c.ListID.String(), l.Canonical())
		require.NoError(t, err)
		in := b.signed(c, day)
		_, err = b.confirmations.Confirm(t.Context(), in)
		require.Error(t, err, "what is stored is not what was signed")
		in.List = l.Canonical()
		_, err = b.confirmations.Confirm(t.Context(), in)
		require.Error(t, err, name)
		require.NotErrorIs(t, err, order.ErrListOutdated, name)
		require.Equal(t, order.StageAwaitingApproval, b.record(one.ID).Stage, name)
	}

	c := b.listed(one, two)
	tariff, err := order.NewTariff([]order.Price{
		{Service: order.ServiceEmployee, Kind: order.KindEmployee, Years: 1, From: "2026-01-01", Amount: price},
		{Service: order.ServiceEmployee, Kind: order.KindEmployee, Years: 1, From: order.DateOf(day).AddDays(1).String(), Amount: price + 1},
	})
	require.NoError(t, err)
	dearer := postgres.NewConfirmations(b.pool, tariff)
	_, err = dearer.Confirm(t.Context(), b.signed(c, day.AddDate(0, 0, 1)))
	require.ErrorIs(t, err, order.ErrListOutdated, "P7: nobody signs for one price and pays another")
	_, err = dearer.Confirm(t.Context(), b.signed(c, day))
	require.NoError(t, err)
}
