package manager_test

import (
	"html"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
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
	for number, key := range map[string]string{
		"NOAIS000092239": "awaited", "ROAIS000092240": "paid", " roais 000092241 ": "unapplied", "000092242": "returned", "NОАIS000092243": "closed",
	} {
		r := b.get("/payment-status?number=" + url.QueryEscape(number)).is(http.StatusOK).says("manager.money.state." + key + ".title")
		require.Equal(t, key == "awaited" || key == "paid" || key == "unapplied" || key == "returned", strings.Contains(r.body, "23\u00a0ноября 2026, 12:00"), key)
	}
	for _, number := range []string{"1", "NOAIS00009223", "NOAIS000000000", "XOAIS000092239", "NOAIS+00092239", "a\x00b", strings.Repeat("9", 1<<15), "<script>"} {
		b.get("/payment-status?number=" + url.QueryEscape(number)).is(http.StatusUnprocessableEntity).says("manager.money.number.wrong").lacks("<script>")
	}
	b.get("/payment-status?number=NOAIS000000001").is(http.StatusNotFound).says("manager.money.unknown")
	b.get("/payment-status?number=NOAIS000092244").is(http.StatusInternalServerError)
}
