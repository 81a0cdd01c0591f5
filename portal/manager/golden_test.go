package manager_test

import (
	"flag"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/remote-issuance/remote-issuance/api/contract"
	"github.com/remote-issuance/remote-issuance/internal/order"
	"github.com/remote-issuance/remote-issuance/portal/catalogue"
	"github.com/remote-issuance/remote-issuance/portal/portaltest"
)

var update = flag.Bool("update", false, "write the golden pages anew")

// changing is what differs each time a page is made.
var changing = regexp.MustCompile(`name="(csrf|once)" value="[^"]+"|/assets/[^/]+/|"now":\d+`)

// golden compares the main part of a page in Russian with a file, and looks at
// the page in the other languages.
func (b *bench) golden(name, path string) {
	b.t.Helper()
	page := b.get(path).body
	_, main, ok := strings.Cut(page, `<main class="govuk-main-wrapper"`)
	require.True(b.t, ok)
	main, _, ok = strings.Cut(main, "</main>")
	require.True(b.t, ok)
	main = changing.ReplaceAllStringFunc(main, func(s string) string {
		if strings.HasPrefix(s, "/assets/") {
			return "/assets/…/"
		}
		return s[:strings.IndexAny(s, "=:")] + "…"
	}) + "\n"
	portaltest.Golden(b.t, *update, name, main)
	require.Less(b.t, len(page), 60_000, "%s", name)
	for _, language := range []string{"be", "en", "ru"} {
		b.get("/language/" + language + "?to=/signed-out")
		other := b.get(path)
		other.lacks("[manager.", "[keys.", "{n}", "{at}", "{number}").has(`lang="` + language + `" class="govuk-template"`)
	}
}

func TestGoldenPages(t *testing.T) {
	b := setup(t, asManager)
	b.golden("orders", "/organisation")
	b.golden("account", "/organisation/account")
	b.golden("order", "/organisation/orders/"+orderID("1"))
	b.golden("reject", "/organisation/orders/"+orderID("1")+"/rejection")
	b.golden("lists-none", "/organisation/lists")
	path := b.list()
	b.golden("signature", path+"/signature")
	b.golden("lists", "/organisation/lists")
	b.upload(path+"/signature", "file", []byte("good"))
	b.golden("pay-choose", path+"/payment")
	for _, method := range []string{"assist", "erip", "client-bank"} {
		b.post(path+"/payment", url.Values{"method": {method}})
		b.golden("pay-"+method, path+"/payment")
	}
	b.api.Move(func(c *contract.Confirmation) {
		c.Stage, c.Orders[0].State = order.ConfirmationIssuing, contract.Issued
	})
	b.golden("progress", path+"/progress")
	b.api.Move(func(c *contract.Confirmation) {
		c.Stage, c.Orders[1].State = order.ConfirmationFinished, contract.Issued
	})
	b.golden("finished", path+"/progress")
	b.api.Move(func(c *contract.Confirmation) { c.Stage = order.ConfirmationLapsed })
	b.golden("lapsed", path+"/ended")
	b.golden("money", "/payment-status?number=NOAIS000092241")
	b.golden("diagnosis-ask", "/diagnosis")
}

// TestEveryTextIsThereInEveryLanguage: a missing one would be shown as its key.
func TestEveryTextIsThereInEveryLanguage(t *testing.T) {
	all, err := catalogue.Load()
	require.NoError(t, err)
	mine := func(language string) (out []string) {
		for _, key := range all.Keys(language) {
			if strings.HasPrefix(key, "manager.") || strings.HasPrefix(key, "keys.") {
				out = append(out, key)
			}
		}
		return out
	}
	require.NotEmpty(t, mine("ru"))
	require.Equal(t, mine("ru"), mine("be"))
	require.Equal(t, mine("ru"), mine("en"))
}

func TestForgedFormsChangeNothing(t *testing.T) {
	b := setup(t, asManager)
	path := b.list()
	for _, at := range []string{"/organisation", "/organisation/orders/" + orderID("3") + "/rejection", path + "/signature", path + "/payment"} {
		r := b.do(http.MethodPost, at, "application/x-www-form-urlencoded", []byte("order="+orderID("3")+"&csrf=no"))
		r.is(http.StatusForbidden)
	}
	require.Equal(t, 1, b.api.Lists())
}
