package browser_test

import (
	"fmt"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/chromedp"
	"github.com/stretchr/testify/require"

	"github.com/remote-issuance/remote-issuance/dev/browser"
	"github.com/remote-issuance/remote-issuance/portal/portaltest"
)

// shot is one page with what is done there before it is looked at.
type shot struct {
	name, path string
	act        []browser.Step
}

func path(state string) string { return "/orders/" + portaltest.IDOf(state).String() }

func file(t *testing.T, content string) string {
	t.Helper()
	name := filepath.Join(t.TempDir(), "request.req")
	require.NoError(t, os.WriteFile(name, []byte(content), 0o600))
	return name
}

// button is the main button of a page's form.
const button = "main form button[type=submit]"

func applicantShots(t *testing.T) []shot {
	t.Helper()
	settle := chromedp.WaitReady("body.govuk-frontend-supported .govuk-error-summary")
	list := []shot{
		{"cabinet", "/orders", nil}, {"cabinet-all", "/orders?state=all", nil}, {"choose", "/new-order", nil},
		{"choose-error", "/new-order?asked=1", nil}, {"how-employee", "/new-order/6.0.01", nil}, {"how-individual", "/new-order/6.0.00", nil},
		{"terms-error", path("terms") + "/terms", []browser.Step{chromedp.Click(button), settle}},
		{"request-error", path("request") + "/request", []browser.Step{
			chromedp.SetValue("#phone", "12"), chromedp.Click(button), settle,
		}},
		{"request-differs", path("request") + "/request", []browser.Step{
			chromedp.SetUploadFiles("input[type=file]", []string{file(t, "differs")}), chromedp.Click(button), settle,
		}},
		{"request-too-large", path("request") + "/request", []browser.Step{
			chromedp.SetUploadFiles("input[type=file]", []string{file(t, strings.Repeat("x", 10<<20))}),
			chromedp.Click(button), chromedp.WaitVisible("#file-too-large"),
		}},
		{"new-key", path("request") + "/new-key", nil},
		{"new-key-error", path("request") + "/new-key", []browser.Step{chromedp.Click("#make"), chromedp.WaitVisible("#keys-problem")}},
		{"overview", path("approval"), nil}, {"overview-individual", path("payment"), nil}, {"overview-issued", path("issued"), nil},
		{"credentials", path("issued") + "/credentials", nil}, {"credentials-gone", path("activated") + "/credentials", nil},
		{"withdrawal", path("approval") + "/withdrawal", nil}, {"payment-taken", path("payment-card") + "/payment?card=paid", nil},
		{"card-refused", path("payment-card") + "/payment?card=failed", nil},
	}
	for _, s := range portaltest.States(time.Now()) {
		list = append(list, shot{"order-" + s.Name, path(s.Name) + s.Page, nil})
	}
	return list
}

func managerShots(t *testing.T, s *portaltest.Stack) []shot {
	t.Helper()
	settle := chromedp.WaitReady("body.govuk-frontend-supported .govuk-error-summary")
	order := "/organisation/orders/" + portaltest.IDOf("organisation-1").String()
	list := []shot{
		{"orders", "/organisation", nil}, {"orders-chosen", "/organisation?page=2&order=" + portaltest.IDOf("organisation-1").String(), nil},
		{"orders-error", "/organisation", []browser.Step{chromedp.Click("main form button.govuk-button:not(.portal-beside)"), settle}},
		{"details", order, nil}, {"rejection", order + "/rejection", nil}, {"account", "/organisation/account", nil},
	}
	states, err := s.API.Organisation.AddLists()
	require.NoError(t, err)
	for _, l := range states {
		list = append(list, shot{"list-" + l.Name, l.Page, nil})
		if l.Name == "signature" {
			list = append(list,
				shot{"signature-missing", l.Page, []browser.Step{chromedp.Click(button), settle}},
				shot{"signature-bad", l.Page, []browser.Step{
					chromedp.SetUploadFiles("#file-input, input[name=file]", []string{file(t, "bad")}), chromedp.Click(button), settle,
				}},
				shot{"signature-here-error", l.Page, []browser.Step{chromedp.Click("#sign"), chromedp.WaitVisible("#keys-problem")}})
		}
		if l.Name == "pay-card" {
			list = append(list, shot{"list-taken", l.Page + "?card=paid", nil}, shot{"list-card-refused", l.Page + "?card=failed", nil})
		}
	}
	return append(list, shot{"lists", "/organisation/lists", nil})
}

func publicShots() []shot {
	list := []shot{
		{"start", "/", nil}, {"signed-out", "/signed-out", nil}, {"diagnosis-ask", "/diagnosis", nil}, {"not-found", "/nothing", nil},
		{"money-ask", "/payment-status", nil}, {"money-wrong", "/payment-status?number=1", nil}, {"money-unknown", "/payment-status?number=NOAIS000000001", nil},
		{"sign-in-failed", "/sign-in/callback?state=123456789012&code=1", nil}, {"sign-in", "/orders", nil},
	}
	for state, number := range portaltest.PaymentNumbers() {
		list = append(list, shot{"money-" + state, "/payment-status?number=" + number, nil})
	}
	return list
}

// failures are pages of problems, each in the place of one that reads the API.
func failureShots(s *portaltest.Stack) []shot {
	var list []shot
	for i, slug := range []string{"unavailable", "not-manager", "too-many-requests", "order-ended", "internal"} {
		status := []int{http.StatusServiceUnavailable, http.StatusForbidden, http.StatusTooManyRequests, http.StatusGone, http.StatusInternalServerError}[i]
		id := portaltest.IDOf(slug).String()
		s.API.Fail(http.MethodGet, "/v1/orders/"+id, portaltest.Problem(status, slug))
		list = append(list, shot{"problem-" + slug, "/orders/" + id, nil})
	}
	return list
}

const maxWeight = 60_000

// look holds a page to WCAG, its width, its weight and the content security policy, in windows of each width.
func look(t *testing.T, b *browser.Tab, s shot, base string, widths ...int64) {
	t.Helper()
	require.NoError(t, b.Go(base+s.path, widths[0]), s.path)
	require.NoError(t, b.Do(s.act...), s.name)
	weight, err := b.Weight()
	require.NoError(t, err)
	require.Less(t, weight, maxWeight, "%s is too heavy", s.name)
	for _, width := range append(widths, 320) {
		require.NoError(t, b.Do(browser.Width(width)))
		over, err := b.Overflow()
		require.NoError(t, err)
		require.LessOrEqual(t, over, 0, "%s is wider than %d", s.name, width)
		// 320 is a window of 1280 at 400 %.
		if width == 320 {
			continue
		}
		violations, err := b.Axe()
		require.NoError(t, err)
		require.Empty(t, violations, "%s at %d", s.name, width)
		lang, err := browser.Read[string](b, "document.documentElement.lang")
		require.NoError(t, err)
		keep(t, b, fmt.Sprintf("%s-%s-%d", s.name, lang, width))
	}
	require.Empty(t, b.Failures(), s.name)
}

func TestEveryPageIsAccessibleInEachLanguageAndFitsItsWindow(t *testing.T) {
	t.Parallel()
	for language, widths := range map[string][]int64{"ru": {1280, 360}, "be": {360}, "en": {360}} {
		t.Run(language, func(t *testing.T) {
			t.Parallel()
			s, b := madeUp(t), device(t)
			require.NoError(t, b.Go(s.URL+"/language/"+language+"?to=/", 1280))
			for _, page := range publicShots() {
				look(t, b, page, s.URL, widths...)
			}
			require.NoError(t, b.Go(s.URL+"/sign-in?to="+url.QueryEscape("/orders"), 1280))
			for _, page := range append(append(applicantShots(t), managerShots(t, s)...), failureShots(s)...) {
				look(t, b, page, s.URL, widths...)
			}
			lang, err := browser.Read[string](b, "document.documentElement.lang")
			require.NoError(t, err)
			require.Equal(t, language, lang)
		})
	}
}
