package applicant_test

import (
	"bytes"
	"compress/gzip"
	"flag"
	"io"
	"net/http"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/remote-issuance/remote-issuance/portal/assets"
	"github.com/remote-issuance/remote-issuance/portal/portaltest"
)

var update = flag.Bool("update", false, "write the golden pages anew")

var changing = regexp.MustCompile(`(name="csrf" value=")[^"]+|(http://127\.0\.0\.1:)\d+|(127\.0\.0\.1%3A)\d+`)

// mainOf is the part of a page that is its own, without what differs each time.
func mainOf(t *testing.T, body string) []byte {
	t.Helper()
	from, to := strings.Index(body, "<main"), strings.Index(body, "</main>")
	require.True(t, from > 0 && to > from)
	return append(changing.ReplaceAll([]byte(body[from:to]), []byte("${1}${2}${3}…")), "</main>\n"...)
}

func TestKeyPagesAreAsTheyWere(t *testing.T) {
	b := setupAt(t, time.Date(2040, 1, 10, 9, 0, 0, 0, time.UTC))
	for _, s := range portaltest.States(time.Time{}) {
		switch s.Name {
		case "terms", "request", "checking-silent", "saved", "position", "payment", "payment-erip", "payment-card", "issued", "refused", "rejected":
		default:
			continue
		}
		for _, language := range []string{"ru", "be", "en"} {
			t.Run(s.Name+" "+language, func(t *testing.T) {
				got := mainOf(t, b.with(t).get(pathOf(s.Name)+s.Page, "Accept-Language", language).is(http.StatusOK).body)
				portaltest.Golden(t, *update, s.Name+"."+language, string(got))
			})
		}
	}
}

// lightest is what a page may weigh with all it needs, compressed, in octets.
const lightest = 60_000

func TestAPageWeighsUnder60kB(t *testing.T) {
	b := setup(t)
	files, err := assets.Load()
	require.NoError(t, err)
	common := 0
	for _, name := range files.Names() {
		common += files.Weight(name)
	}
	for _, s := range portaltest.States(time.Now()) {
		r := b.get(pathOf(s.Name)+s.Page, "Accept-Encoding", "gzip")
		require.Equal(t, "gzip", r.header.Get("Content-Encoding"))
		require.Less(t, len(r.body)+common, lightest, s.Name)
		z, err := gzip.NewReader(bytes.NewReader([]byte(r.body)))
		require.NoError(t, err)
		page, err := io.ReadAll(z)
		require.NoError(t, err)
		require.Contains(t, string(page), "</html>")
	}
	t.Logf("style, scripts and icon: %d octets", common)
}
