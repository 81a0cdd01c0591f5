package browser_test

import (
	"fmt"
	"net/http"
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

func stack(t *testing.T) *portaltest.Stack {
	t.Helper()
	s, err := portaltest.Start(portaltest.Options{Settings: map[string]string{"PORTAL_SHOW_KEYS": "false"}})
	require.NoError(t, err)
	t.Cleanup(s.Close)
	return s
}

func tab(t *testing.T) *browser.Tab {
	t.Helper()
	b, end, err := browser.Open(t.Context())
	require.NoError(t, err)
	t.Cleanup(end)
	return b
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

func shots(t *testing.T) []shot {
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
		{"overview", path("approval"), nil}, {"overview-individual", path("payment"), nil}, {"overview-issued", path("issued"), nil},
		{"credentials", path("issued") + "/credentials", nil}, {"credentials-gone", path("activated") + "/credentials", nil},
		{"withdrawal", path("approval") + "/withdrawal", nil}, {"not-found", "/nothing", nil},
	}
	for _, s := range portaltest.States(time.Now()) {
		list = append(list, shot{"order-" + s.Name, path(s.Name) + s.Page, nil})
	}
	return list
}

// keep writes a picture where SCREENSHOTS says.
func keep(t *testing.T, b *browser.Tab, name string) {
	t.Helper()
	png, err := b.Picture()
	require.NoError(t, err)
	dir := os.Getenv("SCREENSHOTS")
	if dir == "" {
		dir = t.TempDir()
	}
	require.NoError(t, os.MkdirAll(dir, 0o755))
	require.NoError(t, os.WriteFile(filepath.Join(dir, name+".png"), png, 0o600))
}

// look holds a page to WCAG, to its width and to the content security policy.
func look(t *testing.T, b *browser.Tab, s shot, base string, width int64, judge bool) {
	t.Helper()
	require.NoError(t, b.Go(base+s.path, width), s.path)
	require.NoError(t, b.Do(s.act...), s.name)
	over, err := b.Overflow()
	require.NoError(t, err)
	require.LessOrEqual(t, over, 0, "%s is wider than %d", s.name, width)
	if judge {
		violations, err := b.Axe()
		require.NoError(t, err)
		require.Empty(t, violations, "%s at %d", s.name, width)
	}
	require.Empty(t, b.Failures(), s.name)
}

func TestEveryPageIsAccessibleAndFitsItsWindow(t *testing.T) {
	s := stack(t)
	b := tab(t)
	require.NoError(t, b.Go(s.URL+"/language/ru?to=/", 1280))
	for _, width := range []int64{360, 1280} {
		look(t, b, shot{"start", "/", nil}, s.URL, width, true)
		keep(t, b, fmt.Sprintf("start-%d", width))
	}
	require.NoError(t, b.Go(s.URL+"/orders", 1280), "the page that asks to sign in")
	keep(t, b, "sign-in-1280")
	require.NoError(t, b.Go(s.URL+"/sign-in", 1280))
	require.Empty(t, b.Failures())
	for _, page := range shots(t) {
		for _, width := range []int64{1280, 360} {
			look(t, b, page, s.URL, width, true)
			keep(t, b, fmt.Sprintf("%s-%d", page.name, width))
		}
		// 320 is a window of 1280 at 400 %.
		look(t, b, page, s.URL, 320, false)
	}
	s.API.Fail(http.MethodGet, "/v1/orders", portaltest.Problem(http.StatusServiceUnavailable, "unavailable"))
	look(t, b, shot{"unavailable", "/orders", nil}, s.URL, 360, true)
	keep(t, b, "unavailable-360")
}

func TestThreeLanguages(t *testing.T) {
	s := stack(t)
	b := tab(t)
	require.NoError(t, b.Go(s.URL+"/sign-in", 1280))
	for _, language := range []string{"be", "en", "ru"} {
		require.NoError(t, b.Go(s.URL+"/orders", 360))
		require.NoError(t, b.Go(s.URL+"/language/"+language+"?to=/orders", 360))
		for _, page := range []shot{
			{"cabinet", "/orders", nil}, {"request", path("request") + "/request", nil}, {"checking", path("checking") + "/checks", nil},
			{"approval", path("approval") + "/waiting", nil}, {"issued", path("issued") + "/certificate", nil},
		} {
			look(t, b, page, s.URL, 360, true)
			lang, err := browser.Read[string](b, "document.documentElement.lang")
			require.NoError(t, err)
			require.Equal(t, language, lang)
			if language != "ru" {
				keep(t, b, page.name+"-"+language+"-360")
			}
		}
	}
}
