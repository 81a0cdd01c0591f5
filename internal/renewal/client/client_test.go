package client_test

import (
	"context"
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/remote-issuance/remote-issuance/internal/pki/bpki"
	"github.com/remote-issuance/remote-issuance/internal/pki/path"
	"github.com/remote-issuance/remote-issuance/internal/pki/testca"
	"github.com/remote-issuance/remote-issuance/internal/renewal/client"
	"github.com/remote-issuance/remote-issuance/internal/stb/bign"
)

// bundle is a service that answers as a test wants, and a client that trusts its CA.
type bundle struct {
	t             *testing.T
	ca            *testca.CA
	agent, person bpki.Holder
	server        *httptest.Server
	client        *client.Client
	// about changes what the service says of itself.
	about  func(v map[string]any)
	answer func(w http.ResponseWriter, r *http.Request, body []byte)
	asked  int
}

func setup(t *testing.T) *bundle {
	t.Helper()
	t.Parallel()
	now := time.Now()
	b := &bundle{t: t, about: func(map[string]any) {}}
	var err error
	b.ca, err = testca.New(testca.Options{From: now.AddDate(-2, 0, 0)})
	require.NoError(t, err)
	b.agent, b.person = b.holder(true), b.holder(false)
	b.server = httptest.NewServer(http.HandlerFunc(b.serve))
	t.Cleanup(b.server.Close)
	b.client, err = client.New(b.server.URL+"/", b.validator(), nil)
	require.NoError(t, err)
	return b
}

func (b *bundle) holder(agent bool) bpki.Holder {
	b.t.Helper()
	key, err := bign.GenerateKey(bign.Curve256v1(), nil)
	require.NoError(b.t, err)
	from, to := time.Now().AddDate(0, -1, 0), time.Now().AddDate(1, 0, 0)
	cert, err := b.ca.Issue(testca.ProfileIndividual, testca.SampleIndividual(), key.Public(), from, to)
	if agent {
		cert, err = b.ca.IssueAgent(key.Public(), from, to)
	}
	require.NoError(b.t, err)
	light, err := bpki.ParseCertificate(cert.Raw)
	require.NoError(b.t, err)
	return bpki.Holder{Certificate: light, Key: key}
}

func (b *bundle) validator() *path.Validator {
	b.t.Helper()
	return path.NewValidator(b.ca.Trust(), path.Options{Revocation: path.RevocationOff})
}

func (b *bundle) serve(w http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(r.Body)
	require.NoError(b.t, err)
	if r.URL.Path == "/v1/renewal" {
		v := map[string]any{
			"certificate": b.agent.Certificate.Raw, "spawn": b.server.URL + "/spawn", "retrieve": b.server.URL + "/retrieve", "work": 3,
			"acceptance": "1/1", "startAfterDays": 10, "terms": map[string]any{"agreement": map[string]string{"version": "1", "url": "u"}},
		}
		b.about(v)
		require.NoError(b.t, json.NewEncoder(w).Encode(v))
		return
	}
	b.asked++
	b.answer(w, r, body)
}

func (b *bundle) service() client.Service {
	b.t.Helper()
	s, err := b.client.Service(b.t.Context())
	require.NoError(b.t, err)
	return s
}

// says answers with a response that somebody has signed.
func (b *bundle) says(w http.ResponseWriter, status int, by bpki.Holder, response bpki.Response) {
	body, err := bpki.SealResponse(response, by, time.Now())
	require.NoError(b.t, err)
	w.Header().Set("Content-Type", "application/cms")
	w.WriteHeader(status)
	_, _ = w.Write(body)
}

func TestSTB78_OnlyAnAgentOfATrustedCAIsSpokenTo(t *testing.T) {
	b := setup(t)
	s := b.service()
	require.Equal(t, b.agent.Certificate.Raw, s.Agent.Raw)
	require.Equal(t, 10, s.StartAfterDays)
	require.Equal(t, client.Terms{Version: "1", URL: "u"}, s.Agreement)
	stranger := &bundle{t: t}
	var err error
	stranger.ca, err = testca.New(testca.Options{From: time.Now().AddDate(-2, 0, 0)})
	require.NoError(t, err)
	for name, tc := range map[string]struct {
		change func(v map[string]any)
		want   error
	}{
		"a person's certificate": {func(v map[string]any) { v["certificate"] = b.person.Certificate.Raw }, client.ErrAgent},
		"another CA's agent":     {func(v map[string]any) { v["certificate"] = stranger.holder(true).Certificate.Raw }, client.ErrAgent},
		"no certificate":         {func(v map[string]any) { v["certificate"] = []byte("x") }, client.ErrAgent},
		"another server":         {func(v map[string]any) { v["spawn"] = "http://127.0.0.1:1/spawn" }, client.ErrAddress},
		"another scheme":         {func(v map[string]any) { v["retrieve"] = strings.Replace(b.server.URL, "http", "ftp", 1) }, client.ErrAddress},
	} {
		b.about = tc.change
		_, err := b.client.Service(t.Context())
		require.ErrorIs(t, err, tc.want, name)
	}
}

func TestSTB78_RequestsGoOverProtectedConnections(t *testing.T) {
	t.Parallel()
	for address, good := range map[string]bool{
		"https://issuance.example.by": true, "http://localhost:8080": true, "http://127.0.0.1": true, "http://[::1]:80/": true,
		"http://issuance.example.by": false, "http://127.0.0.1.example.by": false, "ftp://localhost": false, "localhost:8080": false, "": false,
		"https://user@example.by": false, "https://example.by/?x": false, "https://": false, "http://localhost.example.by": false,
	} {
		_, err := client.New(address, nil, nil)
		require.Equal(t, good, err == nil, address)
	}
}

func TestSTB78_OnlyTheAgentsAnswerToThisRequestIsBelieved(t *testing.T) {
	b := setup(t)
	s, container := b.service(), []byte("container")
	id := bpki.RequestIDOf(container)
	waiting := bpki.Response{Status: bpki.StatusWaiting, RequestID: id}
	for name, tc := range map[string]struct {
		status   int
		by       bpki.Holder
		response bpki.Response
	}{
		"signed by a person":        {http.StatusAccepted, b.person, waiting},
		"signed by another agent":   {http.StatusAccepted, b.holder(true), waiting},
		"about another request":     {http.StatusAccepted, b.agent, bpki.Response{Status: bpki.StatusWaiting}},
		"to a repeated request":     {http.StatusAccepted, b.agent, bpki.Response{Status: bpki.StatusWaiting, RequestID: id, Nonce: make([]byte, 8)}},
		"granted, which is nothing": {http.StatusAccepted, b.agent, bpki.Response{Status: bpki.StatusGranted, RequestID: id}},
		"a person's refusal":        {http.StatusForbidden, b.person, bpki.Response{Status: bpki.StatusRejection, Failure: bpki.FailureBadRequest, RequestID: id}},
	} {
		b.answer = func(w http.ResponseWriter, _ *http.Request, _ []byte) { b.says(w, tc.status, tc.by, tc.response) }
		_, err := b.client.Spawn(t.Context(), s, container)
		require.ErrorIs(t, err, client.ErrAnswer, name)
	}
	for _, body := range []string{"", "x", "{}", strings.Repeat("\x30\x80", 1<<18)} {
		b.answer = func(w http.ResponseWriter, _ *http.Request, _ []byte) {
			w.WriteHeader(http.StatusAccepted)
			_, _ = io.WriteString(w, body)
		}
		_, err := b.client.Retrieve(t.Context(), s, id)
		require.ErrorIs(t, err, client.ErrAnswer)
	}
	b.answer = func(w http.ResponseWriter, r *http.Request, _ []byte) {
		http.Redirect(w, r, b.server.URL+"/elsewhere", http.StatusTemporaryRedirect)
	}
	asked := b.asked
	_, err := b.client.Spawn(t.Context(), s, container)
	require.ErrorIs(t, err, client.ErrAnswer)
	require.Equal(t, asked+1, b.asked, "redirections are not followed")
}

func TestSTB78_WaitingAndRefusalsAreTold(t *testing.T) {
	b := setup(t)
	s, container := b.service(), []byte("container")
	id := bpki.RequestIDOf(container)
	b.answer = func(w http.ResponseWriter, r *http.Request, body []byte) {
		n, err := bpki.ParseNonce(r.Header.Get("Nonce"))
		require.NoError(t, err)
		require.NoError(t, n.Check(3, r.Header.Get("Date"), b.server.URL+r.URL.Path, body))
		q, err := bpki.ParseRetrieveRequest(body)
		require.NoError(t, err)
		for name, value := range map[string]string{
			"Retry-After": "7", "Order-Number": "12", "Order-Stage": "awaiting-payment", "Payment-Number": "NOAIS000000001",
			"Payment-Total": "1.00 \u202eNYB", "Payment-Due": strings.Repeat("9", 1000),
		} {
			w.Header()[name] = []string{value}
		}
		b.says(w, http.StatusAccepted, b.agent, bpki.Response{Status: bpki.StatusWaiting, RequestID: q.RequestID, Nonce: q.Nonce[:]})
	}
	a, err := b.client.Retrieve(t.Context(), s, id)
	require.NoError(t, err)
	require.Equal(t, 7*time.Second, a.After)
	require.Equal(t, "NOAIS000000001", a.Standing.PaymentNumber)
	require.Empty(t, a.Standing.PaymentTotal, "headers are not signed, and shown in a terminal")
	require.LessOrEqual(t, len(a.Standing.PaymentDue), 64)

	b.answer = func(w http.ResponseWriter, _ *http.Request, _ []byte) {
		b.says(w, http.StatusForbidden, b.agent, bpki.Response{
			Status: bpki.StatusRejection, Failure: bpki.FailureBadRequest, Comments: []string{"why"}, RequestID: id,
		})
	}
	_, err = b.client.Spawn(t.Context(), s, container)
	var refused *client.RejectedError
	require.ErrorAs(t, err, &refused)
	require.Equal(t, []string{"why"}, refused.Comments)
}

func TestSTB78_WhatSaysNotNowIsTriedAgain(t *testing.T) {
	b := setup(t)
	s, container := b.service(), []byte("container")
	var levels []int
	b.answer = func(w http.ResponseWriter, r *http.Request, body []byte) {
		n, err := bpki.ParseNonce(r.Header.Get("Nonce"))
		require.NoError(t, err)
		levels = append(levels, n.Level)
		switch len(levels) {
		case 1:
			w.Header().Set("Nonce", "5")
			w.WriteHeader(http.StatusPreconditionRequired)
		case 2, 3:
			w.Header().Set("Retry-After", "1")
			w.Header().Set("Content-Type", "application/problem+json")
			w.WriteHeader(map[int]int{2: http.StatusServiceUnavailable, 3: http.StatusConflict}[len(levels)])
		default:
			b.says(w, http.StatusAccepted, b.agent, bpki.Response{Status: bpki.StatusWaiting, RequestID: bpki.RequestIDOf(body)})
		}
	}
	_, err := b.client.Spawn(t.Context(), s, container)
	require.NoError(t, err)
	require.Equal(t, []int{3, 5, 5, 5}, levels)

	b.answer = func(w http.ResponseWriter, _ *http.Request, _ []byte) { w.WriteHeader(http.StatusRequestTimeout) }
	_, err = b.client.Spawn(t.Context(), s, container)
	require.ErrorIs(t, err, client.ErrClock)
	for _, level := range []string{"", "x", "0", "29", "256"} {
		b.answer = func(w http.ResponseWriter, _ *http.Request, _ []byte) {
			w.Header().Set("Nonce", level)
			w.WriteHeader(http.StatusPreconditionRequired)
		}
		_, err = b.client.Spawn(t.Context(), s, container)
		require.Error(t, err, "days of work: %s", level)
	}
	ctx, stop := context.WithTimeout(t.Context(), 100*time.Millisecond)
	defer stop()
	b.answer = func(w http.ResponseWriter, _ *http.Request, _ []byte) { w.WriteHeader(http.StatusBadGateway) }
	_, err = b.client.Spawn(ctx, s, container)
	require.ErrorIs(t, err, context.DeadlineExceeded)
}
