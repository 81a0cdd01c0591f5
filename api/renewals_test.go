package api

import (
	"bytes"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/remote-issuance/remote-issuance/api/contract"
	"github.com/remote-issuance/remote-issuance/api/web"
	"github.com/remote-issuance/remote-issuance/internal/order"
	"github.com/remote-issuance/remote-issuance/internal/pki/alg"
	"github.com/remote-issuance/remote-issuance/internal/pki/bpki"
	"github.com/remote-issuance/remote-issuance/internal/pki/testca"
)

func TestSTB78_WhatAProgramNeedsToKnow(t *testing.T) {
	b := setup(t)
	var v contract.RenewalService
	b.get("/v1/renewal", "").is(http.StatusOK, &v)
	require.Equal(t, theirs(t).agent.Certificate.Raw, v.Certificate)
	require.Equal(t, publicURL+"/spawn", v.Spawn)
	require.Equal(t, publicURL+"/retrieve", v.Retrieve)
	require.Equal(t, accepted, "terms="+v.Acceptance)
	require.Equal(t, 10, v.StartAfterDays)
	d := b.deps
	d.Renewal = nil
	b.serve(d)
	b.get("/v1/renewal", "").problem(web.ProblemNotFound)
	b.spawn([]byte("x")).problem(web.ProblemNotFound)
}

// The whole way of 6.0.00: from the request to the certificate, each answer signed.
func TestSTB78_ARequestBecomesAnOrderLikeAnyOther(t *testing.T) {
	b := setup(t)
	p := b.program(asIndividual)
	container := p.seal(p.file(everything))
	id := bpki.RequestIDOf(container)
	r := b.spawn(container)
	s := r.waits(b, id, nil)
	require.Equal(t, order.StageChecking, s.Stage)
	require.Equal(t, order.ServiceIndividual, s.Service)
	require.Equal(t, &order.Contacts{Email: testEmail, Phone: testPhone}, s.Contacts)
	require.Equal(t, "agreement-3", s.Consent.AgreementVersion)
	require.Equal(t, "contract-7", s.Consent.ContractVersion)
	require.Equal(t, "5", r.Header.Get("Retry-After"))
	require.Equal(t, "checking", r.Header.Get("Order-Stage"))
	require.Empty(t, r.Header.Get("Payment-Number"))
	require.Equal(t, []order.ID{s.ID}, b.starter.orders, "its workflow starts")
	require.Equal(t, s.ID, b.get(s.path(), asIndividual).order(http.StatusOK).ID, "the person sees it in the portal")

	b.saved(s)
	r, nonce := b.retrieve(id)
	r.waits(b, id, nonce)
	require.Equal(t, s.bill.Number.ERIP(), r.Header.Get("Payment-Number"))
	require.Equal(t, "86.40 BYN", r.Header.Get("Payment-Total"))
	due, err := time.Parse(time.RFC3339, r.Header.Get("Payment-Due"))
	require.NoError(t, err)
	require.True(t, due.Equal(s.PayBy))

	issued, err := theirs(t).ca.Issue(testca.ProfileIndividual, testca.SampleIndividual(), p.key.Public(), b.now, b.now.AddDate(1, 0, 0))
	require.NoError(t, err)
	b.issue(s, issued.Raw)
	for range 2 {
		for _, r := range []reply{first(b.retrieve(id)), b.spawn(container)} {
			r.is(http.StatusOK)
			require.Equal(t, mediaTypeCMS, r.Header.Get("Content-Type"))
			got, err := bpki.OpenCertificate(r.Body, p.key)
			require.NoError(t, err)
			require.Equal(t, issued.Raw, got.Raw)
			_, err = bpki.OpenCertificate(r.Body, p.holder.Key)
			require.ErrorIs(t, err, bpki.ErrRecipient, "for its own key only")
		}
	}
}

func first(r reply, _ []byte) reply { return r }

func TestSTB78_TheSameRequestAnyNumberOfTimesIsOneOrder(t *testing.T) {
	b := setup(t)
	p := b.program(asEmployee)
	file := p.file(everything)
	container := p.seal(file)
	id := bpki.RequestIDOf(container)
	s := b.spawn(container).waits(b, id, nil)
	require.Equal(t, order.ServiceEmployee, s.Service)
	for range 3 {
		require.Equal(t, s.ID, b.spawn(container).waits(b, id, nil).ID)
	}
	// In another envelope it is another message, and the same request.
	again := p.seal(file)
	require.NotEqual(t, container, again)
	require.Equal(t, s.ID, b.spawn(again).waits(b, bpki.RequestIDOf(again), nil).ID)
	r, nonce := b.retrieve(bpki.RequestIDOf(again))
	require.Equal(t, s.ID, r.waits(b, bpki.RequestIDOf(again), nonce).ID)
	// Late, when it would not pass any more, it still is.
	later(b, 3*24*time.Hour)
	require.Equal(t, s.ID, b.spawn(container).waits(b, id, nil).ID)
	require.Equal(t, 1, b.count("orders"))
	require.Equal(t, 1, b.count("documents WHERE kind = 'signed-request'"), "the same statement")

	// Another request with the same key is another: the key is not new.
	other := p.file(everything, func(r *bpki.Renewal) { r.Position = "Директор" })
	later(b, -3*24*time.Hour)
	sealed := p.seal(other)
	refused := b.spawn(sealed).rejected(http.StatusUnprocessableEntity, bpki.FailureBadRequest, bpki.RequestIDOf(sealed))
	require.Contains(t, strings.Join(refused.Comments, "\n"), "in-use")
}

func TestSTB78_TheSameRequestAtOnceIsOneOrder(t *testing.T) {
	b := setup(t)
	p := b.program(asIndividual)
	file := p.file(everything)
	containers := [][]byte{p.seal(file), p.seal(file)}
	var wait sync.WaitGroup
	for i := range 8 {
		wait.Go(func() {
			r := b.spawn(containers[i%2])
			if r.Status != http.StatusConflict {
				r.waits(b, bpki.RequestIDOf(containers[i%2]), nil)
				return
			}
			r.problem(web.ProblemKeyInProgress)
		})
	}
	wait.Wait()
	b.spawn(containers[0]).waits(b, bpki.RequestIDOf(containers[0]), nil)
	require.Equal(t, 1, b.count("orders"))
}

// A process may die between any two steps: the request is sent again.
func TestSTB78_ARequestThatWasCutShortGoesOn(t *testing.T) {
	b := setup(t)
	p := b.program(asIndividual)
	container := p.seal(p.file(everything))
	id := bpki.RequestIDOf(container)
	b.precheck.err = errCut
	b.spawn(container).problem(web.ProblemInternal)
	r, _ := b.retrieve(id)
	require.Equal(t, http.StatusNotFound, r.Status, "no order yet")
	b.precheck.err = nil
	s := b.spawn(container).waits(b, id, nil)
	require.Equal(t, order.StageChecking, s.Stage)
	require.Equal(t, 1, b.count("orders"), "the draft went on")
}

func TestSTB78_ADraftThatBecameAnotherOrderAnswersForItOnly(t *testing.T) {
	b := setup(t)
	p := b.program(asIndividual)
	stale := p.seal(p.file(everything, func(r *bpki.Renewal) { r.NotBefore = r.NotBefore.AddDate(0, 0, 5) }))
	b.spawn(stale).rejected(http.StatusUnprocessableEntity, bpki.FailureBadRequest, bpki.RequestIDOf(stale))
	good := p.seal(p.file(""))
	s := b.spawn(good).waits(b, bpki.RequestIDOf(good), nil)
	require.Equal(t, 1, b.count("orders"), "the same draft")
	r, nonce := b.retrieve(bpki.RequestIDOf(stale))
	require.Equal(t, bpki.StatusRejection, r.response(http.StatusNotFound, bpki.RequestIDOf(stale), nonce).Status)
	b.ends(s, order.EndAnnulled, order.ReasonNotPaid)
	r, nonce = b.retrieve(bpki.RequestIDOf(good))
	ended := r.response(http.StatusGone, bpki.RequestIDOf(good), nonce)
	require.Equal(t, bpki.StatusRejection, ended.Status)
	require.Len(t, ended.Comments, 2)
}

func TestSTB78_OtherProcessesAreRefusedAsTheStandardSays(t *testing.T) {
	b := setup(t)
	for _, path := range []string{"/enroll1", "/enroll2", "/enroll3", "/reenroll", "/setpwd", "/revoke"} {
		for _, body := range [][]byte{[]byte("anything"), {}, bytes.Repeat([]byte{0x30}, 1<<16)} {
			b.container(path, body).rejected(http.StatusForbidden, bpki.FailureBadRequest, bpki.RequestIDOf(body))
		}
	}
}

func TestSTB78_RequestsThatAreNoSpawn(t *testing.T) {
	b := setup(t)
	p := b.program(asIndividual)
	file, agent := p.file(everything), theirs(t).agent
	good := p.seal(file)
	kinds := func(kind bpki.ContentType, content []byte) []byte {
		signed, err := bpki.Sign(kind, content, p.holder.Certificate, p.holder.Key, b.now)
		require.NoError(t, err)
		out, err := bpki.Envelop(signed, agent.Certificate, nil)
		require.NoError(t, err)
		return out
	}
	bare, err := bpki.Envelop(file, agent.Certificate, nil)
	require.NoError(t, err)
	forOther, _, err := bpki.SealRequest(bpki.ContentSpawn, file, p.holder, p.holder.Certificate, b.now, nil)
	require.NoError(t, err)
	signedLate, _, err := bpki.SealRequest(bpki.ContentSpawn, file, p.holder, agent.Certificate, b.now.Add(25*time.Hour), nil)
	require.NoError(t, err)
	ecdsa, err := alg.GenerateKey(alg.KeyECDSAP256, nil)
	require.NoError(t, err)
	foreign, err := testca.ProfileIndividual.Request(testca.SampleIndividual(), ecdsa, nil)
	require.NoError(t, err)
	for name, tc := range map[string]struct {
		body []byte
		want bpki.Failure
	}{
		"nothing":                         {nil, bpki.FailureBadDataFormat},
		"a NUL":                           {[]byte{0}, bpki.FailureBadDataFormat},
		"text":                            {[]byte("запрос"), bpki.FailureBadDataFormat},
		"64 KiB":                          {bytes.Repeat([]byte{0x30, 0x80}, 1<<15), bpki.FailureBadDataFormat},
		"cut":                             {good[:len(good)-1], bpki.FailureBadDataFormat},
		"something after it":              {append(bytes.Clone(good), 0), bpki.FailureBadDataFormat},
		"not enveloped":                   {file, bpki.FailureBadDataFormat},
		"not signed":                      {bare, bpki.FailureBadDataFormat},
		"for somebody else":               {forOther, bpki.FailureBadRequest},
		"signed for reenroll":             {kinds(bpki.ContentReenroll, file), bpki.FailureBadRequest},
		"signed for revocation":           {kinds(bpki.ContentRevoke, file), bpki.FailureBadRequest},
		"no certification request inside": {kinds(bpki.ContentSpawn, []byte("x")), bpki.FailureBadDataFormat},
		"a key of another kind":           {kinds(bpki.ContentSpawn, foreign.Raw), bpki.FailureBadAlgorithm},
		"signed at another time":          {signedLate, bpki.FailureBadRequest},
	} {
		t.Run(name, func(t *testing.T) {
			b.spawn(tc.body).rejected(http.StatusBadRequest, tc.want, bpki.RequestIDOf(tc.body))
		})
	}
	b.ask(http.MethodPost, "/spawn", "", "application/octet-stream", string(good)).problem(web.ProblemMediaType)
	b.container("/spawn", make([]byte, 1<<17)).problem(web.ProblemTooLarge)
	b.ask(http.MethodGet, "/spawn", "", "", "").problem(web.ProblemMethod)
	for _, body := range []string{"", "x", "\x30\x00", strings.Repeat("\x00", 1<<16)} {
		b.container("/retrieve", []byte(body)).rejected(http.StatusBadRequest, bpki.FailureBadDataFormat, bpki.RequestIDOf([]byte(body)))
	}
	require.Zero(t, b.count("orders"))
	unknown := bpki.RequestIDOf([]byte("nobody's"))
	r, nonce := b.retrieve(unknown)
	require.Equal(t, bpki.StatusRejection, r.response(http.StatusNotFound, unknown, nonce).Status)
}

func TestSTB78_OneBitOfARequestFlippedIsNoOrder(t *testing.T) {
	b := setup(t)
	p := b.program(asIndividual)
	good := p.seal(p.file(everything))
	for i := 0; i < len(good); i += 37 {
		bad := bytes.Clone(good)
		bad[i] ^= 4
		r := b.spawn(bad)
		require.GreaterOrEqual(t, r.Status, 400, "octet %d", i)
		require.Less(t, r.Status, 500, "octet %d", i)
	}
	require.Zero(t, b.count("orders"))
}
