package browser_test

import (
	"net/http"
	"strings"
	"testing"

	"github.com/chromedp/chromedp"
	"github.com/stretchr/testify/require"

	"github.com/remote-issuance/remote-issuance/dev/browser"
	"github.com/remote-issuance/remote-issuance/portal/portaltest"
)

func TestS2_TwoTabsWithDifferentFilesSendOne(t *testing.T) {
	t.Parallel()
	p, s := visitor(t)
	tab, end, err := p.tab.Another()
	require.NoError(t, err)
	t.Cleanup(end)
	other := &person{t: t, tab: tab, texts: p.texts, base: p.base}
	for i, one := range []*person{p, other} {
		one.goTo(path("request") + "/request")
		one.upload("input[type=file]", "a.req", []byte(strings.Repeat("a request ", i+1)))
	}
	for _, one := range []*person{p, other} {
		one.click(button)
		one.at(path("request") + "/checks")
	}
	require.LessOrEqual(t, s.API.Calls(http.MethodPost, "/request"), 2)
	require.Equal(t, 1, s.API.Uploads(portaltest.IDOf("request")), "the later file changes nothing")
}

func TestM6_BackAfterTheSignatureLeadsToThePayment(t *testing.T) {
	t.Parallel()
	p, s := visitor(t)
	p.goTo("/organisation")
	p.click("tbody input[type=checkbox] + label")
	p.press("manager.orders.make")
	p.at("/organisation/lists/.*/signature")
	p.upload("#file-input", "list.p7s", []byte("a signature"))
	p.press("manager.sign.send")
	p.at("/organisation/lists/.*/payment")
	_, err := browser.Read[bool](p.tab, "history.back(), true")
	require.NoError(t, err)
	p.at("/organisation/lists/.*/payment")
	require.Equal(t, 1, s.API.Calls(http.MethodPost, "/signature"))
}

func TestWithoutANetworkNothingIsSentAndNothingIsLost(t *testing.T) {
	t.Parallel()
	p, s := visitor(t)
	p.goTo(path("request") + "/request")
	p.fill("#phone", "+375291112233")
	p.upload("input[type=file]", "a.req", []byte("a request"))
	require.NoError(t, p.tab.Offline(true))
	p.click(button)
	p.reads("common.offline")
	violations, err := p.tab.Axe()
	require.NoError(t, err)
	require.Empty(t, violations)
	// The button takes no second click within a second of the first.
	_, err = browser.Read[bool](p.tab, "new Promise((done) => setTimeout(() => done(true), 1100))")
	require.NoError(t, err)
	require.NoError(t, p.tab.Offline(false))
	p.click(button)
	p.at(path("request") + "/checks")
	require.Equal(t, 1, s.API.Calls(http.MethodPost, "/request"))
}

// What makes and uses keys is a file of the page: once it is there, only the
// list itself is asked for.
func TestAListIsNotSignedWithoutANetwork(t *testing.T) {
	t.Parallel()
	p, s := visitor(t)
	states, err := s.API.Organisation.AddLists()
	require.NoError(t, err)
	for _, l := range states {
		if l.Name == "signature" {
			p.goTo(l.Page)
		}
	}
	p.at("/organisation/lists/.*/signature")
	p.upload("#container-input", "key.p8", []byte("a container"))
	p.upload("#certificate-input", "a.cer", []byte("a certificate"))
	p.fill("#password", "a password")
	require.NoError(t, p.tab.Offline(true))
	require.NoError(t, p.tab.Do(chromedp.Click("#sign")))
	p.reads("keys.problem.network")
	require.Zero(t, s.API.Calls(http.MethodPost, "/signature"))
	password, err := browser.Read[string](p.tab, "document.getElementById('password').value")
	require.NoError(t, err)
	require.Equal(t, "a password", password)
}
