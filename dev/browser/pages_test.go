package browser_test

import (
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/chromedp"
	"github.com/stretchr/testify/require"

	"github.com/remote-issuance/remote-issuance/api/contract"
	"github.com/remote-issuance/remote-issuance/dev/browser"
	"github.com/remote-issuance/remote-issuance/internal/order"
	"github.com/remote-issuance/remote-issuance/internal/pki/alg"
	"github.com/remote-issuance/remote-issuance/internal/pki/testca"
	"github.com/remote-issuance/remote-issuance/internal/stb/bign"
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
	notice := chromedp.WaitReady("body.govuk-frontend-supported .govuk-notification-banner")
	return append(list,
		shot{"renew", "/renew/good", nil}, shot{"renew-used", "/renew/used", []browser.Step{chromedp.Click(button), notice}},
		shot{"contacts", path("issued-now") + "/contacts", nil},
		shot{"contacts-error", path("issued-now") + "/contacts", []browser.Step{
			chromedp.SetValue("#email", "vera"), chromedp.SetValue("#phone", "12"), chromedp.Click(button), settle,
		}},
		shot{"contacts-corrected", path("issued-now") + "/contacts", []browser.Step{
			chromedp.SetValue("#email", "vera.other@example.by"), chromedp.Click(button), notice,
		}})
}

// current is a certificate of an employee that is valid for some days from today.
func current(t *testing.T, days int) []byte {
	t.Helper()
	from := time.Now().AddDate(-1, 0, 0)
	ca, err := testca.New(testca.Options{Algorithm: alg.KeyBign256, From: from.AddDate(-1, 0, 0)})
	require.NoError(t, err)
	key, err := bign.GenerateKey(bign.Curve256v1(), nil)
	require.NoError(t, err)
	c, err := ca.Issue(testca.ProfileExtensions, testca.SampleEmployee(), key.Public(), from, time.Now().AddDate(0, 0, days))
	require.NoError(t, err)
	return c.Raw
}

// cardShots are the pages of cards for evidence.
func cardShots(t *testing.T) []shot {
	t.Helper()
	ask := func(card []byte, code, end string) []browser.Step {
		var steps []browser.Step
		if code != "" {
			steps = append(steps, chromedp.SetValue("#code", code))
		}
		if card != nil {
			steps = append(steps, chromedp.SetUploadFiles("input[type=file]", []string{file(t, string(card))}))
		}
		return append(steps, chromedp.Click(button), chromedp.WaitReady("body.govuk-frontend-supported "+end))
	}
	const found, wrong = ".portal-ticks", ".govuk-error-summary"
	return []shot{
		{"card-ask", "/card", nil}, {"card-missing", "/card", ask(nil, "", wrong)}, {"card-none", "/card", ask([]byte("no card"), "", wrong)},
		{"card-too-large", "/card", []browser.Step{
			chromedp.SetUploadFiles("input[type=file]", []string{file(t, strings.Repeat("x", 10<<20))}), chromedp.Click(button), chromedp.WaitVisible("#file-too-large"),
		}},
		{"card-good", "/card", ask(portaltest.Card(order.ServiceIndividual), "", found)},
		{"card-good-list", "/card", ask(portaltest.Card(order.ServiceEmployee), "", found)},
		{"card-bad", "/card", ask(portaltest.ChangedCard(), "urn:another", found)},
	}
}

// diagnosisShots are what is found before an order, by whoever asks.
func diagnosisShots(t *testing.T, who string) []shot {
	t.Helper()
	const button = "#file button[type=submit]"
	ask := func(content []byte, end string) []browser.Step {
		return []browser.Step{
			chromedp.SetUploadFiles("input[type=file]", []string{file(t, string(content))}), chromedp.Click(button),
			chromedp.WaitReady("body.govuk-frontend-supported " + end),
		}
	}
	const found, wrong = "main .govuk-tag", ".govuk-error-summary"
	return []shot{
		{"diagnosis-ask" + who, "/diagnosis", nil},
		{"diagnosis-missing" + who, "/diagnosis", []browser.Step{chromedp.Click(button), chromedp.WaitReady("body.govuk-frontend-supported " + wrong)}},
		{"diagnosis-no-certificate" + who, "/diagnosis", ask([]byte("no certificate"), wrong)},
		{"diagnosis-in-time" + who, "/diagnosis", ask(current(t, 60), found)},
		{"diagnosis-too-late" + who, "/diagnosis", ask(current(t, 3), found)},
		{"diagnosis-expired" + who, "/diagnosis", ask(current(t, -1), found)},
	}
}

// registerShots are what the registers say before an order of whoever is signed in.
func registerShots(t *testing.T, s *portaltest.Stack) []shot {
	t.Helper()
	own := []browser.Step{
		chromedp.Click("button[name=own]"), chromedp.WaitReady("body.govuk-frontend-supported main .govuk-tag"),
	}
	s.API.Diagnose(contract.Diagnosis{
		Certificate: current(t, 60), Service: order.ServiceEmployee, Manager: contract.ManagerRecorded, Registers: []contract.RegisterDiagnosis{
			{Register: contract.Population, State: order.RegisterDiffers, Checks: []contract.Check{
				{Code: string(order.CheckPerson), Verdict: order.VerdictFailed, Field: "surname", Found: "Образцова", Expected: "Новая", Cause: "differs"},
				{Code: string(order.CheckResident), Verdict: order.VerdictFailed, Cause: "not-resident"},
			}},
			{Register: contract.Egr, State: order.RegisterSilent}, {Register: contract.Taxpayers, State: order.RegisterAgrees},
			{Register: contract.Subscribers, State: order.RegisterDiffers, Checks: []contract.Check{
				{Code: string(order.CheckContract), Verdict: order.VerdictFailed, Cause: "no-contract"},
			}},
		},
	})
	return []shot{{"diagnosis-own", "/diagnosis", own}}
}

func managerShots(t *testing.T, s *portaltest.Stack) []shot {
	t.Helper()
	settle := chromedp.WaitReady("body.govuk-frontend-supported .govuk-error-summary")
	first := "/organisation/orders/" + portaltest.IDOf("organisation-1").String()
	list := []shot{
		{"orders", "/organisation", nil}, {"orders-chosen", "/organisation?page=2&order=" + portaltest.IDOf("organisation-1").String(), nil},
		{"orders-error", "/organisation", []browser.Step{chromedp.Click("main form button.govuk-button:not(.portal-beside)"), settle}},
		{"details", first, nil}, {"rejection", first + "/rejection", nil}, {"account", "/organisation/account", nil},
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
		{"start", "/", nil}, {"signed-out", "/signed-out", nil}, {"not-found", "/nothing", nil},
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
