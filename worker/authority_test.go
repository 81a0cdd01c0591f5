package worker

import (
	"context"
	"crypto/rand"
	"os"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/remote-issuance/remote-issuance/activities"
	"github.com/remote-issuance/remote-issuance/internal/ca"
	"github.com/remote-issuance/remote-issuance/internal/order"
	"github.com/remote-issuance/remote-issuance/internal/pki/alg"
	"github.com/remote-issuance/remote-issuance/internal/pki/testca"
)

var appliedAt = time.Date(2026, 11, 23, 9, 0, 0, 0, time.UTC)

// closedBook keeps nothing and does not answer.
type closedBook struct{ ca.Book }

func (closedBook) Find(context.Context, string) (ca.Stored, []byte, error) {
	return ca.Stored{}, nil, errDown
}

// issuing is an authority with the profile that is delivered.
func issuing(t *testing.T) authority {
	t.Helper()
	test, err := testca.New(testca.Options{From: appliedAt.AddDate(-1, 0, 0)})
	require.NoError(t, err)
	raw, err := os.ReadFile("../deploy/ca/profile.json")
	require.NoError(t, err)
	profile, err := ca.ParseProfile(raw)
	require.NoError(t, err)
	issuer, err := ca.NewAuthority("bign", test.Chain(), test.Issuing.Key, profile, rand.Reader)
	require.NoError(t, err)
	registry, err := ca.NewRegistry(issuer)
	require.NoError(t, err)
	service, err := ca.NewService(registry, closedBook{})
	require.NoError(t, err)
	return authority{service: service}
}

func application(t *testing.T, kind alg.KeyAlgorithm, subject order.Subject) activities.Application {
	t.Helper()
	key, err := alg.GenerateKey(kind, rand.Reader)
	require.NoError(t, err)
	request, err := testca.ProfileIndividual.Request(subject, key, nil)
	require.NoError(t, err)
	return activities.Application{
		OrderID: paidOrder, Request: request, Subject: subject, Service: order.ServiceIndividual, Kind: order.KindIndividual, Years: 3, Now: appliedAt,
	}
}

func TestI1_WhatTheAuthorityWouldRefuseIsKnownBeforeThePayment(t *testing.T) {
	a := issuing(t)
	good := application(t, alg.KeyBign256, testca.SampleIndividual())
	require.NoError(t, a.Check(good))

	nameless := testca.SampleIndividual()
	nameless.Surname = ""
	long := good
	long.Years = 4
	for name, c := range map[string]struct {
		application activities.Application
		check       order.CheckCode
		field       order.Field
	}{
		"a key nobody certifies":  {application(t, alg.KeyECDSAP256, testca.SampleIndividual()), order.CheckKeyAlgorithm, order.FieldNone},
		"a term that is too long": {long, order.CheckTerm, order.FieldNone},
		"a subject without name":  {application(t, alg.KeyBign256, nameless), order.CheckSubject, order.FieldSurname},
	} {
		t.Run(name, func(t *testing.T) {
			err := a.Check(c.application)
			var refused *activities.NotIssuableError
			require.ErrorAs(t, err, &refused)
			require.Equal(t, c.check, refused.Check)
			require.Equal(t, c.field, refused.Field)
			require.NotContains(t, err.Error(), nameless.GivenName)
		})
	}
	unfinished := good
	unfinished.Now = time.Time{}
	err := a.Check(unfinished)
	require.Error(t, err)
	require.NotErrorAs(t, err, new(*activities.NotIssuableError), "our own mistake is not the applicant's")
}

func TestI1_ABookThatDoesNotAnswerIssuesNothing(t *testing.T) {
	serial, err := issuing(t).Issue(t.Context(), application(t, alg.KeyBign256, testca.SampleIndividual()))
	require.ErrorIs(t, err, errDown)
	require.Empty(t, serial)
}
