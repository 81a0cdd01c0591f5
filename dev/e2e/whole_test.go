package e2e_test

import (
	"encoding/json"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/remote-issuance/remote-issuance/dev/authority"
	"github.com/remote-issuance/remote-issuance/dev/caller"
	"github.com/remote-issuance/remote-issuance/dev/persons"
	"github.com/remote-issuance/remote-issuance/dev/stack"
	"github.com/remote-issuance/remote-issuance/dev/supervise"
)

// The whole stack (databases, Temporal, sandboxes, API and worker) is killed at once and started again, again and again.
func TestI1_WholeStackKilled(t *testing.T) {
	dir := t.TempDir()
	alone := startAlone(t, dir)
	s := &story{patient: true}
	alone.enter(s)
	for i, step := range steps() {
		step.do(t, s)
		if i%2 == 1 {
			require.NoError(t, alone.process.Kill(), "after %s", step.name)
			alone = startAlone(t, dir)
			alone.enter(s)
		}
	}
	require.Equal(t, 1, countCertificates(s.w, alone.urls.Database, s.order.ID))
	s.w.fetched(s.employee, s.order.ID)
	require.NoError(t, alone.process.Stop())
}

// aloneStack is a stack in a process of its own.
type aloneStack struct {
	t       *testing.T
	dir     string
	process *supervise.Process
	urls    stack.URLs
}

func announcement(dir string) string { return filepath.Join(dir, "urls.json") }

// announce tells the test where the parts are, once they are ready.
func announce(dir string, urls stack.URLs) error {
	data, err := json.Marshal(urls)
	if err != nil {
		return err
	}
	next := announcement(dir) + ".new"
	if err := os.WriteFile(next, data, 0o600); err != nil {
		return err
	}
	return os.Rename(next, announcement(dir))
}

func startAlone(t *testing.T, dir string) *aloneStack {
	t.Helper()
	require.NoError(t, os.RemoveAll(announcement(dir)))
	executable, err := os.Executable()
	require.NoError(t, err)
	log := filepath.Join(dir, "logs", "stack.log")
	process, err := supervise.Start(t.Context(), supervise.Options{Name: "stack", Path: executable, Args: []string{wholeStack, dir},
		LogFile: log, StopTimeout: 30 * time.Second})
	require.NoError(t, err)
	t.Cleanup(func() { _ = process.Kill() })
	a := &aloneStack{t: t, dir: dir, process: process}
	require.Eventually(t, func() bool {
		data, err := os.ReadFile(announcement(dir))
		return err == nil && json.Unmarshal(data, &a.urls) == nil
	}, time.Minute, 20*time.Millisecond, "the stack does not start, its log is %s", log)
	return a
}

// enter gives a story the sample persons of this stack.
func (a *aloneStack) enter(s *story) {
	a.t.Helper()
	document, err := loadContract()
	require.NoError(a.t, err)
	s.w = &world{t: a.t, http: &http.Client{Transport: &caller.Checked{Contract: document, Covered: &all.covered,
		Violation: func(err error) { a.t.Errorf("contract: %v", err) }}}}
	families := []authority.Family{authority.Bign, authority.ECDSA}
	cas, err := authority.Open(filepath.Join(a.dir, "pki"), "", time.Now(), families...)
	require.NoError(a.t, err)
	holders, err := persons.Open(filepath.Join(a.dir, "persons"), cas, time.Now(), persons.Sample(families...))
	require.NoError(a.t, err)
	for _, h := range holders {
		switch h.ID {
		case persons.Director:
			s.w.director = &party{Holder: h, Caller: a.caller(s.w, h.ID)}
		case persons.Vera:
			s.employee = &party{Holder: h, Caller: a.caller(s.w, h.ID)}
		}
	}
	s.w.gateway = a.caller(s.w, persons.Gateway)
}

// caller asks the issuer for a token over HTTP, as scripts do.
func (a *aloneStack) caller(w *world, id string) *caller.Caller {
	a.t.Helper()
	response, err := http.PostForm(a.urls.OIDC+"/token", url.Values{"person": {id}})
	require.NoError(a.t, err)
	defer func() { _ = response.Body.Close() }()
	var token struct {
		AccessToken string `json:"access_token"`
	}
	require.NoError(a.t, json.NewDecoder(response.Body).Decode(&token))
	return &caller.Caller{Base: a.urls.API, Token: token.AccessToken, HTTP: w.http}
}
