package api

import (
	"net/http"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/remote-issuance/remote-issuance/api/contract"
	"github.com/remote-issuance/remote-issuance/api/web"
	"github.com/remote-issuance/remote-issuance/internal/ca"
	"github.com/remote-issuance/remote-issuance/internal/issuance"
	"github.com/remote-issuance/remote-issuance/internal/order"
	"github.com/remote-issuance/remote-issuance/internal/postgres"
	"github.com/remote-issuance/remote-issuance/internal/storage"
)

// issue stores a certificate and credentials of an order that is paid.
func (b *bundle) issue(s *sample, der []byte) {
	b.t.Helper()
	ctx := b.t.Context()
	store := postgres.NewCertificateStore(b.pool)
	reserved, _, err := store.Reserve(ctx, ca.Prepared{
		OrderID: s.ID.String(), Issuer: "test", Serial: "4a01", TBS: []byte("tbs"), Algorithm: []byte("alg"), KeyID: hash(s.ID.String()),
		NotBefore: b.now, NotAfter: b.now.AddDate(1, 0, 0),
	}, func(issuance.Stored) error { return nil })
	require.NoError(b.t, err)
	issued := func(issuance.Paid) order.Decision { return order.Issue(order.ID{}, map[string]string{}, b.now) }
	_, err = store.Complete(ctx, reserved, der, issued, storage.Credential{
		OrderID: s.ID.String(), Login: "RC-0001", Hash: "hash", Sealed: []byte("sealed"), CreatedAt: b.now, ExpiresAt: b.now.AddDate(0, 1, 0),
	})
	require.NoError(b.t, err)
}

func TestI7_TheFirstSignInActivatesTheOrderOfTheCertificate(t *testing.T) {
	b := setup(t)
	d := b.deps
	d.Activations = postgres.NewCertificateStore(b.pool)
	b.serve(d)
	b.post("/v1/activations", asIndividual, "").problem(web.ProblemNotFound)

	s, number, amount := b.bill()
	b.notify(payment(number, amount)).is(http.StatusOK)
	b.issue(s, theirs(t).tokens[asIndividual].Certificate)
	issued := b.get(s.path(), asIndividual).order(http.StatusOK)
	require.True(t, issued.Certificate.ActivatedAt.IsZero())
	first := b.now
	for range 2 {
		v := b.post("/v1/activations", asIndividual, "").order(http.StatusOK)
		require.Equal(t, s.ID, v.ID)
		require.Equal(t, "4a01", v.Certificate.SerialNumber)
		require.True(t, first.Equal(v.Certificate.ActivatedAt), "a repetition changes nothing")
		require.Equal(t, issued.Version+1, v.Version, "who waits for a change is told, once")
		require.NotEqual(t, issued.Next.Text, v.Next.Text, "nothing stale")
		b.now = b.now.AddDate(0, 0, 1)
	}
}

func TestI7_NobodyElseActivates(t *testing.T) {
	b := setup(t)
	s := b.at(order.StageIssuing, asIndividual)
	b.signIns.orderID = s.ID
	b.post("/v1/activations", "Bearer borrowed-certificate", "").problem(web.ProblemOtherPerson)
	b.post("/v1/activations", asStranger, "").problem(web.ProblemNotFound)
	b.post("/v1/activations", "Bearer early", "").problem(web.ProblemNotBegun)
	b.post("/v1/activations", "Bearer expired", "").problem(web.ProblemNotInForce)
	b.post("/v1/activations", "Bearer revoked-manager", "").problem(web.ProblemNotInForce)
	require.True(t, b.signIns.at.IsZero(), "nothing was noted")
	v := b.post("/v1/activations", asIndividual, "").order(http.StatusOK)
	require.Equal(t, s.ID, v.ID)
	require.Equal(t, b.now, b.signIns.at)
	b.signIns.orderID = order.NewID()
	b.post("/v1/activations", asIndividual, "").problem(web.ProblemNotFound)
}

func TestI6_TheOutcomeOfEachMessageIsShown(t *testing.T) {
	b := setup(t)
	s, number, amount := b.bill()
	b.notify(payment(number, amount)).is(http.StatusOK)
	b.issue(s, []byte("der"))
	v := b.get(s.path(), asIndividual).order(http.StatusOK)
	channels := map[contract.MessageOutcomeChannel]contract.MessageOutcomeState{}
	for _, m := range v.Messages {
		if m.Kind == string(order.NoticeIssued) {
			channels[m.Channel] = m.State
		}
	}
	require.Equal(t, map[contract.MessageOutcomeChannel]contract.MessageOutcomeState{
		contract.Email: contract.Pending, contract.Sms: contract.Pending,
	}, channels)
}

func TestS7_WhatTheRegistersFoundStandsBesideTheFirstCheck(t *testing.T) {
	b := setup(t)
	s := b.ends(b.at(order.StageChecking, asEmployee), order.EndRefused, order.ReasonRegistersDiffer, order.Check{
		Code: order.CheckPerson, Verdict: order.VerdictFailed, Field: order.FieldSurname, Found: "А", Expected: "Б", Cause: "differs",
	})
	v := b.get(s.path(), asEmployee, "Accept-Language", "be").order(http.StatusOK)
	require.Equal(t, order.ReasonRegistersDiffer, v.Reason)
	var got []string
	for _, c := range v.Checks {
		got = append(got, c.Code+" "+string(c.Verdict))
		require.NotEmpty(t, c.Title)
	}
	require.Equal(t, []string{"request-file passed", "subject changed", "person failed"}, got)
}

func TestInstantsAreTimesOfMinsk(t *testing.T) {
	b := setup(t)
	v := b.get(b.at(order.StageAwaitingPayment, asIndividual).path(), asIndividual).order(http.StatusOK)
	_, offset := v.PayBy.Zone()
	require.Equal(t, 3*60*60, offset)
	require.Equal(t, "00:00:00", v.PayBy.Format("15:04:05"), "D2: the midnight that ends the last day")
}
