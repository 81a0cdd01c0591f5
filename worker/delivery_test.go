package worker

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"regexp"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"github.com/remote-issuance/remote-issuance/activities"
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
	ring, err := b.Keyring()
	require.NoError(b.t, err)
	hasher, err := storage.NewHasher(ring, 2)
	require.NoError(b.t, err)
	limiter, err := storage.NewLimiter(b.store, storage.DefaultLimits(), []byte("the same secret in all processes"))
	require.NoError(b.t, err)
	service, err := storage.NewService(b.store, hasher, limiter, func() time.Time { return now })
	require.NoError(b.t, err)
	h, err := storage.NewHandler(service, storage.BehindProxies(nil), "/problems", slog.New(slog.DiscardHandler))
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
	id, certificate := b.issued("applicant")
	var email, sms inbox
	send := b.sender(&email, &sms).SendCredentials
	for range 2 {
		require.NoError(t, send(t.Context(), id, activities.ChannelEmail))
		require.NoError(t, send(t.Context(), id, activities.ChannelSMS))
	}
	require.Len(t, email.messages(), 1, "what was accepted is not sent again")
	require.Len(t, sms.messages(), 1)

	letter, short := email.messages()[0], sms.messages()[0]
	require.Equal(t, catest.Contacts().Email, letter.To)
	require.Equal(t, catest.Contacts().Phone, short.To)
	login, password := loginForm.FindString(letter.Message.Text), passwordForm.FindString(short.Message.Text)
	require.NotEmpty(t, login)
	require.NotEmpty(t, password)
	require.Contains(t, letter.Message.Text, "https://storage.example.by/storage")
	require.NotContains(t, letter.Message.Text+letter.Message.HTML, password, "never both by one channel")
	require.NotContains(t, short.Message.Text, login)

	cabinet, cabinetPassword, err := b.issuer.Reveal(t.Context(), id.String())
	require.NoError(t, err)
	require.Equal(t, []string{login, password}, []string{string(cabinet.Login), cabinetPassword.Reveal()})

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
	actions := strings.Join(b.actions(id), " ")
	require.Equal(t, 2, strings.Count(actions, "credentials-revealed"), actions)
	require.Equal(t, 2, strings.Count(actions, "certificate-fetched"), actions)
}

func TestI6_OneChannelDownNeitherBlocksNorHidesTheOther(t *testing.T) {
	b := newBench(t)
	id, _ := b.issued("applicant")
	email, sms := inbox{}, inbox{fail: errSilentGateway}
	s := b.sender(&email, &sms)
	view := func() map[notify.Channel]postgres.NoticeView {
		o, err := postgres.NewOrders(b.Pool, order.Tariff{}).Order(t.Context(), id)
		require.NoError(t, err)
		require.Equal(t, order.EndIssued, o.Record.End)
		out := map[notify.Channel]postgres.NoticeView{}
		for _, n := range o.Notices {
			if n.Kind == order.NoticeIssued {
				out[n.Channel] = n
			}
		}
		return out
	}
	for i := range 2 {
		err := s.SendCredentials(t.Context(), id, activities.ChannelSMS)
		require.ErrorIs(t, err, errSilentGateway)
		require.NotErrorIs(t, err, activities.ErrUndeliverable)
		require.Equal(t, i+1, view()[notify.ChannelSMS].Attempts)
	}
	require.NoError(t, s.SendCredentials(t.Context(), id, activities.ChannelEmail))
	require.Equal(t, postgres.NoticeSent, view()[notify.ChannelEmail].State)
	require.Equal(t, postgres.NoticePending, view()[notify.ChannelSMS].State)
	require.NotEmpty(t, view()[notify.ChannelSMS].Cause)

	sms.fail = nil
	require.NoError(t, s.SendCredentials(t.Context(), id, activities.ChannelSMS))
	require.Equal(t, postgres.NoticeSent, view()[notify.ChannelSMS].State)
}

func TestI6_WhatCannotArriveIsGivenUp(t *testing.T) {
	b := newBench(t)
	id, _ := b.issued("applicant")
	email, sms := inbox{fail: fmt.Errorf("no such mailbox: %w", notify.ErrPermanent)}, inbox{fail: errSilentGateway}
	s := b.sender(&email, &sms)
	for range 2 {
		err := s.SendCredentials(t.Context(), id, activities.ChannelEmail)
		require.ErrorIs(t, err, activities.ErrUndeliverable)
		require.ErrorContains(t, err, "no such mailbox")
	}
	require.NoError(t, s.GiveUp(t.Context(), id, activities.ChannelSMS))
	require.ErrorIs(t, s.SendCredentials(t.Context(), id, activities.ChannelSMS), activities.ErrUndeliverable)
	require.ErrorIs(t, s.SendCredentials(t.Context(), order.NewID(), activities.ChannelSMS), activities.ErrUndeliverable, "there is none")
	require.Empty(t, email.messages())
}

// forgetful is an outbox that cannot record that a message was given up.
type forgetful struct{ credentialOutbox }

func (forgetful) GiveUp(context.Context, uuid.UUID, string) error {
	return errors.New("the database is away")
}

func TestI6_WhatCouldNotBeRecordedAsGivenUpIsTriedAgain(t *testing.T) {
	b := newBench(t)
	id, _ := b.issued("applicant")
	email, sms := inbox{fail: fmt.Errorf("no such mailbox: %w", notify.ErrPermanent)}, inbox{}
	s := b.sender(&email, &sms)
	s.outbox = forgetful{s.outbox}
	err := s.SendCredentials(t.Context(), id, activities.ChannelEmail)
	require.Error(t, err)
	require.NotErrorIs(t, err, activities.ErrUndeliverable, "its outcome would be shown as pending for ever")
}

func TestI6_TheSameMessageIsNotSentByTwoAtOnce(t *testing.T) {
	b := newBench(t)
	id, _ := b.issued("applicant")
	var email, sms inbox
	senders := []credentialSender{b.sender(&email, &sms), b.sender(&email, &sms)}
	var all sync.WaitGroup
	for i := range 8 {
		all.Go(func() {
			_ = senders[i%2].SendCredentials(context.WithoutCancel(t.Context()), id, activities.ChannelEmail)
		})
	}
	all.Wait()
	require.Len(t, email.messages(), 1)
}

// A try that was overtaken after it had looked finds the reservation of a certificate that is out.
func TestI1_ATryThatWasOvertakenFinishesToTheSameCertificate(t *testing.T) {
	b := newBench(t)
	id, certificate := b.issued("applicant")
	stored, _, err := b.Certificates.Find(t.Context(), id.String())
	require.NoError(t, err)
	require.Equal(t, certificate.RawTBS, stored.Prepared().TBS)
	finished, err := b.service.Finish(t.Context(), stored)
	require.NoError(t, err)
	require.Equal(t, certificate.Raw, finished.DER)
}

func TestI5_ClearPasswordEndsWithItsTerm(t *testing.T) {
	b := newBench(t)
	id, _ := b.issued("applicant")
	clean := sweeper{credentials: b.store, log: slog.New(slog.DiscardHandler)}
	_, _, err := b.issuer.Reveal(t.Context(), id.String())
	require.NoError(t, err)
	require.NoError(t, clean.sweep(t.Context(), time.Now().Add(storage.DefaultTerm-time.Hour)))
	_, password, err := b.issuer.Reveal(t.Context(), id.String())
	require.NoError(t, err)
	require.NoError(t, clean.sweep(t.Context(), time.Now().Add(storage.DefaultTerm+time.Hour)))
	credential, _, err := b.issuer.Reveal(t.Context(), id.String())
	require.ErrorIs(t, err, storage.ErrDelivered)
	require.NotEmpty(t, password.Reveal())

	b.exec("UPDATE credentials SET expires_at = now()")
	require.Equal(t, http.StatusGone, ask(b.handler(), "192.0.2.1", string(credential.Login), password.Reveal(), "cer").Code)
	// A message that comes too late carries nothing and is given up.
	secrets := credentials{issuer: b.issuer, audit: b.audit, now: time.Now}
	_, err = secrets.Credentials(t.Context(), id.String())
	require.ErrorIs(t, err, notify.ErrNoSecret)
}

func TestI5_GuessersAreLimitedAcrossProcesses(t *testing.T) {
	b := newBench(t)
	id, _ := b.issued("applicant")
	credential, password, err := b.issuer.Reveal(t.Context(), id.String())
	require.NoError(t, err)
	// Two handlers with a pool each would share no more than these do: the database.
	now := time.Now().Truncate(15 * time.Minute).Add(time.Minute)
	processes := []http.Handler{b.handlerAt(now), b.handlerAt(now)}
	const guess = "AAAA-AAAA-AAAA-AAAA"

	// One login from one address, by turns over both processes: ten are heard.
	codes := map[int]int{}
	for i := range 16 {
		codes[ask(processes[i%2], "198.51.100.1", string(credential.Login), guess, "cer").Code]++
	}
	require.Equal(t, map[int]int{http.StatusForbidden: 10, http.StatusTooManyRequests: 6}, codes)
	// The guesser's address has to wait, with the right password too; the owner's has not.
	require.Equal(t, http.StatusTooManyRequests, ask(processes[1], "198.51.100.1", string(credential.Login), password.Reveal(), "cer").Code)
	require.Equal(t, http.StatusOK, ask(processes[0], "203.0.113.1", string(credential.Login), password.Reveal(), "cer").Code)

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
	require.NoError(t, b.store.DropAttempts(t.Context(), time.Now().Add(48*time.Hour)))
	require.Equal(t, http.StatusOK, ask(processes[1], "203.0.113.1", string(credential.Login), password.Reveal(), "cer").Code)
}
