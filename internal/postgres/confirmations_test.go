package postgres_test

import (
	"fmt"
	"strconv"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"golang.org/x/sync/errgroup"

	"github.com/remote-issuance/remote-issuance/internal/approval"
	"github.com/remote-issuance/remote-issuance/internal/order"
	"github.com/remote-issuance/remote-issuance/internal/payments"
)

func TestM6_M8_ConfirmApprovesAndOpensThePayment(t *testing.T) {
	b := setup(t)
	one, two, left := b.saved(order.ServiceEmployee), b.open(order.ServiceEmployee), b.saved(order.ServiceEmployee)
	two.years = 2
	b.save(two)
	list := b.listed(two, left, one)
	b.close(left, false)
	in := b.signed(list, day)

	var all sync.WaitGroup
	got := make([]order.Confirmation, 4)
	errs := make([]error, len(got))
	for i := range got {
		all.Go(func() { got[i], errs[i] = b.confirmations.Confirm(t.Context(), in) })
	}
	all.Wait()
	for i := range got {
		require.NoError(t, errs[i])
		require.Equal(t, got[0], got[i], "a repetition gives the same answer")
	}
	c := got[0]
	require.Equal(t, order.ConfirmationPayment, c.Stage)
	require.Equal(t, 3*price, c.Total, "P7")
	require.Equal(t, []order.ID{left.ID}, c.LeftIDs, "who has left meanwhile is not paid for")
	require.Equal(t, in.SignatureID, c.SignatureID)
	require.True(t, c.Until.Equal(one.PayBy), "P8: due at the earliest term")
	stored, err := b.confirmations.Confirmation(t.Context(), c.ID)
	require.NoError(t, err)
	require.Equal(t, c, stored)
	for _, s := range []*sample{one, two} {
		r := b.record(s.ID)
		require.Equal(t, order.StageAwaitingPayment, r.Stage)
		require.Equal(t, c.ID, r.ConfirmationID)
		require.True(t, r.ApprovedAt.Equal(day))
		require.True(t, r.Until.Equal(r.PayBy))
	}
	members, err := b.confirmations.Orders(t.Context(), c.ID)
	require.NoError(t, err)
	require.Len(t, members, 2)

	for id, kind := range map[order.ID]order.DocumentKind{
		c.ListID: order.DocumentList, c.SignatureID: order.DocumentSignature, order.EvidenceDocumentID(c.SignatureID): order.DocumentEvidence,
	} {
		d, err := b.documents.GetOwned(t.Context(), id, unp)
		require.NoError(t, err)
		require.Equal(t, kind, d.Kind)
	}
	view, err := b.confirmations.View(t.Context(), c.ID)
	require.NoError(t, err)
	require.Len(t, view.Lines, 3)
	require.Equal(t, unp, view.Payable.PayerUNP)
	require.Equal(t, c.Number, view.Payable.Number)
	require.Equal(t, order.ConfirmationWorkflowID(c.Number, c.ID), view.Payable.WorkflowID)
	require.Len(t, view.Notices, 1)
	entries, err := b.audit.OrderEntries(t.Context(), c.ID.String())
	require.NoError(t, err)
	require.Len(t, entries, 2)
	require.Equal(t, "list-made", string(entries[0].Action))
	require.Equal(t, "list-signed", string(entries[1].Action))
	octets := b.octets(c.ListNumber, two, left, one)
	for name, content := range map[string][]byte{"list": octets, "signature": []byte("signature"), "certificate": []byte(manager)} {
		require.NoError(t, entries[1].Proves(name, content))
	}
	require.NoError(t, entries[0].Proves("list", octets))
	for _, s := range []*sample{one, two} {
		own, err := b.audit.OrderEntries(t.Context(), s.ID.String())
		require.NoError(t, err)
		last := own[len(own)-1]
		require.Equal(t, strconv.FormatInt(s.Number, 10), last.Evidence["number"], "which order the list means by its number")
	}
	b.requireSoundLog()

	open, err := b.confirmations.Confirmations(t.Context(), unp, day, 0, 10)
	require.NoError(t, err)
	require.Len(t, open.Confirmations, 1)
	require.Equal(t, c, open.Confirmations[0].Confirmation)
}

func TestM6_NothingIsApprovedWithoutItsSignature(t *testing.T) {
	b := setup(t)
	s := b.saved(order.ServiceEmployee)
	list := b.listed(s)
	another := b.listed(s, b.saved(order.ServiceEmployee))
	for name, change := range map[string]func(*approval.Signed){
		"no signature":                       func(in *approval.Signed) { in.SignatureID, in.Signature = order.ID{}, nil },
		"a signature that is not stored":     func(in *approval.Signed) { in.Signature = nil },
		"another signature":                  func(in *approval.Signed) { in.SignatureID = order.NewID() },
		"other orders than those signed":     func(in *approval.Signed) { in.Confirmation.OrderIDs = another.OrderIDs },
		"no list, where there is one":        func(in *approval.Signed) { in.Confirmation.ListID = order.ID{} },
		"another list":                       func(in *approval.Signed) { in.Confirmation.ListID = another.ListID },
		"no list at all, and not approved":   func(in *approval.Signed) { in.Confirmation.ID, in.Confirmation.ListID = order.NewID(), order.ID{} },
		"a confirmation that was never made": func(in *approval.Signed) { in.Confirmation.ID = order.NewID() },
		"everything too late":                func(in *approval.Signed) { in.At = s.PayBy },
		"a day without a price":              func(in *approval.Signed) { in.At = day.AddDate(-1, 0, 0) },
	} {
		in := b.signed(list, day)
		change(&in)
		_, err := b.confirmations.Confirm(t.Context(), in)
		require.Error(t, err, name)
		require.Equal(t, order.StageAwaitingApproval, b.record(s.ID).Stage, name)
		require.Zero(t, b.count("payables"), name)
		require.Zero(t, b.count("documents WHERE kind = 'list-signature'"), name)
	}
	_, err := b.confirmations.Confirm(t.Context(), b.signed(list, day))
	require.NoError(t, err)
	_, err = b.confirmations.Confirm(t.Context(), b.signed(list, day))
	require.ErrorIs(t, err, order.ErrStage, "a second signature")
	_, err = b.confirmations.Confirm(t.Context(), b.signed(b.listed(s), day))
	require.ErrorIs(t, err, order.ErrNothingToConfirm)
}

func TestP8_WhatWasApprovedNeedsNoSecondSignature(t *testing.T) {
	b := setup(t)
	s := b.saved(order.ServiceEmployee)
	id, of := b.confirm(s)
	early, err := b.confirmations.Close(t.Context(), id, of.Due.Add(-time.Microsecond))
	require.NoError(t, err)
	require.False(t, early.Done, "not one microsecond before the border")
	version := b.record(s.ID).Version
	for range 2 {
		ended, err := b.confirmations.Close(t.Context(), id, of.Due)
		require.NoError(t, err)
		require.Equal(t, order.ConfirmationEnded{Done: true, Stage: order.ConfirmationLapsed}, ended)
		require.Greater(t, b.record(s.ID).Version, version, "who waits for the order sees that its payment has lapsed")
	}
	require.Equal(t, 1, b.count("notices WHERE kind = 'confirmation-lapsed'"))
	p, err := b.receive(card(of.Number, of.Total))
	require.NoError(t, err)
	require.Equal(t, payments.ReasonClosed, p.Reason)

	again := order.Confirmation{
		ID: order.NewID(), UNP: unp, ManagerKey: manager, CertificateID: order.CertificateDocumentID([]byte(manager)), Language: "ru",
		StartedAt: day, Policy: order.DefaultPolicy(), Stage: order.ConfirmationSigning, OrderIDs: []order.ID{s.ID},
	}
	c, err := b.confirmations.Confirm(t.Context(), approval.Signed{Confirmation: again, At: day})
	require.NoError(t, err)
	require.NotEqualValues(t, of.Number, c.Number)
	require.Zero(t, c.SignatureID)
	require.Equal(t, again.ID, b.record(s.ID).ConfirmationID)
	old, err := b.confirmations.Orders(t.Context(), id)
	require.NoError(t, err)
	require.Empty(t, old, "it is in the other one now")
	_, err = b.confirmations.Close(t.Context(), order.NewID(), day)
	require.ErrorIs(t, err, order.ErrNotFound)
}

func TestP8_AnOrderThatLeavesTakesItsShareAlong(t *testing.T) {
	b := setup(t)
	leaver, other := b.saved(order.ServiceEmployee), b.saved(order.ServiceEmployee)
	id, of := b.confirm(leaver, other)
	require.True(t, b.close(leaver, false).Done)
	c, err := b.confirmations.Confirmation(t.Context(), id)
	require.NoError(t, err)
	require.Equal(t, price, c.Total)
	require.Equal(t, []order.ID{leaver.ID}, c.LeftIDs)
	require.Equal(t, 1, b.count("notices WHERE kind = 'confirmation-payment-due'"))
	require.Equal(t, 1, b.count(fmt.Sprintf("notices WHERE kind = 'confirmation-total-changed' AND data = '%s'", fmt.Sprintf(
		`{"orderNumber":"%d","service":"6.0.02","deadline":"%s","amount":%d,"amountBefore":%d,"paymentNumber":%d,"certificates":1}`,
		c.Number, c.Until.UTC().Format(time.RFC3339), price, 2*price, of.Number))), "the payer is told both totals, once; the number stays")

	p, err := b.receive(card(of.Number, of.Total))
	require.NoError(t, err)
	require.Equal(t, payments.ReasonOverpaid, p.Reason)
	b.pay(bill{Number: of.Number, Total: price})

	// When the last one leaves there is nothing left to pay for.
	alone := b.saved(order.ServiceEmployee)
	id, of = b.confirm(alone)
	b.close(alone, false)
	ended, err := b.confirmations.Close(t.Context(), id, day)
	require.NoError(t, err)
	require.Equal(t, order.ConfirmationEnded{Done: true, Stage: order.ConfirmationVoid}, ended)
	p, err = b.receive(card(of.Number, of.Total))
	require.NoError(t, err)
	require.NotEqual(t, payments.PaymentApplied, p.State)
}

func TestM10_AConfirmationIsFinishedByItsLastCertificate(t *testing.T) {
	b := setup(t)
	one, two, left := b.saved(order.ServiceEmployee), b.saved(order.ServiceEmployee), b.saved(order.ServiceEmployee)
	id, of := b.confirm(one, two, left)
	_, err := b.confirmations.Paid(t.Context(), id, day)
	require.ErrorIs(t, err, order.ErrUnpaid, "somebody says so")
	b.close(left, false)
	payment := b.pay(bill{Number: of.Number, Total: 2 * price})
	var c order.Confirmation
	for range 2 {
		c, err = b.confirmations.Paid(t.Context(), id, day)
		require.NoError(t, err)
		require.Equal(t, order.ConfirmationIssuing, c.Stage)
		require.Equal(t, payment, c.PaymentID)
	}
	closed, err := b.confirmations.Close(t.Context(), id, of.Due)
	require.NoError(t, err)
	require.False(t, closed.Done, "D7: the money was in time")

	for i, s := range []*sample{one, two} {
		ended, err := b.confirmations.Finish(t.Context(), id, day)
		require.NoError(t, err)
		require.False(t, ended.Done)
		s.PaymentID = payment
		stored, _, err := b.certificates.Reserve(t.Context(), prepared(s, []string{"01", "02"}[i]), onlyPaid)
		require.NoError(t, err)
		_, err = b.complete(s, stored, s.ID.String())
		require.NoError(t, err)
		c, last, err := b.confirmations.Issued(t.Context(), s.ID)
		require.NoError(t, err)
		require.Equal(t, i == 1, last)
		require.Len(t, c.IssuedIDs, i+1)
	}
	for range 2 {
		ended, err := b.confirmations.Finish(t.Context(), id, day)
		require.NoError(t, err)
		require.Equal(t, order.ConfirmationEnded{Done: true, Stage: order.ConfirmationFinished, Issued: 2}, ended)
	}
	require.Equal(t, 1, b.count("notices WHERE kind = 'confirmation-finished'"))
	_, last, err := b.confirmations.Issued(t.Context(), b.saved(order.ServiceIndividual).ID)
	require.NoError(t, err)
	require.False(t, last, "an order without a confirmation")
}

// Payment and certificates race: whoever comes last knows that nothing is left.
func TestM10_TheLastCertificateIsNoticedWheneverThePaymentIsTaken(t *testing.T) {
	b := setup(t)
	for round := range 12 {
		orders := []*sample{b.saved(order.ServiceEmployee), b.saved(order.ServiceEmployee), b.saved(order.ServiceEmployee)}
		id, of := b.confirm(orders...)
		payment := b.pay(of)
		noticed := make([]bool, len(orders)+1)
		var racing errgroup.Group
		racing.Go(func() error {
			time.Sleep(time.Duration(round) * 2 * time.Millisecond)
			c, err := b.confirmations.Paid(t.Context(), id, day)
			noticed[len(orders)] = c.Done()
			return err
		})
		for i, s := range orders {
			s.PaymentID = payment
			racing.Go(func() error {
				stored, _, err := b.certificates.Reserve(t.Context(), prepared(s, fmt.Sprintf("%02x", round*len(orders)+i+1)), onlyPaid)
				if err != nil {
					return err
				}
				if _, err := b.complete(s, stored, s.ID.String()); err != nil {
					return err
				}
				_, noticed[i], err = b.confirmations.Issued(t.Context(), s.ID)
				return err
			})
		}
		require.NoError(t, racing.Wait())
		require.Contains(t, noticed, true, "round %d", round)
		ended, err := b.confirmations.Finish(t.Context(), id, day)
		require.NoError(t, err)
		require.True(t, ended.Done)
	}
}
