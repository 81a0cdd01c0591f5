package api

import (
	"fmt"
	"net/http"
	"os"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/remote-issuance/remote-issuance/api/web"
	"github.com/remote-issuance/remote-issuance/internal/postgres/pgtest"
)

// Every value of a statement, in every format, may be hostile: it is imported, or
// cannot be read; it never fails on our side and never stores what cannot be shown.
func TestP4_EveryValueOfAStatementMayBeHostile(t *testing.T) {
	b := setup(t)
	d := b.deps
	d.Methods.Beneficiary.IBAN = "BY83AKBB30120893700845500000"
	b.serve(d)
	values := map[string]string{
		"NUL in the middle": "a\x00b", "bell": "\x07", "no UTF-8": "\xff\xfe", "bidi": "\u202eabc",
		"zero width": "\u200b", "blank": "   ", "lines": "a\r\nb", "long": strings.Repeat("9", 60<<10),
		"flood": "e" + strings.Repeat("\u0301", 4000), "reference": "&#0;", "override": "&#x202e;", "delimiter": "^x^", "exponent": "1e9",
	}
	tried := 0
	for file, value := range map[string]*regexp.Regexp{
		"type4.txt": regexp.MustCompile(`\^\w+=([^\^\r\n]+)\^`), "type400.txt": regexp.MustCompile(`\^\w+=([^\^\r\n]+)\^`),
		"1c-windows.txt": regexp.MustCompile(`(?m)^[^=\r\n]+=([^\r\n]+)`), "camt053.xml": regexp.MustCompile(`>([^<>\s]+)<`),
	} {
		statement, err := os.ReadFile("../internal/payments/clientbank/testdata/" + file)
		require.NoError(t, err)
		places := value.FindAllSubmatchIndex(statement, -1)
		require.Greater(t, len(places), 10, file)
		for _, place := range places {
			for kind, hostile := range values {
				tried++
				body := fmt.Sprintf("%s%s%s", statement[:place[2]], hostile, statement[place[3]:])
				r := b.ask(http.MethodPost, "/v1/payments/statements", asOperator, "application/octet-stream", body)
				if r.Status != http.StatusOK {
					r.problem(web.ProblemStatement)
				}
				require.Less(t, r.Status, http.StatusInternalServerError, "%s: %s in %q", file, kind, statement[place[0]:place[1]])
			}
		}
	}
	require.Greater(t, tried, 700)
	pgtest.NothingHostileIsStored(t, b.pool)
}
