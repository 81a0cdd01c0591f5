package api

import (
	"encoding/json"
	"net/http"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/remote-issuance/remote-issuance/internal/pki/bpki"
	"github.com/remote-issuance/remote-issuance/internal/postgres/pgtest"
)

// What stands inside a signed request is no less foreign than what stands in a
// body of JSON: a hostile text there is refused in a response that anybody can
// read, or does no harm, and is stored nowhere.
func TestSTB78_EveryTextInARequestMayBeHostile(t *testing.T) {
	h := newHostileRun(t)
	places := map[string]func(s string) (info string, change func(*bpki.Renewal)){
		"e-mail": func(s string) (string, func(*bpki.Renewal)) {
			return accepted + " phone=" + testPhone + " email=" + s, nil
		},
		"phone": func(s string) (string, func(*bpki.Renewal)) {
			return accepted + " email=" + testEmail + " phone=" + s, nil
		},
		"terms": func(s string) (string, func(*bpki.Renewal)) {
			return "terms=" + s + " email=" + testEmail + " phone=" + testPhone, nil
		},
		"a word":      func(s string) (string, func(*bpki.Renewal)) { return everything + " " + s, nil },
		"information": func(s string) (string, func(*bpki.Renewal)) { return s, nil },
		"position": func(s string) (string, func(*bpki.Renewal)) {
			return everything, func(r *bpki.Renewal) { r.Position = s }
		},
	}
	sent, refused := 0, 0
	for place, in := range places {
		p := h.program(asManager)
		for _, s := range hostileTexts() {
			info, change := in(s.raw)
			from, to := bpki.RenewalPeriod(h.now, p.days, 1)
			r := bpki.Renewal{NotBefore: from, NotAfter: to, Challenge: &bpki.Challenge{Info: info}}
			if change != nil {
				change(&r)
			}
			file, err := r.Request(p.holder.Certificate, p.key)
			if err != nil {
				continue // our own writer makes no such file
			}
			sent++
			answer := h.spawn(p.seal(file))
			require.Less(t, answer.Status, http.StatusInternalServerError, "%s: %s", place, s.name)
			if s.refused && !s.bidi {
				require.GreaterOrEqual(t, answer.Status, http.StatusBadRequest, "%s: %s", place, s.name)
			}
			if answer.Header.Get("Content-Type") != mediaTypeCMS || answer.Status == http.StatusOK {
				continue
			}
			response, _, err := bpki.OpenResponse(answer.Body)
			require.NoError(t, err)
			if response.Status == bpki.StatusRejection {
				refused++
				said, err := json.Marshal(response.Comments)
				require.NoError(t, err)
				require.NoError(t, pgtest.Shown(said), "%s: %s: %s", place, s.name, said)
			}
		}
	}
	require.Greater(t, sent, 150)
	require.Greater(t, refused, 100)
	pgtest.NothingHostileIsStored(t, h.pool)
}
