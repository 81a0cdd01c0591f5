package browser_test

import (
	"encoding/json"
	"net/http"
	"net/url"
	"os"
	"os/exec"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/chromedp"
	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/stretchr/testify/require"

	"github.com/remote-issuance/remote-issuance/api/contract"
	"github.com/remote-issuance/remote-issuance/dev/authority"
	"github.com/remote-issuance/remote-issuance/dev/browser"
	"github.com/remote-issuance/remote-issuance/dev/caller"
	"github.com/remote-issuance/remote-issuance/dev/persons"
	"github.com/remote-issuance/remote-issuance/dev/stack"
	"github.com/remote-issuance/remote-issuance/internal/order"
)

// broken is what the database says when certificates cannot be written.
const broken = "no space left on device"

// An alert fires since a paid order has no certificate. Three clicks lead from
// it to what keeps the certificate: the alert, the order, its pending activity.
func TestOperatorFindsTheCauseOfAnAlertInThreeClicks(t *testing.T) {
	t.Parallel()
	if os.Getenv("OPERATOR_WALK") == "" {
		t.Skip("an alert takes five minutes to fire: make operator-walk")
	}
	if _, err := exec.LookPath("prometheus"); err != nil {
		t.Skip("no Prometheus is installed: apt-get install prometheus")
	}
	s, err := stack.Start(t.Context(), stack.Options{DataDir: t.TempDir(), Prometheus: true, Families: []authority.Family{authority.Bign}})
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, s.Close()) })
	require.NoError(t, s.ConfirmBackups(t.Context()))
	o := orderToPay(t, s)
	pool, err := pgxpool.New(t.Context(), s.URLs.Database)
	require.NoError(t, err)
	defer pool.Close()
	_, err = pool.Exec(t.Context(), `CREATE FUNCTION no_space() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION '`+broken+`'; END $$;
		CREATE TRIGGER no_space BEFORE INSERT ON certificates FOR EACH ROW EXECUTE FUNCTION no_space()`)
	require.NoError(t, err)
	o.pay(t, s)

	tab := device(t)
	require.NoError(t, tab.Go(s.URLs.Portal+"/language/en?to="+url.QueryEscape("/sign-in?to=/operator"), 1280))
	signInAsOperator(t, tab, s)
	firing(t, s, "PaidNotIssued")

	require.NoError(t, tab.Do(browser.Width(1280), chromedp.Navigate(s.URLs.Prometheus)))
	require.NoError(t, tab.Await(`document.querySelector('li.alert') !== null`))
	keep(t, tab, "operator-1-alert")
	require.NoError(t, tab.Do(chromedp.Click(`//li[@class='alert']/a[starts-with(., 'PaidNotIssued')]`)))

	require.NoError(t, tab.Await(`location.pathname === '/operator' && location.hash === '#not-issued' && document.readyState === 'complete'`))
	violations, err := tab.Axe()
	require.NoError(t, err)
	require.Empty(t, violations)
	keep(t, tab, "operator-2-status")
	link := `//section[@id='not-issued']//a[contains(., '` + o.order.Number + `')]`
	require.NoError(t, tab.Do(chromedp.Click(link)))

	require.NoError(t, tab.Await(`location.origin === '`+s.URLs.TemporalUI+`' && document.body.innerText.includes('`+o.order.Number+`-order-')`))
	require.NoError(t, tab.Await(`document.body.innerText.includes('Pending Activities')`))
	keep(t, tab, "operator-3-workflow")
	require.NoError(t, tab.Do(chromedp.Click(`//a[contains(@href, '/pending-activities')]`)))
	require.NoError(t, tab.Await(`document.body.innerText.includes('`+broken+`')`))
	keep(t, tab, "operator-4-cause")

	_, err = pool.Exec(t.Context(), "DROP TRIGGER no_space ON certificates")
	require.NoError(t, err)
	issued, err := o.AwaitIssued(t.Context(), o.order.ID)
	require.NoError(t, err, "with the cause away the order goes on by itself")
	require.Equal(t, order.EndIssued, issued.End)
	require.NoError(t, tab.Go(s.URLs.Portal+"/operator", 1280))
	page, err := browser.Read[string](tab, "document.querySelector('main').innerText")
	require.NoError(t, err)
	require.Contains(t, page, "Nothing needs you")
}

// payer is an individual whose order waits for its payment.
type payer struct {
	*caller.Caller
	order contract.Order
}

func orderToPay(t *testing.T, s *stack.Stack) payer {
	t.Helper()
	h := s.Holder(persons.Individual)
	token, err := s.Issuer().Token(h.ID)
	require.NoError(t, err)
	p := payer{Caller: &caller.Caller{Base: s.URLs.API, Token: token, Language: "ru"}}
	p.order, err = p.Open(t.Context(), order.ServiceIndividual)
	require.NoError(t, err)
	p.order, err = p.AcceptTerms(t.Context(), p.order.ID)
	require.NoError(t, err)
	file, err := h.Request(s.Now(), 1)
	require.NoError(t, err)
	_, _, err = p.Submit(t.Context(), p.order.ID, caller.Upload{File: file, Email: h.Subject.Email, Phone: h.Phone, Years: 1})
	require.NoError(t, err)
	p.order, err = p.Await(t.Context(), p.order.ID, order.StageAwaitingPayment)
	require.NoError(t, err)
	return p
}

func (p payer) pay(t *testing.T, s *stack.Stack) {
	t.Helper()
	payment, err := p.ChooseMethod(t.Context(), caller.OfOrder(p.order.ID), contract.PaymentMethodERIP)
	require.NoError(t, err)
	token, err := s.Issuer().Token(persons.Gateway)
	require.NoError(t, err)
	gateway := &caller.Caller{Base: s.URLs.API, Token: token}
	entry, err := gateway.Notify(t.Context(), contract.PaymentNotification{
		Source: "erip", ExternalID: "alert-" + p.order.Number, Number: payment.Number, Amount: payment.Amount, Currency: payment.Currency, OccurredAt: s.Now(),
	})
	require.NoError(t, err)
	require.Equal(t, contract.Applied, entry.State)
}

func signInAsOperator(t *testing.T, tab *browser.Tab, s *stack.Stack) {
	t.Helper()
	require.NoError(t, tab.Go(s.URLs.Portal+"/operator", 1280))
	require.NoError(t, tab.Do(chromedp.Click(`//main//a[contains(@href, '/sign-in')]`)))
	require.NoError(t, tab.Await(`location.pathname === '/authorize' && document.readyState === 'complete'`))
	require.NoError(t, tab.Do(chromedp.Click(`button[value="`+persons.Operator+`"]`)))
	require.NoError(t, tab.Await(`location.href === '`+s.URLs.Portal+`/operator' && document.readyState === 'complete'`))
}

// firing waits until Prometheus raises an alert.
func firing(t *testing.T, s *stack.Stack, alert string) {
	t.Helper()
	base, _, _ := strings.Cut(s.URLs.Prometheus, "/consoles/")
	require.Eventually(t, func() bool {
		answer, err := http.Get(base + "/api/v1/alerts")
		if err != nil {
			return false
		}
		defer answer.Body.Close()
		var found struct {
			Data struct {
				Alerts []struct {
					State               string
					Labels, Annotations map[string]string
				}
			}
		}
		if json.NewDecoder(answer.Body).Decode(&found) != nil {
			return false
		}
		for _, a := range found.Data.Alerts {
			if a.Labels["alertname"] == alert && a.State == "firing" {
				return a.Annotations["status"] == s.URLs.Portal+"/operator#"+a.Labels["concern"]
			}
		}
		return false
	}, 10*time.Minute, 2*time.Second, "%s does not fire", alert)
}
