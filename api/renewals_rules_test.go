package api

import (
	"context"
	"net/http"
	"net/http/httptest"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/remote-issuance/remote-issuance/api/web"
	"github.com/remote-issuance/remote-issuance/internal/order"
	"github.com/remote-issuance/remote-issuance/internal/pki/bpki"
)

// Whoever may not sign in and order may not do it by a program either.
func TestA1_AProgramIsAdmittedByTheCertificateItSignsWith(t *testing.T) {
	b := setup(t)
	for token, open := range map[string]bool{
		asEmployee: true, asIndividual: true, asManager: true, "Bearer proprietor": true,
		"Bearer idcard": false, "Bearer early": false, "Bearer expired": false, "Bearer revoked-employee": false, "Bearer foreign-employee": false,
		"Bearer server-employee": false, "Bearer abroad": false,
	} {
		t.Run(token, func(t *testing.T) {
			p := b.program(token)
			if strings.Contains(token, "employee") {
				p.days = 10
			}
			container := p.seal(p.file(everything))
			id := bpki.RequestIDOf(container)
			if open {
				b.spawn(container).waits(b, id, nil)
				return
			}
			b.spawn(container).rejected(http.StatusForbidden, bpki.FailureBadRequest, id)
			r, _ := b.retrieve(id)
			require.Equal(t, http.StatusNotFound, r.Status)
		})
	}
	require.Equal(t, 4, b.count("orders"))
	// Somebody else's certificate beside one's own key.
	thief := b.program(asStranger)
	thief.holder.Certificate = b.program(asIndividual).holder.Certificate
	_, _, err := bpki.SealRequest(bpki.ContentSpawn, thief.file(everything), thief.holder, theirs(t).agent.Certificate, b.now, nil)
	require.ErrorIs(t, err, bpki.ErrMismatch)
}

func TestS1_AProgramAcceptsTheTermsInTheRequestOrThePortal(t *testing.T) {
	b := setup(t)
	contacts := " email=" + testEmail + " phone=" + testPhone
	for _, tc := range []struct {
		info   string
		status int
		why    bpki.Failure
	}{
		{contacts, http.StatusConflict, bpki.FailureUnacceptedPolicy},
		{"terms=agreement-2/contract-7" + contacts, http.StatusConflict, bpki.FailureUnacceptedPolicy},
		{"terms=agreement-3" + contacts, http.StatusConflict, bpki.FailureUnacceptedPolicy},
		{"terms=contract-7/agreement-3" + contacts, http.StatusConflict, bpki.FailureUnacceptedPolicy},
		{"terms=AGREEMENT-3/CONTRACT-7" + contacts, http.StatusConflict, bpki.FailureUnacceptedPolicy},
		{accepted + " " + accepted + contacts, http.StatusUnprocessableEntity, bpki.FailureAddInfoNotAvailable},
		{"terms=" + contacts, http.StatusUnprocessableEntity, bpki.FailureAddInfoNotAvailable},
	} {
		p := b.program(asIndividual)
		container := p.seal(p.file(tc.info))
		b.spawn(container).rejected(tc.status, tc.why, bpki.RequestIDOf(container))
	}
	require.Zero(t, b.count("orders"), "nothing is opened without")

	draft := b.at(order.StageRequest, asIndividual)
	p := b.program(asIndividual)
	container := p.seal(p.file(contacts))
	s := b.spawn(container).waits(b, bpki.RequestIDOf(container), nil)
	require.Equal(t, draft.ID, s.ID, "A6: the draft of the portal goes on")
	p = b.program(asIndividual)
	container = p.seal(p.file(""))
	b.spawn(container).rejected(http.StatusConflict, bpki.FailureUnacceptedPolicy, bpki.RequestIDOf(container))
	container = p.seal(p.file(accepted))
	other := b.spawn(container).waits(b, bpki.RequestIDOf(container), nil)
	require.NotEqual(t, s.ID, other.ID)
	require.Equal(t, s.Contacts, other.Contacts, "S2: those of the last order")
}

func TestS2_ContactsOfAProgram(t *testing.T) {
	b := setup(t)
	for info, fields := range map[string][]string{
		accepted:                         {"email", "phone"},
		accepted + " email=" + testEmail: {"phone"},
		accepted + " phone=" + testPhone: {"email"},
		accepted + " email=x phone=y":    {"email", "phone"},
		accepted + " email=олег@example.by phone=" + testPhone:   {"email"},
		accepted + " email=" + testEmail + " phone=80291234567x": {"phone"},
	} {
		p := b.program(asIndividual)
		container := p.seal(p.file(info))
		r := b.spawn(container)
		said := r.rejected(http.StatusUnprocessableEntity, bpki.FailureAddInfoNotAvailable, bpki.RequestIDOf(container)).Comments
		require.Len(t, said, 1+len(fields), "%s: %v", info, said)
		for i, f := range fields {
			require.True(t, strings.HasPrefix(said[1+i], f+": "))
		}
	}
	p := b.program(asIndividual)
	container := p.seal(p.file("phone=" + testPhone + "  email=" + testEmail + " \u00a0" + accepted))
	b.spawn(container).waits(b, bpki.RequestIDOf(container), nil)
}

// What the first check refuses is named, without the values: responses are not encrypted.
func TestS4_ARefusedRequestNamesTheChecks(t *testing.T) {
	b := setup(t)
	p := b.program(asIndividual)
	container := p.seal(p.file(everything, func(r *bpki.Renewal) { r.Position = "Директор" }))
	said := strings.Join(b.spawn(container).rejected(http.StatusUnprocessableEntity, bpki.FailureBadRequest, bpki.RequestIDOf(container)).Comments, "\n")
	require.Contains(t, said, "position")
	require.NotContains(t, said, "Директор")
	late := p.seal(p.file(everything, func(r *bpki.Renewal) { r.NotBefore = r.NotBefore.AddDate(0, 0, -1) }))
	b.spawn(late).rejected(http.StatusUnprocessableEntity, bpki.FailureBadRequest, bpki.RequestIDOf(late))
	b.ask(http.MethodPost, "/spawn", "", mediaTypeCMS, string(late), "Accept-Language", "be").
		rejected(http.StatusUnprocessableEntity, bpki.FailureBadRequest, bpki.RequestIDOf(late))
}

func TestP4_AnEarlierPaymentNamedInTheRequestPays(t *testing.T) {
	b := setup(t)
	former := b.at(order.StageAwaitingPayment, asIndividual)
	number := former.bill.Number.ERIP()
	b.ends(former, order.EndAnnulled, order.ReasonNotPaid)
	b.notify(payment(number, former.bill.Total.String())).is(http.StatusOK)
	require.Len(t, b.payments("").Payments, 1, "too late: unapplied")
	for _, info := range []string{"NOAIS000999999", "erip", "erip12345678901", "SN112358", number + "x", number + " " + number} {
		p := b.program(asIndividual)
		container := p.seal(p.file(everything + " " + info))
		if len(everything+" "+info) > 128 {
			continue
		}
		b.spawn(container).rejected(http.StatusUnprocessableEntity, bpki.FailureAddInfoNotAvailable, bpki.RequestIDOf(container))
	}
	// The number of another person says as little as one that nobody has.
	thief := b.program(asStranger)
	container := thief.seal(thief.file(number + " " + everything))
	b.spawn(container).rejected(http.StatusUnprocessableEntity, bpki.FailureAddInfoNotAvailable, bpki.RequestIDOf(container))

	p := b.program(asIndividual)
	container = p.seal(p.file("erip" + strings.TrimLeft(number[5:], "0") + " " + accepted))
	id := bpki.RequestIDOf(container)
	s := b.spawn(container).waits(b, id, nil)
	require.Len(t, b.payments("").Payments, 1, "not before there is something to pay")
	s = b.saved(s)
	for range 3 {
		r, nonce := b.retrieve(id)
		r.waits(b, id, nonce)
	}
	require.Empty(t, b.payments("").Payments)
	applied := b.payments("?state=applied").Payments
	require.Len(t, applied, 1)
	view, err := b.orders.Order(t.Context(), s.ID)
	require.NoError(t, err)
	require.EqualValues(t, "paid", view.Payable.State)
}

func TestP4_OnlyTheWholePriceOnceIsTaken(t *testing.T) {
	for name, amounts := range map[string][]string{"too little": {"1.00"}, "too much": {"99.00"}, "which of two": {"86.40", "86.40"}} {
		t.Run(name, func(t *testing.T) {
			b := setup(t)
			former := b.at(order.StageAwaitingPayment, asIndividual)
			b.ends(former, order.EndAnnulled, order.ReasonNotPaid)
			for _, amount := range amounts {
				b.notify(payment(former.bill.Number.ERIP(), amount)).is(http.StatusOK)
			}
			p := b.program(asIndividual)
			container := p.seal(p.file(former.bill.Number.ERIP() + " " + accepted))
			id := bpki.RequestIDOf(container)
			s := b.saved(b.spawn(container).waits(b, id, nil))
			r, nonce := b.retrieve(id)
			r.waits(b, id, nonce)
			require.Equal(t, s.bill.Number.ERIP(), r.Header.Get("Payment-Number"), "it is still to be paid")
			require.Len(t, b.payments("").Payments, len(amounts), "an operator decides")
		})
	}
}

func TestSTB78_WorkIsWantedBeforeAnythingElse(t *testing.T) {
	b := setup(t)
	d := b.deps
	protocol := *d.Renewal
	protocol.Work = 6
	d.Renewal = &protocol
	b.serve(d)
	p := b.program(asIndividual)
	container := p.seal(p.file(everything))
	at := b.now.Format(http.TimeFormat)
	work := func(level int, date, address string) string {
		n, err := bpki.Work(context.Background(), level, date, address, container, nil)
		require.NoError(t, err)
		return n.String()
	}
	for name, tc := range map[string]struct {
		nonce, date string
		want        web.Slug
	}{
		"none":                {"", "", web.ProblemWork},
		"no date":             {work(6, at, publicURL+"/spawn"), "", web.ProblemDate},
		"no instant":          {work(6, "now", publicURL+"/spawn"), "now", web.ProblemDate},
		"of before":           {work(6, b.now.Add(-6*time.Minute).Format(http.TimeFormat), publicURL+"/spawn"), b.now.Add(-6 * time.Minute).Format(http.TimeFormat), web.ProblemDate},
		"of later":            {"0123456789ABCDEF:6", b.now.Add(6 * time.Minute).Format(http.TimeFormat), web.ProblemDate},
		"too little":          {"0123456789ABCDEF:5", at, web.ProblemWork},
		"not done":            {"0123456789ABCDEF:40", at, web.ProblemWork},
		"malformed":           {"0123456789ABCDEF", at, web.ProblemWork},
		"for another process": {strings.Replace(work(11, at, publicURL+"/retrieve"), ":11", ":12", 1), at, web.ProblemWork},
		"for another date":    {strings.Replace(work(11, "x", publicURL+"/spawn"), ":11", ":12", 1), at, web.ProblemWork},
	} {
		t.Run(name, func(t *testing.T) {
			var headers []string
			if tc.nonce != "" {
				headers = append(headers, "Nonce", tc.nonce)
			}
			if tc.date != "" {
				headers = append(headers, "Date", tc.date)
			}
			r := b.container("/spawn", container, headers...)
			r.problem(tc.want)
			require.Equal(t, "6", r.Header.Get("Nonce"))
		})
	}
	twice := httptest.NewRequest(http.MethodPost, "/spawn", strings.NewReader(string(container)))
	twice.Header = http.Header{"Content-Type": {mediaTypeCMS}, "Date": {at}, "Nonce": {work(6, at, publicURL+"/spawn"), work(6, at, publicURL+"/spawn")}}
	b.send(twice).problem(web.ProblemWork)

	done := []string{"Nonce", work(6, at, publicURL+"/spawn"), "Date", at}
	b.container("/spawn", container, done...).waits(b, bpki.RequestIDOf(container), nil)
	b.container("/spawn", container, done...).problem(web.ProblemWork)
	require.Equal(t, 1, b.count("orders"))
	for _, path := range []string{"/retrieve", "/revoke"} {
		b.container(path, container).problem(web.ProblemWork)
	}
}

func TestSTB78_APersonSpendsTheirOwnRateOnly(t *testing.T) {
	b := setup(t)
	d := b.deps
	d.Rates = map[web.Action]web.Rate{web.ActionOpen: {Burst: 2, Every: time.Hour}}
	b.serve(d)
	for range 4 {
		p := b.program("Bearer foreign-employee")
		p.days = 10
		container := p.seal(p.file(everything))
		b.spawn(container).rejected(http.StatusForbidden, bpki.FailureBadRequest, bpki.RequestIDOf(container))
	}
	var last []byte
	for range 2 {
		p := b.program(asEmployee)
		last = p.seal(p.file(everything))
		b.spawn(last).waits(b, bpki.RequestIDOf(last), nil)
	}
	p := b.program(asEmployee)
	r := b.spawn(p.seal(p.file(everything)))
	r.problem(web.ProblemTooMany)
	wait, err := strconv.Atoi(r.Header.Get("Retry-After"))
	require.NoError(t, err)
	require.Positive(t, wait)
	b.spawn(last).waits(b, bpki.RequestIDOf(last), nil)
}
