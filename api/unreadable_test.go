package api

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/remote-issuance/remote-issuance/api/contract"
	"github.com/remote-issuance/remote-issuance/api/web"
	"github.com/remote-issuance/remote-issuance/internal/payments"
)

// unread are messages of a gateway that cannot be read, by what is wrong.
func unread(t *testing.T) map[string]struct {
	mediaType, body string
	want            web.Slug
	source          payments.Source
} {
	t.Helper()
	type message = struct {
		mediaType, body string
		want            web.Slug
		source          payments.Source
	}
	out := map[string]message{
		"no field":        {"application/json", `{}`, web.ProblemValidation, payments.SourceManual},
		"cut short":       {"application/json", `{"source":"erip","externalId":"`, web.ProblemMalformed, payments.SourceManual},
		"no object":       {"application/json", `[]`, web.ProblemMalformed, payments.SourceManual},
		"two values":      {"application/json", `{"source":"erip"} {"source":"erip"}`, web.ProblemMalformed, payments.SourceManual},
		"a source of 1":   {"application/json", `{"source":1,"number":2}`, web.ProblemMalformed, payments.SourceManual},
		"octets":          {"application/json", "\x00\xff\xfe NOAIS000000001", web.ProblemMalformed, payments.SourceManual},
		"64 KiB":          {"application/json", `{"source":"` + strings.Repeat("я", 32<<10), web.ProblemMalformed, payments.SourceManual},
		"a form":          {"application/x-www-form-urlencoded", "source=erip", web.ProblemMediaType, payments.SourceManual},
		"said to be text": {"text/plain", `{"source":"erip","number":"NOAIS000000001"}`, web.ProblemMediaType, payments.SourceERIP},
	}
	for name, change := range map[string]func(map[string]any){
		"no id":         func(n map[string]any) { delete(n, "externalId") },
		"long id":       func(n map[string]any) { n["externalId"] = strings.Repeat("я", 129) },
		"no currency":   func(n map[string]any) { n["currency"] = "" },
		"no time":       func(n map[string]any) { delete(n, "occurredAt") },
		"no amount":     func(n map[string]any) { delete(n, "amount") },
		"negative":      func(n map[string]any) { n["amount"] = "-1.00" },
		"three digits":  func(n map[string]any) { n["amount"] = "1.001" },
		"exponent":      func(n map[string]any) { n["amount"] = "1e9" },
		"too much":      func(n map[string]any) { n["amount"] = "99999999999999999999" },
		"long number":   func(n map[string]any) { n["number"] = strings.Repeat("1", 257) },
		"long payer":    func(n map[string]any) { n["payerUnp"] = strings.Repeat("1", 17) },
		"NUL and no id": func(n map[string]any) { n["number"], n["externalId"] = "за услуги\x00", " " },
	} {
		n := payment("NOAIS000000001", "1.00")
		change(n)
		body, err := json.Marshal(n)
		require.NoError(t, err)
		out[name] = message{"application/json", string(body), web.ProblemValidation, payments.SourceAssist}
	}
	for name, change := range map[string]func(map[string]any){
		"unknown field":    func(n map[string]any) { n["payer"] = "Образцова" },
		"number as number": func(n map[string]any) { n["amount"] = 1 },
		"no instant":       func(n map[string]any) { n["occurredAt"] = "oleg.primerov" },
	} {
		n := payment("NOAIS000000001", "1.00")
		change(n)
		body, err := json.Marshal(n)
		require.NoError(t, err)
		out[name] = message{"application/json", string(body), web.ProblemMalformed, payments.SourceAssist}
	}
	for _, source := range []string{"manual", "x"} {
		n := payment("NOAIS000000001", "1.00")
		n["source"] = source
		body, err := json.Marshal(n)
		require.NoError(t, err)
		out["source "+source] = message{"application/json", string(body), web.ProblemValidation, payments.SourceManual}
	}
	return out
}

func TestP4_AMessageThatCannotBeReadIsKeptAndRefused(t *testing.T) {
	b := setup(t)
	for name, m := range unread(t) {
		for range 2 {
			b.ask(http.MethodPost, "/v1/payments/notifications", asGateway, m.mediaType, m.body).problem(m.want)
		}
		rows, err := b.pool.Query(t.Context(), "SELECT source, reason, outcome FROM gateway_messages WHERE raw = $1", []byte(m.body))
		require.NoError(t, err)
		kept := 0
		for rows.Next() {
			var source, reason, outcome string
			require.NoError(t, rows.Scan(&source, &reason, &outcome))
			require.Equal(t, []string{string(m.source), "unreadable", "unapplied"}, []string{source, reason, outcome}, name)
			kept++
		}
		require.NoError(t, rows.Err())
		require.Equal(t, 1, kept, "%s: the same octets are one message (P5)", name)
	}
	list := b.payments("").Payments
	require.Len(t, list, len(unread(t)))
	for _, p := range list {
		require.Equal(t, string(payments.ReasonUnreadable), p.Reason)
		require.Equal(t, "0.00", p.Amount)
	}
	require.Zero(t, b.count("payments WHERE state = 'applied'"))
}

// What nobody has sent is no message.
func TestAnEmptyBodyIsNoMessage(t *testing.T) {
	b := setup(t)
	b.post("/v1/payments/notifications", asGateway, "").problem(web.ProblemMediaType)
	b.ask(http.MethodPost, "/v1/payments/notifications", asGateway, "application/json", "").problem(web.ProblemValidation)
	b.post("/v1/payments/notifications", asOperator, `{}`).problem(web.ProblemForbidden)
	require.Zero(t, b.count("gateway_messages"))
}

// Whoever mends a message and sends it again has paid, once.
func TestP4_TheMendedMessagePays(t *testing.T) {
	b := setup(t)
	_, number, amount := b.bill()
	n := payment(number, amount)
	delete(n, "occurredAt")
	b.notify(n).problem(web.ProblemValidation)
	n["occurredAt"] = b.now
	var entry contract.LedgerEntry
	b.notify(n).is(http.StatusOK, &entry)
	require.Equal(t, contract.Applied, entry.State)
	waits := b.payments("").Payments
	require.Len(t, waits, 1)
	require.Equal(t, number, waits[0].Number, "what can be read of it leads the operator")
}

// brokenLedger cannot keep anything.
type brokenLedger struct{ Ledger }

func (brokenLedger) Record(context.Context, payments.Notification) (payments.Decision, error) {
	return payments.Decision{}, errors.New("the disk is full")
}

func TestP6_AMessageThatIsNotKeptIsNotAnswered(t *testing.T) {
	b := setup(t)
	d := b.deps
	d.Ledger = brokenLedger{d.Ledger}
	b.serve(d)
	for _, body := range []string{`{}`, `{"source":`} {
		require.GreaterOrEqual(t, b.post("/v1/payments/notifications", asGateway, body).Status, http.StatusInternalServerError, "the sender comes again")
	}
}

// Whatever a gateway sends is kept, octet by octet, once.
func TestP4_NoMessageIsLost(t *testing.T) {
	b := setup(t)
	rapid.Check(t, func(t *rapid.T) {
		raw := rapid.OneOf(
			rapid.SliceOfN(rapid.Byte(), 1, 200),
			rapid.Custom(func(t *rapid.T) []byte {
				n := payment("NOAIS000000001", "1.00")
				for _, field := range rapid.SliceOfN(rapid.SampledFrom([]string{"source", "number", "amount", "currency", "payerUnp", "occurredAt", "x"}), 0, 4).Draw(t, "fields") {
					n[field] = rapid.OneOf(rapid.Just[any](nil), rapid.Map(rapid.String(), func(s string) any { return s }), rapid.Map(rapid.Int(), func(i int) any { return i })).Draw(t, "value")
				}
				body, err := json.Marshal(n)
				require.NoError(t, err)
				return body
			}),
		).Draw(t, "message")
		r, err := http.NewRequestWithContext(b.t.Context(), http.MethodPost, "/v1/payments/notifications", bytes.NewReader(raw))
		require.NoError(t, err)
		r.Header.Set("Authorization", asGateway)
		r.Header.Set("Content-Type", rapid.SampledFrom([]string{"application/json", "text/plain", "x"}).Draw(t, "type"))
		w := httptest.NewRecorder()
		b.handler.ServeHTTP(w, r)
		require.Less(t, w.Code, http.StatusInternalServerError)
		var kept int
		require.NoError(t, b.pool.QueryRow(b.t.Context(), "SELECT count(*) FROM gateway_messages WHERE raw = $1", raw).Scan(&kept))
		require.Equal(t, 1, kept)
	})
}
