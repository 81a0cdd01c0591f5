package api

import (
	"bytes"
	"context"
	"net/http"
	"net/http/httptest"
	"net/url"
	"testing"

	"github.com/gin-gonic/gin"
	"github.com/stretchr/testify/require"

	"github.com/remote-issuance/remote-issuance/api/contract"
	"github.com/remote-issuance/remote-issuance/api/web"
	"github.com/remote-issuance/remote-issuance/internal/audit"
	"github.com/remote-issuance/remote-issuance/internal/card"
	"github.com/remote-issuance/remote-issuance/internal/card/cardtest"
	"github.com/remote-issuance/remote-issuance/internal/order"
)

// noCards is a service that has issued nothing.
func noCards() *EvidenceCards {
	return &EvidenceCards{
		Collect:  func(context.Context, order.ID) (card.Card, error) { return card.Card{}, card.ErrNotIssued },
		Verifier: func() card.Verifier { return card.Verifier{} },
	}
}

// withoutCards is a service without keys of its audit log.
func (b *bundle) withoutCards() {
	b.t.Helper()
	d := b.deps
	d.Cards = nil
	b.serve(d)
}

// withCards lets the service give one made-up card of each service.
func (b *bundle) withCards() map[order.Service][]byte {
	b.t.Helper()
	w, err := cardtest.New()
	require.NoError(b.t, err)
	source, err := w.Source()
	require.NoError(b.t, err)
	made, files := map[order.Service]card.Card{}, map[order.Service][]byte{}
	for _, service := range []order.Service{order.ServiceIndividual, order.ServiceEmployee} {
		id, err := w.Issue(service, 17, cardtest.Changes{})
		require.NoError(b.t, err)
		made[service], err = source.Collect(b.t.Context(), id)
		require.NoError(b.t, err)
		files[service], err = card.PDF(made[service])
		require.NoError(b.t, err)
	}
	d := b.deps
	d.Rates = map[web.Action]web.Rate{}
	d.Cards = &EvidenceCards{
		Verifier: func() card.Verifier {
			return card.Verifier{Roots: w.Roots(), Keys: source.Keys, Within: audit.SealedWithin}
		},
		Collect: func(ctx context.Context, id order.ID) (card.Card, error) {
			view, err := b.orders.Order(ctx, id)
			if err == nil && view.Record.Stage != order.StageEnded {
				err = card.ErrNotIssued
			}
			return made[view.Record.Service], err
		},
	}
	b.serve(d)
	return files
}

// issueAtOnce ends orders as issued, whatever they waited for.
func (b *bundle) issueAtOnce(orders ...*sample) {
	b.t.Helper()
	for _, s := range orders {
		_, err := b.pool.Exec(b.t.Context(), "UPDATE orders SET stage = 'ended', ending = 'issued', waits_until = NULL WHERE id = $1", s.ID.String())
		require.NoError(b.t, err)
	}
}

func TestI1_M6_ACardIsGivenToWhoeverMayReadAllOfIt(t *testing.T) {
	b := setup(t)
	own, listed := b.at(order.StageAwaitingPayment, asIndividual), b.at(order.StageAwaitingApproval, asEmployee)
	mine, hers := "/v1/orders/"+own.ID.String()+"/card", "/v1/orders/"+listed.ID.String()+"/card"
	employees := "/v1/organisation/orders/" + listed.ID.String() + "/card"
	b.withoutCards()
	b.get(mine, asIndividual).problem(web.ProblemNotFound)
	files := b.withCards()
	b.get(mine, asIndividual).problem(web.ProblemCardUnready)
	b.get(employees, asManager).problem(web.ProblemCardUnready)
	b.issueAtOnce(own, listed)
	r := b.get(mine, asIndividual).is(http.StatusOK)
	require.True(t, bytes.Equal(files[order.ServiceIndividual], r.Body))
	require.Equal(t, `attachment; filename="karta-17.pdf"`, r.Header.Get("Content-Disposition"))
	b.get(mine, asStranger).problem(web.ProblemNotFound)
	b.get(hers, asEmployee).problem(web.ProblemCardOfManager)
	b.get(hers, asColleague).problem(web.ProblemNotFound)
	r = b.get(employees, asManager).is(http.StatusOK)
	require.True(t, bytes.Equal(files[order.ServiceEmployee], r.Body))
	b.get("/v1/organisation/orders/"+own.ID.String()+"/card", asManager).problem(web.ProblemNotFound)
	b.get(employees, "Bearer other-manager").problem(web.ProblemNotFound)

	var kinds []string
	rows, err := b.pool.Query(t.Context(), "SELECT actor_kind FROM audit_entries WHERE action = 'card-made' ORDER BY sequence")
	require.NoError(t, err)
	for rows.Next() {
		var kind string
		require.NoError(t, rows.Scan(&kind))
		kinds = append(kinds, kind)
	}
	require.Equal(t, []string{"applicant", "manager"}, kinds, "who has a card stands in the log")
}

func TestI1_M6_AnybodyHasACardVerified(t *testing.T) {
	b := setup(t)
	const path = "/v1/cards/verification"
	verify := func(file []byte, query string) reply {
		return b.ask(http.MethodPost, path+query, "", "application/pdf", string(file))
	}
	b.withoutCards()
	verify([]byte("x"), "").problem(web.ProblemNotFound)
	files := b.withCards()
	for service, file := range files {
		var v contract.CardVerdict
		verify(file, "").is(http.StatusOK, &v)
		require.True(t, v.Good)
		require.Empty(t, v.Failed)
		require.Equal(t, service, v.Service)
		require.EqualValues(t, 17, v.Number)
		require.Equal(t, service.NeedsApproval(), v.ListNumber != 0)
		verify(file, "?code="+url.QueryEscape(v.Code)).is(http.StatusOK, &v)
		require.True(t, v.Good)
		verify(file, "?code=another").is(http.StatusOK, &v)
		require.False(t, v.Good)
		require.Equal(t, contract.CardFailureCode(card.CheckCode), v.Failed[0].Code)
		require.NotEmpty(t, v.Failed[0].Title)

		changed := bytes.Clone(file)
		changed[bytes.Index(changed, []byte("stream\n"))+20] ^= 1
		verify(changed, "").is(http.StatusOK, &v)
		require.False(t, v.Good, "the pages were changed")
		require.Equal(t, contract.CardFailureCode(card.CheckPages), v.Failed[0].Code)
		verify(file[:len(file)-1], "").problem(web.ProblemCardUnreadable)
		verify(append(bytes.Clone(file), file...), "").problem(web.ProblemCardUnreadable)
	}
	for name, file := range map[string][]byte{
		"nothing": nil, "text": []byte("x"), "a PDF": []byte("%PDF-1.7\nstartxref\n9\n%%EOF\n"), "JSON": []byte("{}"),
		"a bomb of arrays": bytes.Repeat([]byte("["), 4<<20), "zeros": make([]byte, 1<<20),
	} {
		require.NotEmpty(t, name)
		verify(file, "").problem(web.ProblemCardUnreadable)
	}
	verify(make([]byte, maxCard+1), "").problem(web.ProblemTooLarge)
	b.ask(http.MethodPost, path, "", "text/plain", "x").problem(web.ProblemMediaType)
	for _, language := range []string{"ru", "be", "en"} {
		c, _ := gin.CreateTestContext(httptest.NewRecorder())
		c.Request = httptest.NewRequest(http.MethodGet, "/", nil)
		c.Request.Header.Set("Accept-Language", language)
		said := b.server.public.Texts(c).Cards
		require.Len(t, said, len(card.Checks()))
		for _, check := range card.Checks() {
			require.NotEmpty(t, said[string(check)])
		}
	}
}
