package worker

import (
	"bytes"
	"encoding/json"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/remote-issuance/remote-issuance/internal/ca/catest"
	"github.com/remote-issuance/remote-issuance/internal/notify"
	"github.com/remote-issuance/remote-issuance/internal/order"
	"github.com/remote-issuance/remote-issuance/internal/pki/cms"
	"github.com/remote-issuance/remote-issuance/internal/postgres"
	"github.com/remote-issuance/remote-issuance/internal/storage"
)

// handler is the storage page of one API process. Its clock stands still, so
// that no window of attempts ends under a test.
func (b *bench) handler() http.Handler { return b.handlerAt(time.Now()) }

func (b *bench) handlerAt(now time.Time) http.Handler {
	b.t.Helper()
	hasher, err := storage.NewHasher(storage.DefaultCost(), 2)
	require.NoError(b.t, err)
	limiter, err := storage.NewLimiter(b.grants, storage.DefaultLimits(), []byte("the same secret in all processes"))
	require.NoError(b.t, err)
	service, err := storage.NewService(b.grants, hasher, limiter, func() time.Time { return now })
	require.NoError(b.t, err)
	h, err := storage.NewHandler(service, storage.BehindProxies(nil), slog.New(slog.DiscardHandler))
	require.NoError(b.t, err)
	return h
}

func ask(h http.Handler, from, login, password, format string) *httptest.ResponseRecorder {
	body, _ := json.Marshal(map[string]string{"login": login, "password": password, "format": format})
	r := httptest.NewRequest(http.MethodPost, storage.CertificatePath, bytes.NewReader(body))
	r.Header.Set("Content-Type", "application/json")
	r.RemoteAddr = from + ":40000"
	w := httptest.NewRecorder()
	h.ServeHTTP(w, r)
	return w
}

var (
	loginForm    = regexp.MustCompile(`RC-[0-9A-Z]{4}-[0-9A-Z]{4}`)
	passwordForm = regexp.MustCompile(`[0-9A-Z]{4}-[0-9A-Z]{4}-[0-9A-Z]{4}-[0-9A-Z]{4}`)
)

func TestI4_LoginByMailPasswordBySMSOpenTheStorage(t *testing.T) {
	b := newBench(t)
	in, certificate := b.issued("applicant")
	var email, sms inbox
	b.dispatch(&email, &sms, func() bool { return len(email.messages()) == 1 && len(sms.messages()) == 1 })

	letter, short := email.messages()[0], sms.messages()[0]
	require.Equal(t, catest.Contacts().Email, letter.To)
	require.Equal(t, catest.Contacts().Phone, short.To)
	login, password := loginForm.FindString(letter.Message.Text), passwordForm.FindString(short.Message.Text)
	require.NotEmpty(t, login)
	require.NotEmpty(t, password)
	require.Contains(t, letter.Message.Text, "https://storage.example.by/storage")
	require.NotContains(t, letter.Message.Text+letter.Message.HTML, password, "never both by one channel")
	require.NotContains(t, short.Message.Text, login)

	cabinetLogin, cabinetPassword, err := b.desk.Reveal(t.Context(), in.OrderID)
	require.NoError(t, err)
	require.Equal(t, []string{login, password}, []string{string(cabinetLogin), cabinetPassword.Reveal()})

	h := b.handler()
	answer := ask(h, "192.0.2.1", login, password, "cer")
	require.Equal(t, http.StatusOK, answer.Code)
	require.Equal(t, certificate.Raw, answer.Body.Bytes())
	answer = ask(h, "192.0.2.1", login, password, "p7b")
	require.Equal(t, http.StatusOK, answer.Code)
	chain, err := cms.ParseCertificates(answer.Body.Bytes())
	require.NoError(t, err)
	require.Len(t, chain, 3)
	// Each reading of a secret and each fetch is in the log: one a channel.
	actions := strings.Join(b.actions(in.OrderID), " ")
	require.Equal(t, 2, strings.Count(actions, "credentials-revealed"), actions)
	require.Equal(t, 2, strings.Count(actions, "certificate-fetched"), actions)
}

func TestI6_OneChannelDownNeitherBlocksNorHidesTheOther(t *testing.T) {
	b := newBench(t)
	in, _ := b.issued("applicant")
	email, sms := inbox{}, inbox{fail: errSilentGateway}
	view := func() map[notify.Channel]postgres.NoticeView {
		o, err := postgres.NewOrders(b.Pool).Order(t.Context(), in.OrderID)
		require.NoError(t, err)
		out := map[notify.Channel]postgres.NoticeView{}
		for _, n := range o.Notices {
			out[n.Channel] = n
		}
		return out
	}
	b.dispatch(&email, &sms, func() bool {
		v := view()
		return v[notify.ChannelEmail].State == postgres.NoticeSent && v[notify.ChannelSMS].Attempts > 0
	})
	require.Equal(t, postgres.NoticePending, view()[notify.ChannelSMS].State)
	require.NotEmpty(t, view()[notify.ChannelSMS].Cause)
	o, err := postgres.NewOrders(b.Pool).Order(t.Context(), in.OrderID)
	require.NoError(t, err)
	require.Equal(t, order.EndIssued, o.State.End)

	sms.fail = nil
	b.exec("UPDATE notices SET next_attempt_at = now()")
	b.dispatch(&email, &sms, func() bool { return view()[notify.ChannelSMS].State == postgres.NoticeSent })
	require.Len(t, email.messages(), 1, "what was accepted is not sent again")
}

func TestI5_ClearPasswordEndsWithItsTerm(t *testing.T) {
	b := newBench(t)
	in, _ := b.issued("applicant")
	clean := sweeper{grants: b.grants, log: slog.New(slog.DiscardHandler)}
	_, _, err := b.desk.Reveal(t.Context(), in.OrderID)
	require.NoError(t, err)
	require.NoError(t, clean.sweep(t.Context(), time.Now().Add(storage.DefaultTerm-time.Hour)))
	_, password, err := b.desk.Reveal(t.Context(), in.OrderID)
	require.NoError(t, err)
	require.NoError(t, clean.sweep(t.Context(), time.Now().Add(storage.DefaultTerm+time.Hour)))
	login, _, err := b.desk.Reveal(t.Context(), in.OrderID)
	require.ErrorIs(t, err, storage.ErrDelivered)
	require.NotEmpty(t, password.Reveal())

	b.exec("UPDATE credentials SET expires_at = now()")
	require.Equal(t, http.StatusGone, ask(b.handler(), "192.0.2.1", string(login), password.Reveal(), "cer").Code)
	// A message that comes too late carries nothing and is given up.
	secrets := credentials{desk: b.desk, store: b.grants, audit: b.audit, now: time.Now}
	_, err = secrets.Credentials(t.Context(), in.OrderID)
	require.ErrorIs(t, err, notify.ErrNoSecret)
}

func TestI5_GuessersAreLimitedAcrossProcesses(t *testing.T) {
	b := newBench(t)
	in, _ := b.issued("applicant")
	login, password, err := b.desk.Reveal(t.Context(), in.OrderID)
	require.NoError(t, err)
	// Two handlers with a pool each would share no more than these do: the database.
	now := time.Now().Truncate(15 * time.Minute).Add(time.Minute)
	processes := []http.Handler{b.handlerAt(now), b.handlerAt(now)}
	const guess = "AAAA-AAAA-AAAA-AAAA"

	// One login from many addresses, by turns over both processes: ten are heard.
	codes := map[int]int{}
	for i := range 16 {
		from := "198.51.100." + string(rune('1'+i%8))
		codes[ask(processes[i%2], from, string(login), guess, "cer").Code]++
	}
	require.Equal(t, map[int]int{http.StatusForbidden: 10, http.StatusTooManyRequests: 6}, codes)
	// Even the right password has to wait now, and from anywhere.
	require.Equal(t, http.StatusTooManyRequests, ask(processes[0], "203.0.113.1", string(login), password.Reveal(), "cer").Code)

	// Many logins from one address: thirty are heard.
	codes = map[int]int{}
	for i := range 36 {
		unknown := "RC-AAAA-AA" + string([]byte{"ABCDEFGHJK"[i/10], "0123456789"[i%10]})
		codes[ask(processes[i%2], "192.0.2.77", unknown, guess, "cer").Code]++
	}
	require.Equal(t, map[int]int{http.StatusForbidden: 30, http.StatusTooManyRequests: 6}, codes)

	// No counter tells whom it counts, and all of them end.
	var telling int
	require.NoError(t, b.Pool.QueryRow(t.Context(), `SELECT count(*) FROM storage_attempts WHERE key !~ '^[0-9a-f]{64}$'`).Scan(&telling))
	require.Zero(t, telling)
	require.NoError(t, b.grants.DropAttempts(t.Context(), time.Now().Add(48*time.Hour)))
	require.Equal(t, http.StatusOK, ask(processes[1], "203.0.113.1", string(login), password.Reveal(), "cer").Code)
}
