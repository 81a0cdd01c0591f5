package browser_test

import (
	"fmt"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/chromedp/chromedp"
	"github.com/stretchr/testify/require"

	"github.com/remote-issuance/remote-issuance/dev/browser"
	"github.com/remote-issuance/remote-issuance/internal/order"
	"github.com/remote-issuance/remote-issuance/portal/portaltest"
)

func heading(t *testing.T, b *browser.Tab) string {
	t.Helper()
	require.NoError(t, b.Await("document.readyState === 'complete' && document.querySelector('h1') !== null"))
	text, err := browser.Read[string](b, "document.querySelector('h1').textContent.trim()")
	require.NoError(t, err)
	return text
}

func arrives(t *testing.T, b *browser.Tab, wanted string) {
	t.Helper()
	require.Eventually(t, func() bool {
		at, err := browser.Read[string](b, "location.pathname")
		return err == nil && at == wanted
	}, eventually, 50*time.Millisecond, wanted)
}

func TestS7_TicksAppearWithoutReloadUntilTheRequestIsSaved(t *testing.T) {
	t.Parallel()
	s := madeUp(t)
	b := device(t)
	require.NoError(t, b.Go(s.URL+"/language/ru?to=/", 1280))
	require.NoError(t, b.Go(s.URL+"/sign-in", 1280))
	require.NoError(t, b.Go(s.URL+path("request")+"/request", 1280))
	require.NoError(t, b.Do(
		chromedp.SetUploadFiles("input[type=file]", []string{file(t, "a request")}), chromedp.Click(button),
	))
	arrives(t, b, path("request")+"/checks")
	require.NoError(t, b.Do(browser.Settled()))
	_, err := browser.Read[bool](b, "window.before = true")
	require.NoError(t, err)
	id := portaltest.IDOf("request")
	for waiting := 3; waiting > 0; waiting-- {
		s.API.Change(id, answers)
		require.NoError(t, b.Await(fmt.Sprintf("window.before && document.querySelectorAll('.portal-tick--waiting').length === %d", waiting)))
	}
	s.API.Change(id, func(s *portaltest.State) { s.Order.Stage = order.StageAwaitingApproval })
	arrives(t, b, path("request")+"/saved")
	require.Equal(t, "Заказ сохранён", heading(t, b))
	require.Empty(t, b.Failures())
}

// answers lets the next register answer.
func answers(s *portaltest.State) {
	s.Order.Registers = slices.Clone(s.Order.Registers)
	for i := range s.Order.Registers {
		if s.Order.Registers[i].State == order.RegisterWaiting {
			s.Order.Registers[i].State = order.RegisterAgrees
			return
		}
	}
}

func TestPagesGoOnWithoutJavaScript(t *testing.T) {
	t.Parallel()
	s := madeUp(t)
	b := device(t)
	require.NoError(t, b.WithoutScripts())
	require.NoError(t, b.Do(chromedp.Navigate(s.URL+"/sign-in"), chromedp.Navigate(s.URL+path("request")+"/request")))
	require.NoError(t, b.Do(
		chromedp.SetUploadFiles("input[type=file]", []string{file(t, "a request")}), chromedp.Click(button),
	))
	arrives(t, b, path("request")+"/checks")
	s.API.Change(portaltest.IDOf("request"), func(s *portaltest.State) { s.Order.Stage = order.StageAwaitingApproval })
	require.NoError(t, b.Do(chromedp.WaitReady(`a.govuk-button[href$="/saved"]`)))
}

func TestWhatPeoplePreferIsHeard(t *testing.T) {
	t.Parallel()
	s := madeUp(t)
	b := device(t)
	require.NoError(t, b.Go(s.URL+"/sign-in", 1280))
	const turning = "getComputedStyle(document.querySelector('.portal-tick--waiting .portal-tick__mark')).animationName"
	require.NoError(t, b.Go(s.URL+path("checking")+"/checks", 1280))
	name, err := browser.Read[string](b, turning)
	require.NoError(t, err)
	require.Equal(t, "portal-turn", name)
	require.NoError(t, b.Prefer("prefers-reduced-motion", "reduce"))
	name, err = browser.Read[string](b, turning)
	require.NoError(t, err)
	require.Equal(t, "none", name)

	require.NoError(t, b.Prefer("forced-colors", "active"))
	g := &gallery{tab: b, base: s.URL, widths: []int64{1280}, judged: new(sync.Map)}
	for _, page := range []shot{{"forced-checking", path("checking") + "/checks", nil}, {"forced-request", path("request") + "/request", nil}} {
		g.look(t, page)
	}
}
