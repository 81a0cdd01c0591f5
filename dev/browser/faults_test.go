package browser_test

import (
	"net/http"
	"testing"

	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"
	"github.com/stretchr/testify/require"

	"github.com/remote-issuance/remote-issuance/dev/browser"
	"github.com/remote-issuance/remote-issuance/internal/order"
	"github.com/remote-issuance/remote-issuance/portal/catalogue"
	"github.com/remote-issuance/remote-issuance/portal/portaltest"
)

// visitor is somebody before the portal on orders that are made up.
func visitor(t *testing.T) (*person, *portaltest.Stack) {
	t.Helper()
	s := madeUp(t)
	texts, err := catalogue.Load()
	require.NoError(t, err)
	p := &person{t: t, tab: device(t), texts: texts.Pick("ru", ""), base: s.URL}
	require.NoError(t, p.tab.Go(s.URL+"/language/ru?to=/", 1280))
	require.NoError(t, p.tab.Go(s.URL+"/sign-in", 1280))
	return p, s
}

func (p *person) goTo(path string) {
	p.t.Helper()
	require.NoError(p.t, p.tab.Go(p.base+path, 1280))
}

// twice clicks a button two times before anything can come back.
func (p *person) twice(selector string) {
	p.t.Helper()
	_, err := browser.Read[bool](p.tab, "(() => { const b = document.querySelector("+quoted(selector)+"); b.click(); b.click(); return true })()")
	require.NoError(p.t, err)
}

func TestS8_DoubleClickBackAndASecondTabSendNothingTwice(t *testing.T) {
	t.Parallel()
	p, s := visitor(t)
	p.goTo(path("request") + "/request")
	p.upload("input[type=file]", "a.req", []byte("a request"))
	p.twice(button)
	p.at(path("request") + "/checks")
	require.Equal(t, 1, s.API.Calls(http.MethodPost, "/request"), "a double click sends one request")

	_, err := browser.Read[bool](p.tab, "history.back(), true")
	require.NoError(t, err)
	p.at(path("request") + "/checks")
	require.Equal(t, 1, s.API.Calls(http.MethodPost, "/request"))

	p.goTo(path("terms") + "/terms")
	tab, end, err := p.tab.Another()
	require.NoError(t, err)
	t.Cleanup(end)
	other := &person{t: t, tab: tab, texts: p.texts, base: p.base}
	other.goTo(path("terms") + "/terms")
	for _, one := range []*person{other, p} {
		one.press("applicant.terms.agreement")
		one.press("applicant.terms.contract")
		one.press("applicant.terms.accept")
		one.at(path("terms") + "/request")
	}
	require.Equal(t, 1, s.API.Calls(http.MethodPost, "/terms"), "the later tab is led to where the order is")
}

func TestALostSessionKeepsWhatWasTyped(t *testing.T) {
	t.Parallel()
	p, s := visitor(t)
	p.goTo(path("request") + "/request")
	p.fill("#phone", "+375291112233")
	require.NoError(t, p.tab.Forget("portal"))
	require.NoError(t, p.tab.Do(chromedp.Click(button)))
	p.reads("common.sign-in.lost")
	require.Zero(t, s.API.Calls(http.MethodPost, "/request"))
	p.press("common.sign-in.button")
	p.at(path("request") + "/request")
	p.reads("common.notice.session-lost")
	phone, err := browser.Read[string](p.tab, "document.getElementById('phone').value")
	require.NoError(t, err)
	require.Equal(t, "+375291112233", phone)
}

func TestD2_AnOrderThatExpiredMeanwhileSaysSo(t *testing.T) {
	t.Parallel()
	p, s := visitor(t)
	p.goTo(path("request") + "/request")
	p.upload("input[type=file]", "a.req", []byte("a request"))
	s.API.Change(portaltest.IDOf("request"), func(s *portaltest.State) {
		s.Order.Stage, s.Order.End, s.Order.Reason = order.StageEnded, order.EndAnnulled, order.ReasonNotFinished
	})
	require.NoError(t, p.tab.Do(chromedp.Click(button)))
	p.at(path("request") + "/ended")
	p.reads("applicant.ended.annulled.not-finished")
}

func TestWithoutTheServiceOrThePortalPeopleAreTold(t *testing.T) {
	t.Parallel()
	p, s := visitor(t)
	p.goTo(path("approval") + "/waiting")
	s.CloseAPI()
	p.open("/orders")
	p.reads("problems.unavailable.title")
	p.reads("problems.unavailable.text")
	p.open("/payment-status?number=NOAIS000092239")
	p.reads("problems.unavailable.title")

	p, s = visitor(t)
	p.goTo(path("approval") + "/waiting")
	s.Close()
	p.reads("common.live.lost")
}

// open opens a path whatever the answer.
func (p *person) open(path string) {
	p.t.Helper()
	require.NoError(p.t, p.tab.Do(chromedp.Navigate(p.base+path)))
}

// TestTheKeyboardIsEnough takes an order from the cabinet to the checks, and a
// list to its payment, without a pointer.
func TestTheKeyboardIsEnough(t *testing.T) {
	t.Parallel()
	p, _ := visitor(t)
	p.goTo("/new-order")
	require.NoError(t, p.tab.Do(chromedp.KeyEvent(kb.Tab)))
	focused, err := browser.Read[string](p.tab, "document.activeElement.className")
	require.NoError(t, err)
	require.Equal(t, "govuk-skip-link", focused, "the first stop skips to the content")
	p.goTo("/new-order")
	p.tabTo("#service")
	require.NoError(t, p.tab.Do(chromedp.KeyEvent(" ")))
	p.tabTo(button)
	require.NoError(t, p.tab.Do(chromedp.KeyEvent(kb.Enter)))
	p.at("/new-order/6.0.01")
	p.tabTo(button)
	require.NoError(t, p.tab.Do(chromedp.KeyEvent(kb.Enter)))
	p.at("/orders/.*/request")

	p.goTo(path("terms") + "/terms")
	for _, id := range []string{"#agreement", "#contract"} {
		p.tabTo(id)
		require.NoError(t, p.tab.Do(chromedp.KeyEvent(" ")))
	}
	p.tabTo(button)
	require.NoError(t, p.tab.Do(chromedp.KeyEvent(kb.Enter)))
	p.at("/orders/.*/request")

	p.goTo("/organisation")
	p.tabTo("tbody input[type=checkbox]")
	require.NoError(t, p.tab.Do(chromedp.KeyEvent(" ")))
	p.tabTo("main form button.govuk-button:not(.portal-beside)")
	require.NoError(t, p.tab.Do(chromedp.KeyEvent(kb.Enter)))
	p.at("/organisation/lists/.*/signature")
	p.tabTo("#sign")
	require.NoError(t, p.tab.Do(chromedp.KeyEvent(kb.Enter)))
	require.NoError(t, p.tab.Await(`!document.getElementById('keys-problem').hidden`))
}

// tabTo presses the tabulator until an element has the focus, which is seen.
func (p *person) tabTo(selector string) {
	p.t.Helper()
	for range 60 {
		require.NoError(p.t, p.tab.Do(chromedp.KeyEvent(kb.Tab)))
		there, err := browser.Read[bool](p.tab, "document.activeElement.matches("+quoted(selector)+")")
		require.NoError(p.t, err)
		if there {
			seen, err := browser.Read[bool](p.tab, `(() => { const e = document.activeElement, s = getComputedStyle(e), l = e.nextElementSibling && getComputedStyle(e.nextElementSibling, '::before');
				return s.outlineStyle !== 'none' || s.boxShadow !== 'none' || (l && l.outlineStyle !== 'none') || (l && l.boxShadow !== 'none') })()`)
			require.NoError(p.t, err)
			require.True(p.t, seen, "the focus on %s is not seen", selector)
			return
		}
	}
	require.Failf(p.t, "no way by keyboard", "%s is not reached", selector)
}
