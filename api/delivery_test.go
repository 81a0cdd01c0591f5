package api

import (
	"net/http"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/remote-issuance/remote-issuance/activities"
	"github.com/remote-issuance/remote-issuance/internal/ca"
	"github.com/remote-issuance/remote-issuance/internal/order"
	"github.com/remote-issuance/remote-issuance/internal/postgres"
)

// issue puts a certificate into the book of a paid order.
func (b *bundle) issue(s *sample, der []byte) {
	b.t.Helper()
	book := postgres.NewBook(b.pool)
	stored, _, err := book.Reserve(b.t.Context(), ca.Prepared{
		OrderID: s.OrderID, Issuer: "test", Serial: "4a01", TBS: []byte("tbs"), Algorithm: []byte("alg"), KeyID: hash(s.OrderID),
		NotBefore: b.now, NotAfter: b.now.AddDate(1, 0, 0),
	})
	require.NoError(b.t, err)
	_, err = book.Complete(b.t.Context(), stored, der)
	require.NoError(b.t, err)
}

func TestI7_TheFirstSignInActivatesTheOrderOfTheCertificate(t *testing.T) {
	b := setup(t)
	d := b.server.Dependencies
	d.Activations = postgres.NewBook(b.pool)
	b.serve(d)
	b.post("/v1/activations", asIndividual, "").problem(problemNotFound)

	s, number, amount := b.bill()
	b.notify(payment(number, amount)).is(http.StatusOK)
	b.issue(s, theirs(t).tokens[asIndividual].Certificate)
	require.Nil(t, b.get(s.path(), asIndividual).order(http.StatusOK).Certificate.ActivatedAt)
	first := b.now
	for range 2 {
		v := b.post("/v1/activations", asIndividual, "").order(http.StatusOK)
		require.Equal(t, s.OrderID, v.ID)
		require.Equal(t, "4a01", v.Certificate.SerialNumber)
		require.True(t, first.Equal(*v.Certificate.ActivatedAt), "a repetition changes nothing")
		b.now = b.now.AddDate(0, 0, 1)
	}
}

func TestI6_TheOutcomeOfEachMessageIsShown(t *testing.T) {
	b := setup(t)
	s := b.at(order.StageIssuing, asIndividual)
	s.Version++
	s.Stage, s.End = order.StageEnded, order.EndIssued
	require.NoError(t, b.server.Store.Records.RecordOrder(t.Context(), activities.RecordOrderInput{
		State: s.OrderState, Notices: []activities.Notice{{Kind: order.NoticeIssued}},
	}))
	v := b.get(s.path(), asIndividual).order(http.StatusOK)
	require.Len(t, v.Messages, 2)
	channels := map[string]string{}
	for _, m := range v.Messages {
		require.Equal(t, string(order.NoticeIssued), m.Kind)
		channels[m.Channel] = m.State
	}
	require.Equal(t, map[string]string{"email": "pending", "sms": "pending"}, channels)
}

func TestS7_WhatTheRegistersFoundStandsBesideTheFirstCheck(t *testing.T) {
	b := setup(t)
	s := b.becomes(b.at(order.StageChecking, asEmployee), func(st *activities.OrderState) {
		st.Stage, st.End, st.Reason = order.StageEnded, order.EndRefused, order.ReasonRegistersDiffer
		st.Report = order.Report{
			{Code: order.CheckPerson, Verdict: order.VerdictFailed, Field: order.FieldSurname, Found: "А", Expected: "Б", Cause: "differs"},
		}
	})
	v := b.get(s.path(), asEmployee, "Accept-Language", "be").order(http.StatusOK)
	require.Equal(t, order.ReasonRegistersDiffer, v.Reason)
	var got []string
	for _, c := range v.Checks {
		got = append(got, c.Code+" "+c.Verdict)
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
