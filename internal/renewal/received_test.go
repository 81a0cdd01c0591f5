package renewal_test

import (
	"bytes"
	"errors"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/remote-issuance/remote-issuance/internal/pki/bpki"
	"github.com/remote-issuance/remote-issuance/internal/pki/testca"
	"github.com/remote-issuance/remote-issuance/internal/renewal"
	"github.com/remote-issuance/remote-issuance/internal/stb/bign"
)

var now = time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC)

// pair is an applicant and the agent of their CA.
type pair struct{ applicant, agent bpki.Holder }

func people(t testing.TB) pair {
	t.Helper()
	ca, err := testca.New(testca.Options{From: now.AddDate(-2, 0, 0)})
	require.NoError(t, err)
	holder := func(issue func(key *bign.PrivateKey) []byte) bpki.Holder {
		key, err := bign.GenerateKey(bign.Curve256v1(), nil)
		require.NoError(t, err)
		cert, err := bpki.ParseCertificate(issue(key))
		require.NoError(t, err)
		return bpki.Holder{Certificate: cert, Key: key}
	}
	return pair{
		applicant: holder(func(key *bign.PrivateKey) []byte {
			c, err := ca.Issue(testca.ProfileIndividual, testca.SampleIndividual(), key.Public(), now.AddDate(-1, 0, 0), now.AddDate(1, 0, 0))
			require.NoError(t, err)
			return c.Raw
		}),
		agent: holder(func(key *bign.PrivateKey) []byte {
			c, err := ca.IssueAgent(key.Public(), now.AddDate(-1, 0, 0), now.AddDate(1, 0, 0))
			require.NoError(t, err)
			return c.Raw
		}),
	}
}

// request is a good container and the certification request inside.
func (p pair) request(t testing.TB, challenge *bpki.Challenge) (container, csr []byte) {
	t.Helper()
	key, err := bign.GenerateKey(bign.Curve256v1(), nil)
	require.NoError(t, err)
	from, to := bpki.RenewalPeriod(now, 0, 1)
	csr, err = bpki.Renewal{NotBefore: from, NotAfter: to, Challenge: challenge}.Request(p.applicant.Certificate, key)
	require.NoError(t, err)
	container, _, err = bpki.SealRequest(bpki.ContentSpawn, csr, p.applicant, p.agent.Certificate, now, nil)
	require.NoError(t, err)
	return container, csr
}

func TestSTB78_WhatWasSignedIsWhatIsKept(t *testing.T) {
	p := people(t)
	container, csr := p.request(t, &bpki.Challenge{Info: "erip7 terms=1/1"})
	got, err := renewal.Open(container, p.agent, now)
	require.NoError(t, err)
	require.Equal(t, csr, got.File)
	require.Equal(t, renewal.Statement{Terms: "1/1", Payment: 7}, got.Statement)
	require.Equal(t, p.applicant.Certificate.Raw, got.Certificate.Raw)
	kept, err := bpki.OpenSigned(got.Signed)
	require.NoError(t, err)
	require.Equal(t, csr, kept.Content, "the evidence verifies by itself")
	for _, c := range []*bpki.Challenge{{Ticket: "0123456789ABCDEF0123456789ABCDEF"}, {Info: "SN112358"}} {
		container, _ := p.request(t, c)
		got, err := renewal.Open(container, p.agent, now)
		require.ErrorIs(t, err, renewal.ErrStatement)
		require.Equal(t, bpki.RequestIDOf(container), got.ID)
	}
}

func TestSTB78_ARequestIsOfItsDay(t *testing.T) {
	p := people(t)
	container, _ := p.request(t, nil)
	for _, at := range []time.Duration{-24 * time.Hour, 0, 24 * time.Hour} {
		_, err := renewal.Open(container, p.agent, now.Add(at))
		require.NoError(t, err)
	}
	for _, at := range []time.Duration{-24*time.Hour - time.Second, 24*time.Hour + time.Second, 24 * 365 * time.Hour} {
		_, err := renewal.Open(container, p.agent, now.Add(at))
		require.ErrorIs(t, err, bpki.ErrMismatch)
	}
}

// FuzzOpen fuzzes what comes over HTTP, and what lies inside of the envelope.
func FuzzOpen(f *testing.F) {
	p := people(f)
	container, csr := p.request(f, &bpki.Challenge{Info: "terms=1/1"})
	signed, err := bpki.Sign(bpki.ContentSpawn, csr, p.applicant.Certificate, p.applicant.Key, now)
	require.NoError(f, err)
	for _, seed := range [][]byte{container, csr, signed, nil, {0x30, 0x80}} {
		f.Add(seed, uint8(0))
		f.Add(seed, uint8(1))
		f.Add(seed, uint8(2))
	}
	known := []error{
		bpki.ErrMalformed, bpki.ErrTooLarge, bpki.ErrAlgorithm, bpki.ErrKey, bpki.ErrRecipient, bpki.ErrSignature, bpki.ErrMismatch,
		renewal.ErrStatement,
	}
	f.Fuzz(func(t *testing.T, raw []byte, layer uint8) {
		var err error
		body := bytes.Clone(raw)
		if layer%3 == 2 {
			if body, err = bpki.Sign(bpki.ContentSpawn, body, p.applicant.Certificate, p.applicant.Key, now); err != nil {
				return
			}
		}
		if layer%3 > 0 {
			if body, err = bpki.Envelop(body, p.agent.Certificate, nil); err != nil {
				return
			}
		}
		got, err := renewal.Open(body, p.agent, now)
		require.Equal(t, bpki.RequestIDOf(body), got.ID)
		if err != nil {
			require.True(t, slices.ContainsFunc(known, func(target error) bool { return errors.Is(err, target) }), "%v", err)
			return
		}
		// Whoever has signed: what is kept verifies, and is of this file.
		kept, err := bpki.OpenSigned(got.Signed)
		require.NoError(t, err)
		require.Equal(t, kept.Content, got.File)
		require.Equal(t, kept.Certificate.Raw, got.Certificate.Raw)
	})
}
