package registers

import (
	"compress/gzip"
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/remote-issuance/remote-issuance/internal/order"
	"github.com/remote-issuance/remote-issuance/internal/text"
)

// hostileValues stand in place of each value of an answer, as they are on the wire.
func hostileValues() []string {
	values := []string{
		`"\u0000"`, `"\ud800"`, `"\udc00\ud800"`, "\"\xff\xfe\"", `"\u202eabc\u202c"`, `"\u2066a"`, `"\ufffe"`, `"\ue000"`, `"\u0007"`, `"a\nb\tc"`,
		`"\u200b"`, `"\ufeff"`, `"\udb40\udc41"`, `""`, `"'; DROP TABLE orders; --"`, `"<script>"`, `"{{.}}"`,
		`null`, `true`, `[]`, `{}`, `[[]]`, `{"a":{"b":[1]}}`, `-1`, `1e999999`, `0.1`, `99999999999999999999999999`,
	}
	for _, unit := range []string{"a", "я", `\u0000`, "\u202e", "9"} {
		values = append(values, `"`+strings.Repeat(unit, 32<<10)+`"`)
	}
	return append(values, strings.Repeat("9", 64<<10), strings.Repeat("[", 20_000)+strings.Repeat("]", 20_000))
}

// questions ask each register about the test's person and organisation, with the
// answers that it gives to that.
func questions() map[string]struct {
	answers map[string]string
	ask     ask
} {
	all := map[string]struct {
		answers map[string]string
		ask     ask
	}{}
	for name, a := range agreed() {
		all[name] = struct {
			answers map[string]string
			ask     ask
		}{map[string]string{a.path: a.file}, a.ask}
	}
	egr := func(ctx context.Context, o Options) (any, error) {
		o.BaseURL += "/api/v2/egr"
		c, err := NewEGR(o)
		if err != nil {
			return nil, err
		}
		return c.Organisation(ctx, testUNP)
	}
	for name, answers := range map[string]map[string]string{
		"egr": {shortPath: "egr-short-legal.json"}, "egr-names": {shortPath: "egr-short-bare.json", namesPath: "egr-names-history.json"},
		"egr-proprietor": {shortPath: "egr-short-proprietor.json", ownerPath: "egr-proprietor-name.json"}, "egr-upper": {shortPath: "egr-short-upper.json"},
	} {
		all[name] = struct {
			answers map[string]string
			ask     ask
		}{answers, egr}
	}
	for _, file := range []string{"grp-upper.json", "grp-lower.json"} {
		all[file] = struct {
			answers map[string]string
			ask     ask
		}{map[string]string{"/grp/getData": file}, func(ctx context.Context, o Options) (any, error) {
			o.BaseURL += "/grp/getData"
			c, err := NewGRP(o)
			if err != nil {
				return nil, err
			}
			return c.Taxpayer(ctx, testUNP)
		}}
	}
	return all
}

// leaves gives an answer once for each value in it, with that value replaced by
// the mark.
func leaves(v any, mark string, whole func(any) string) []string {
	var out []string
	switch v := v.(type) {
	case map[string]any:
		for k, inner := range v {
			out = append(out, leaves(inner, mark, func(changed any) string {
				v[k] = changed
				defer func() { v[k] = inner }()
				return whole(v)
			})...)
		}
	case []any:
		for i, inner := range v {
			out = append(out, leaves(inner, mark, func(changed any) string {
				v[i] = changed
				defer func() { v[i] = inner }()
				return whole(v)
			})...)
		}
	default:
		out = append(out, whole(mark))
	}
	return out
}

// Every value of every answer of every register is replaced by every hostile one:
// the record can be stored, or the register counts as silent and is asked again.
// No lie turns into "there is no such record", which would refuse an order for good.
func TestS7_NoAnswerOfARegisterDoesHarm(t *testing.T) {
	t.Parallel()
	const mark = "the value that is replaced"
	tried := 0
	for name, q := range questions() {
		server := newRegister(t)
		for path, file := range q.answers {
			server.file(path, file)
		}
		for path, file := range q.answers {
			var answer any
			require.NoError(t, json.Unmarshal(golden(t, file), &answer))
			for _, template := range leaves(answer, mark, func(v any) string { b, _ := json.Marshal(v); return string(b) }) {
				for _, hostile := range hostileValues() {
					tried++
					server.body(path, http.StatusOK, strings.Replace(template, `"`+mark+`"`, hostile, 1))
					got, err := q.ask(t.Context(), Options{BaseURL: server.URL})
					about := fmt.Sprintf("%s: %.300s with %.40s", name, template, hostile)
					if err != nil {
						require.ErrorIs(t, err, ErrUnavailable, about)
						require.Less(t, len(err.Error()), 200, about)
						continue
					}
					require.NoError(t, text.Fields{}.In(got), about)
					storable(t, got)
				}
			}
			server.file(path, file)
		}
	}
	require.Greater(t, tried, 1500)
}

// storable puts a record where records go: into a comparison and into JSON that
// PostgreSQL takes.
func storable(t *testing.T, record any) {
	t.Helper()
	raw, err := json.Marshal(record)
	require.NoError(t, err)
	require.NotContains(t, string(raw), `\u0000`)
	require.Less(t, len(raw), 64<<10)
	person, _ := record.(Person)
	organisation, _ := record.(Organisation)
	taxpayer, _ := record.(Taxpayer)
	subscriber, _ := record.(Subscriber)
	head, _ := record.(Head)
	subject := order.Subject{Surname: "Образцова", Organisation: "\ufffd", UNP: string(testUNP)}
	report := CompareEmployee(subject, person, organisation, taxpayer, subscriber)
	report = append(report, CompareProprietor(subject, person, organisation, taxpayer)...)
	report = append(report, CompareHead(subject, head)...)
	require.NoError(t, text.Fields{}.In(report))
}

// The field case e2e-nul-register: a surname with a NUL is a difference, which
// refuses the order and says so.
func TestS7_AMangledValueEqualsNone(t *testing.T) {
	t.Parallel()
	path := "/population/v1/persons/3010190A001PB9"
	server := newRegister(t).body(path, http.StatusOK, strings.Replace(string(golden(t, "person.json")), "Образцова", `Образцова\u0000`, 1))
	c, err := NewPopulation(Options{BaseURL: server.URL})
	require.NoError(t, err)
	person, err := c.Person(t.Context(), testNumber)
	require.NoError(t, err)
	require.Equal(t, "Образцова\ufffd", person.Surname)
	for _, surname := range []string{"Образцова", "Образцова\ufffd"} {
		report := CompareIndividual(order.Subject{
			Surname: surname, GivenName: "Проба", Patronymic: "Примеровна", PersonalNumber: string(testNumber),
		}, person)
		require.Len(t, report.Failed(), 1, surname)
		require.Equal(t, "Образцова\ufffd", report.Failed()[0].Expected)
	}
}

// Whatever a server does on the wire, the answer is bounded in time and size, and
// worth another try.
func TestS7_RegistersThatMisbehave(t *testing.T) {
	t.Parallel()
	for name, misbehave := range map[string]http.HandlerFunc{
		"a drop at a time": func(w http.ResponseWriter, r *http.Request) {
			for r.Context().Err() == nil {
				_, _ = w.Write([]byte(" "))
				w.(http.Flusher).Flush()
				time.Sleep(10 * time.Millisecond)
			}
		},
		"without end": func(w http.ResponseWriter, r *http.Request) {
			for block := []byte(strings.Repeat(" ", 1<<16)); r.Context().Err() == nil; {
				_, _ = w.Write(block)
			}
		},
		"small packed, huge unpacked": func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Encoding", "gzip")
			z := gzip.NewWriter(w)
			for range 1 << 5 {
				_, _ = z.Write(make([]byte, 1<<16))
			}
			_ = z.Close()
		},
		"less than it said": func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Length", "1000")
			_, _ = w.Write([]byte(`{"unp"`))
		},
		"hangs up":       func(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) },
		"another page":   func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write([]byte("<html>")) },
		"two answers":    func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write([]byte(`{}{}`)) },
		"in another set": func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write([]byte("\xff\xfe{\x00}\x00")) },
		"a number":       func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write([]byte("1")) },
		"moved": func(w http.ResponseWriter, r *http.Request) {
			http.Redirect(w, r, r.URL.Path, http.StatusFound)
		},
	} {
		server := httptest.NewServer(misbehave)
		for register, q := range questions() {
			t.Run(name+"/"+register, func(t *testing.T) {
				begun := time.Now()
				_, err := q.ask(t.Context(), Options{BaseURL: server.URL, Timeout: 300 * time.Millisecond})
				require.ErrorIs(t, err, ErrUnavailable)
				require.Less(t, time.Since(begun), 5*time.Second)
			})
		}
		server.CloseClientConnections()
		server.Close()
	}
}
