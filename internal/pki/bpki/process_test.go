package bpki_test

import (
	"bytes"
	"math/rand/v2"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/remote-issuance/remote-issuance/internal/pki"
	"github.com/remote-issuance/remote-issuance/internal/pki/bpki"
	"github.com/remote-issuance/remote-issuance/internal/pki/testca"
	"github.com/remote-issuance/remote-issuance/internal/stb/belt"
	"github.com/remote-issuance/remote-issuance/internal/stb/bign"
)

// renewal makes a certification request of the holder for a new key.
func renewal(t testing.TB, h bpki.Holder, key *bign.PrivateKey) []byte {
	t.Helper()
	from, to := bpki.RenewalPeriod(now, 10, 1)
	csr, err := bpki.Renewal{NotBefore: from, NotAfter: to}.Request(h.Certificate, key)
	require.NoError(t, err)
	return csr
}

func TestSTB78_SpawnFromRequestToCertificate(t *testing.T) {
	for _, c := range curves() {
		t.Run(c.Name(), func(t *testing.T) {
			sender, ca, key := holder(t, c), holder(t, bign.Curve512v1()), newKey(t, c)
			csr := renewal(t, sender, key)
			container, id, err := bpki.SealRequest(bpki.ContentSpawn, csr, sender, ca.Certificate, now, nil)
			require.NoError(t, err)
			require.Equal(t, belt.Sum256(container), [32]byte(id))
			require.NotContains(t, string(container), string(csr[:40]))

			got, itsID, err := bpki.OpenRequest(bpki.ContentSpawn, container, ca)
			require.NoError(t, err)
			require.Equal(t, id, itsID)
			require.Equal(t, csr, got.Content)
			require.Equal(t, sender.Certificate.Raw, got.Certificate.Raw)
			require.True(t, now.Equal(got.SigningTime))
			_, _, err = bpki.OpenRequest(bpki.ContentReenroll, container, ca)
			require.ErrorIs(t, err, bpki.ErrMismatch)
			_, _, err = bpki.OpenRequest(bpki.ContentSpawn, container, sender)
			require.ErrorIs(t, err, bpki.ErrRecipient)
			_, _, err = bpki.OpenRequest(bpki.ContentSpawn, container, bpki.Holder{Certificate: ca.Certificate, Key: newKey(t, bign.Curve512v1())})
			require.ErrorIs(t, err, bpki.ErrRecipient)
			requireAnswer(t, holder(t, c), key)
		})
	}
}

// requireAnswer envelopes a certificate and opens it with its key only.
func requireAnswer(t *testing.T, fresh bpki.Holder, other *bign.PrivateKey) {
	t.Helper()
	answer, err := bpki.SealCertificate(fresh.Certificate, nil)
	require.NoError(t, err)
	cert, err := bpki.OpenCertificate(answer, fresh.Key)
	require.NoError(t, err)
	require.Equal(t, fresh.Certificate.Raw, cert.Raw)
	_, err = bpki.OpenCertificate(answer, other)
	require.ErrorIs(t, err, bpki.ErrRecipient)

	wrong, err := bpki.Envelop(holder(t, fresh.Key.Curve()).Certificate.Raw, fresh.Certificate, nil)
	require.NoError(t, err)
	_, err = bpki.OpenCertificate(wrong, fresh.Key)
	require.ErrorIs(t, err, bpki.ErrMismatch)
}

func TestSTB78_ResponseIsSignedAndAnswersOneRequest(t *testing.T) {
	agent := holder(t, bign.Curve256v1())
	id := bpki.RequestIDOf([]byte("container"))
	retrieve, err := bpki.NewRetrieveRequest(id, nil)
	require.NoError(t, err)
	want := bpki.Response{Status: bpki.StatusWaiting, RequestID: id, Nonce: retrieve.Nonce[:]}
	container, err := bpki.SealResponse(want, agent, now)
	require.NoError(t, err)
	got, signed, err := bpki.OpenResponse(container)
	require.NoError(t, err)
	require.Equal(t, want, got)
	require.Equal(t, agent.Certificate.Raw, signed.Certificate.Raw)
	require.NoError(t, got.Answers(id, retrieve.Nonce[:]))
	require.ErrorIs(t, got.Answers(id, nil), bpki.ErrMismatch)
	require.ErrorIs(t, got.Answers(bpki.RequestIDOf(nil), retrieve.Nonce[:]), bpki.ErrMismatch)

	der, err := want.Marshal()
	require.NoError(t, err)
	other, err := bpki.Sign(bpki.ContentRevoke, der, agent.Certificate, agent.Key, now)
	require.NoError(t, err)
	_, _, err = bpki.OpenResponse(other)
	require.ErrorIs(t, err, bpki.ErrMismatch)
}

func TestSTB78_StrongerKeyThanTheIssuersIsNotSent(t *testing.T) {
	sender, ca := holder(t, bign.Curve256v1()), holder(t, bign.Curve256v1())
	csr := renewal(t, sender, newKey(t, bign.Curve384v1()))
	_, _, err := bpki.SealRequest(bpki.ContentSpawn, csr, sender, ca.Certificate, now, nil)
	require.ErrorIs(t, err, bpki.ErrMismatch)
	_, _, err = bpki.SealRequest(bpki.ContentSpawn, []byte("text"), sender, ca.Certificate, now, nil)
	require.ErrorIs(t, err, bpki.ErrMalformed)
	sender.Key = newKey(t, bign.Curve256v1())
	_, _, err = bpki.SealRequest(bpki.ContentSpawn, renewal(t, sender, newKey(t, bign.Curve256v1())), sender, ca.Certificate, now, nil)
	require.ErrorIs(t, err, bpki.ErrMismatch)
}

func TestSTB78_AnyAlteredOctetOfARequestIsNoticed(t *testing.T) {
	sender, ca := holder(t, bign.Curve256v1()), holder(t, bign.Curve256v1())
	csr := renewal(t, sender, newKey(t, bign.Curve256v1()))
	container, _, err := bpki.SealRequest(bpki.ContentSpawn, csr, sender, ca.Certificate, now, nil)
	require.NoError(t, err)
	signed, err := bpki.Sign(bpki.ContentSpawn, csr, sender.Certificate, sender.Key, now)
	require.NoError(t, err)
	// Every third octet, others in each run: a run of all takes long.
	const step = 3
	for i := rand.IntN(step); i < len(container); i += step {
		damaged := bytes.Clone(container)
		damaged[i] ^= byte(1 << rand.IntN(8))
		// The certificate inside is checked along its path, not here.
		got, _, err := bpki.OpenRequest(bpki.ContentSpawn, damaged, ca)
		require.False(t, err == nil && bytes.Equal(got.Certificate.Raw, sender.Certificate.Raw), "octet %d", i)
	}
	for i := rand.IntN(step); i < len(signed); i += step {
		damaged := bytes.Clone(signed)
		damaged[i] ^= byte(1 << rand.IntN(8))
		got, err := bpki.OpenSigned(damaged)
		require.False(t, err == nil && bytes.Equal(got.Certificate.Raw, sender.Certificate.Raw), "octet %d", i)
		_, err = bpki.OpenSigned(signed[:i])
		require.Error(t, err)
	}
	_, err = bpki.OpenSigned(append(signed, 0))
	require.ErrorIs(t, err, bpki.ErrMalformed)
	_, err = bpki.ParseEnvelope(append(container, 0))
	require.ErrorIs(t, err, bpki.ErrMalformed)
}

func TestSTB78_EnvelopesComeBack(t *testing.T) {
	h := holder(t, bign.Curve384v1())
	rapid.Check(t, func(t *rapid.T) {
		content := rapid.SliceOfN(rapid.Byte(), 1, 100).Draw(t, "content")
		der, err := bpki.Envelop(content, h.Certificate, nil)
		require.NoError(t, err)
		e, err := bpki.ParseEnvelope(der)
		require.NoError(t, err)
		require.True(t, e.For(h.Certificate))
		got, err := e.Open(h.Key)
		require.NoError(t, err)
		require.Equal(t, content, got)
	})
	_, err := bpki.Envelop(nil, h.Certificate, nil)
	require.ErrorIs(t, err, bpki.ErrMalformed)
	_, err = bpki.Envelop(make([]byte, bpki.MaxMessage), h.Certificate, nil)
	require.ErrorIs(t, err, bpki.ErrTooLarge)
	_, err = bpki.ParseEnvelope(make([]byte, bpki.MaxMessage+1))
	require.ErrorIs(t, err, bpki.ErrTooLarge)
}

func TestSTB78_SignaturesAreThoseOfPackagePKI(t *testing.T) {
	for _, c := range curves() {
		h := holder(t, c)
		signed, err := bpki.Sign(bpki.ContentSpawn, []byte("content"), h.Certificate, h.Key, now)
		require.NoError(t, err)
		sd, err := pki.ParseSignedData(signed)
		require.NoError(t, err)
		signature, err := sd.Verify(nil)
		require.NoError(t, err)
		require.Equal(t, h.Certificate.Raw, signature.Signer.Raw)
	}
}

func TestSTB78_SignedDataOfOtherProfilesIsRefused(t *testing.T) {
	ca, err := testca.New(testca.Options{Algorithm: pki.KeyBign256, From: now.AddDate(-1, 0, 0)})
	require.NoError(t, err)
	key := newKey(t, bign.Curve256v1())
	cert, err := ca.Issue(testca.ProfileName, testca.SampleEmployee(), key.Public(), now.AddDate(-1, 0, 0), now.AddDate(1, 0, 0))
	require.NoError(t, err)
	for name, o := range map[string]pki.SignOptions{
		"data": {Attached: true, SigningTime: now}, "detached": {}, "direct": {Attached: true, Direct: true},
		"by key": {Attached: true, ByKeyID: true}, "no certificate": {Attached: true, OmitCertificate: true},
	} {
		der, err := pki.SignData([]byte("content"), cert, key, o)
		require.NoError(t, err)
		_, err = bpki.OpenSigned(der)
		require.ErrorIs(t, err, bpki.ErrMalformed, name)
	}
}

func TestSTB78_SigningTimeMayBeLeftOut(t *testing.T) {
	h := holder(t, bign.Curve256v1())
	for _, at := range []time.Time{{}, now, time.Date(2050, 1, 1, 0, 0, 0, 0, time.UTC)} {
		signed, err := bpki.Sign(bpki.ContentRevoke, []byte("content"), h.Certificate, h.Key, at)
		require.NoError(t, err)
		got, err := bpki.OpenSigned(signed)
		require.NoError(t, err)
		require.True(t, at.Equal(got.SigningTime))
	}
	for _, kind := range []bpki.ContentType{0, 8, -1} {
		_, err := bpki.Sign(kind, []byte("content"), h.Certificate, h.Key, now)
		require.ErrorIs(t, err, bpki.ErrMalformed)
	}
	_, err := bpki.Sign(bpki.ContentRevoke, nil, h.Certificate, h.Key, now)
	require.ErrorIs(t, err, bpki.ErrMalformed)
}
