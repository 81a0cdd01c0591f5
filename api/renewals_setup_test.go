package api

import (
	"errors"
	"net/http"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/remote-issuance/remote-issuance/internal/order"
	"github.com/remote-issuance/remote-issuance/internal/pki/bpki"
	"github.com/remote-issuance/remote-issuance/internal/renewal"
	"github.com/remote-issuance/remote-issuance/internal/stb/bign"
)

// program renews for the holder of a certificate of the tests.
type program struct {
	b      *bundle
	holder bpki.Holder
	key    *bign.PrivateKey
	days   int
}

const accepted = "terms=agreement-3/contract-7"

// everything is what a request says when nobody knows its person yet.
const everything = accepted + " email=" + testEmail + " phone=" + testPhone

func (b *bundle) program(token string) *program {
	b.t.Helper()
	p := &program{b: b}
	if serviceOf(token).NeedsApproval() {
		p.days = order.DefaultPolicy().StartAfterDays
	}
	everyone := b.people
	der := everyone.tokens[token].Certificate
	var err error
	p.holder.Certificate, err = bpki.ParseCertificate(der)
	require.NoError(b.t, err)
	p.holder.Key = everyone.keys[string(der)].(*bign.PrivateKey) //nolint:forcetypeassert // all keys of the tests are
	p.key, err = bign.GenerateKey(bign.Curve256v1(), nil)
	require.NoError(b.t, err)
	return p
}

// file is the certification request with the information.
func (p *program) file(info string, change ...func(*bpki.Renewal)) []byte {
	p.b.t.Helper()
	from, to := bpki.RenewalPeriod(p.b.now, p.days, 1)
	r := bpki.Renewal{NotBefore: from, NotAfter: to}
	if info != "" {
		r.Challenge = &bpki.Challenge{Info: info}
	}
	for _, f := range change {
		f(&r)
	}
	csr, err := r.Request(p.holder.Certificate, p.key)
	require.NoError(p.b.t, err)
	return csr
}

// seal puts a certification request into a container.
func (p *program) seal(file []byte) []byte {
	p.b.t.Helper()
	container, _, err := bpki.SealRequest(bpki.ContentSpawn, file, p.holder, p.b.people.agent.Certificate, p.b.now, nil)
	require.NoError(p.b.t, err)
	return container
}

func (b *bundle) container(path string, body []byte, headers ...string) reply {
	b.t.Helper()
	return b.ask(http.MethodPost, path, "", mediaTypeCMS, string(body), headers...)
}

func (b *bundle) spawn(container []byte) reply { b.t.Helper(); return b.container("/spawn", container) }

// ask again what became of a request.
func (b *bundle) retrieve(id bpki.RequestID) (reply, []byte) {
	b.t.Helper()
	q, err := bpki.NewRetrieveRequest(id, nil)
	require.NoError(b.t, err)
	der, err := q.Marshal()
	require.NoError(b.t, err)
	return b.container("/retrieve", der), q.Nonce[:]
}

// response requires a signed response to the request with the status.
func (r reply) response(status int, id bpki.RequestID, nonce []byte) bpki.Response {
	r.t.Helper()
	require.Equal(r.t, status, r.Status, "%s", r.Body)
	require.Equal(r.t, mediaTypeCMS, r.Header.Get("Content-Type"))
	response, signed, err := bpki.OpenResponse(r.Body)
	require.NoError(r.t, err)
	require.Equal(r.t, theirs(r.t).agent.Certificate.Raw, signed.Certificate.Raw)
	require.NoError(r.t, response.Answers(id, nonce))
	return response
}

// waits requires that the request waits, and returns its order.
func (r reply) waits(b *bundle, id bpki.RequestID, nonce []byte) *sample {
	r.t.Helper()
	require.Equal(r.t, bpki.StatusWaiting, r.response(http.StatusAccepted, id, nonce).Status)
	require.NotEmpty(r.t, r.Header.Get("Retry-After"))
	e, err := postgresRenewals(b).Find(r.t.(*testing.T).Context(), id)
	require.NoError(r.t, err)
	require.True(r.t, e.Taken)
	return b.again(&sample{Record: order.Record{ID: e.OrderID}})
}

// rejected requires a refusal for the reason.
func (r reply) rejected(status int, why bpki.Failure, id bpki.RequestID) bpki.Response {
	r.t.Helper()
	response := r.response(status, id, nil)
	require.Equal(r.t, bpki.StatusRejection, response.Status)
	require.Equal(r.t, why, response.Failure, "%v", response.Comments)
	require.NotEmpty(r.t, response.Comments)
	return response
}

func postgresRenewals(b *bundle) interface {
	renewal.Store
	RenewalStore
} {
	return b.deps.Renewal.Service.Store.(interface { //nolint:forcetypeassert // it is postgres.Renewals
		renewal.Store
		RenewalStore
	})
}

// saved ends the second check of an order.
func (b *bundle) saved(s *sample) *sample {
	b.t.Helper()
	var err error
	s.Record, s.bill, err = b.orders.Save(b.t.Context(), s.ID, order.Report{{Code: order.CheckPerson, Verdict: order.VerdictPassed}}, b.now)
	require.NoError(b.t, err)
	return s
}

// errCut stands for a process that dies.
var errCut = errors.New("cut short")

// count counts rows.
func (b *bundle) count(from string) (n int) {
	b.t.Helper()
	require.NoError(b.t, b.pool.QueryRow(b.t.Context(), "SELECT count(*) FROM "+from).Scan(&n))
	return n
}

// later is an instant of the tests that another process would have.
func later(b *bundle, d time.Duration) { b.now = b.now.Add(d) }
