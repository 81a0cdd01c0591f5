package manager_test

import (
	"html"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/remote-issuance/remote-issuance/portal/portaltest"
)

// textOf is the document that a page shows, as a script reads it.
func textOf(t *testing.T, page string) string {
	t.Helper()
	_, after, ok := strings.Cut(page, `<pre class="portal-document" id="document" tabindex="0">`)
	require.True(t, ok)
	text, _, ok := strings.Cut(after, "</pre>")
	require.True(t, ok)
	return html.UnescapeString(text)
}

func TestP5_WhereIsMyMoneyNeedsTheNumberOnly(t *testing.T) {
	b := setup(t, "")
	b.get("/payment-status").is(http.StatusOK).says("manager.money.text")
	for key, number := range portaltest.PaymentNumbers() {
		r := b.get("/payment-status?number=" + url.QueryEscape(number)).is(http.StatusOK).says("manager.money.state." + key)
		require.Contains(t, r.body, portaltest.NextPaying[key])
		require.Equal(t, strings.HasPrefix(key, "open"), strings.Contains(r.body, "23.11.2026 12:00"), key)
		require.Equal(t, strings.HasSuffix(key, "-waiting"), strings.Contains(r.body, "80,00"), key)
	}
	for _, typed := range []string{" noais 000092239 ", "000092239", "NОАIS000092239"} {
		b.get("/payment-status?number=" + url.QueryEscape(typed)).is(http.StatusOK).says("manager.money.state.open")
	}
	for _, number := range []string{"1", "NOAIS00009223", "NOAIS000000000", "XOAIS000092239", "NOAIS+00092239", "a\x00b", strings.Repeat("9", 1<<15), "<script>"} {
		b.get("/payment-status?number=" + url.QueryEscape(number)).is(http.StatusUnprocessableEntity).says("manager.money.number.wrong").lacks("<script>")
	}
	b.get("/payment-status?number=NOAIS000000001").is(http.StatusNotFound).says("manager.money.unknown")
	b.api.Fail(http.MethodGet, "/NOAIS000000002", portaltest.Problem(http.StatusTooManyRequests, "too-many-requests"))
	b.get("/payment-status?number=NOAIS000000002").is(http.StatusTooManyRequests)
}
