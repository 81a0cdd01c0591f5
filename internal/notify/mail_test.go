package notify

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"io"
	"mime"
	"mime/multipart"
	"mime/quotedprintable"
	"net"
	"net/http"
	"net/http/httptest"
	"net/mail"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"
)

var noticeID = uuid.MustParse("0195a1c2-3d4e-7f50-8a6b-9c0d1e2f3a4b")

const recipient = "proba.obrazcova@mail.example"

func envelope() Envelope {
	return Envelope{ID: noticeID, To: recipient, Language: Russian, Message: Message{
		Subject: "Заказ 1: сертификат издан", Text: "Здравствуйте!\n", HTML: "<p>Здравствуйте!</p>",
	}}
}

func sendMail(t *testing.T, o MailOptions, e Envelope) (string, error) {
	t.Helper()
	m, err := NewMail(o)
	require.NoError(t, err)
	return m.Send(t.Context(), e)
}

func TestI4_MailIsTextAndHTML(t *testing.T) {
	t.Parallel()
	server := newSMTPServer(t, nil, nil)
	id, err := sendMail(t, server.options(t), envelope())
	require.NoError(t, err)
	require.Equal(t, "<"+noticeID.String()+"@issuance.example>", id)

	messages, _ := server.seen()
	require.Len(t, messages, 1)
	msg, err := mail.ReadMessage(strings.NewReader(messages[0]))
	require.NoError(t, err)
	subject, err := new(mime.WordDecoder).DecodeHeader(msg.Header.Get("Subject"))
	require.NoError(t, err)
	require.Equal(t, "Заказ 1: сертификат издан", subject)
	require.Equal(t, id, msg.Header.Get("Message-ID"))
	require.Equal(t, "auto-generated", msg.Header.Get("Auto-Submitted"))
	require.Equal(t, "ru", msg.Header.Get("Content-Language"))
	require.Equal(t, "<"+recipient+">", msg.Header.Get("To"))
	require.NotEmpty(t, msg.Header.Get("Date"))
	require.Equal(t, map[string]string{
		"text/plain": "Здравствуйте!", "text/html": "<p>Здравствуйте!</p>",
	}, parts(t, msg))
}

func parts(t *testing.T, msg *mail.Message) map[string]string {
	t.Helper()
	kind, params, err := mime.ParseMediaType(msg.Header.Get("Content-Type"))
	require.NoError(t, err)
	require.Equal(t, "multipart/alternative", kind)
	found := map[string]string{}
	for reader := multipart.NewReader(msg.Body, params["boundary"]); ; {
		part, err := reader.NextRawPart()
		if errors.Is(err, io.EOF) {
			return found
		}
		require.NoError(t, err)
		require.Equal(t, "quoted-printable", part.Header.Get("Content-Transfer-Encoding"))
		body, err := io.ReadAll(quotedprintable.NewReader(part))
		require.NoError(t, err)
		kind, _, err := mime.ParseMediaType(part.Header.Get("Content-Type"))
		require.NoError(t, err)
		found[kind] = strings.TrimSpace(string(body))
	}
}

func TestI6_ARetryIsTheSameMessage(t *testing.T) {
	t.Parallel()
	server := newSMTPServer(t, nil, nil)
	first, err := sendMail(t, server.options(t), envelope())
	require.NoError(t, err)
	second, err := sendMail(t, server.options(t), envelope())
	require.NoError(t, err)
	require.Equal(t, first, second)
}

func TestI6_MailFailuresForGoodAndForNow(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		replies   map[string]string
		permanent bool
		cause     string
	}{
		"no such mailbox":       {map[string]string{"RCPT": "550 5.1.1 no such user " + recipient}, true, "RCPT TO command: code 550"},
		"mailbox full for now":  {map[string]string{"RCPT": "452 4.2.2 full " + recipient}, false, "code 452"},
		"grey-listed":           {map[string]string{"RCPT": "451 4.7.1 later"}, false, "code 451"},
		"content refused":       {map[string]string{".": "554 5.7.1 spam for " + recipient}, true, "code 554"},
		"content later":         {map[string]string{".": "451 4.3.0 later"}, false, "code 451"},
		"we must authenticate":  {map[string]string{"MAIL": "530 5.7.0 authenticate"}, false, "code 530"},
		"sender refused":        {map[string]string{"MAIL": "553 5.1.8 sender"}, true, "code 553"},
		"server closes shop":    {map[string]string{"EHLO": "421 4.3.2 shutting down", "HELO": "421 4.3.2 shutting down"}, false, "connecting"},
		"greeting of a refusal": {map[string]string{"EHLO": "554 5.7.1 you again", "HELO": "554 5.7.1 you again"}, false, "connecting"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			_, err := sendMail(t, newSMTPServer(t, nil, tt.replies).options(t), envelope())
			require.Error(t, err)
			require.ErrorContains(t, err, tt.cause)
			require.NotContains(t, err.Error(), recipient)
			if tt.permanent {
				require.ErrorIs(t, err, ErrPermanent)
				return
			}
			require.NotErrorIs(t, err, ErrPermanent)
		})
	}
}

func TestI6_AcceptedMailIsAcceptedWhateverFollows(t *testing.T) {
	t.Parallel()
	server := newSMTPServer(t, nil, map[string]string{"RSET": "421 4.3.2 bye", "QUIT": "421 4.3.2 bye"})
	_, err := sendMail(t, server.options(t), envelope())
	require.NoError(t, err)
	messages, verbs := server.seen()
	require.Len(t, messages, 1)
	require.Contains(t, verbs, "RSET")
}

func TestMailPolicies(t *testing.T) {
	t.Parallel()
	plain := newSMTPServer(t, nil, nil)
	o := plain.options(t)
	o.TLS = TLSMandatory
	_, err := sendMail(t, o, envelope())
	require.Error(t, err, "no STARTTLS, no mail")
	require.NotErrorIs(t, err, ErrPermanent)
	messages, _ := plain.seen()
	require.Empty(t, messages)

	o.TLS = TLSOpportunistic
	_, err = sendMail(t, o, envelope())
	require.NoError(t, err)

	auth := newSMTPServer(t, []string{"AUTH PLAIN"}, map[string]string{"AUTH": "535 5.7.8 wrong"})
	o = auth.options(t)
	o.Username, o.Password = "robot", "s3cret-of-robot"
	_, err = sendMail(t, o, envelope())
	require.Error(t, err)
	require.NotErrorIs(t, err, ErrPermanent, "an operator mends a password")
	require.NotContains(t, err.Error(), "s3cret")

	_, verbs := auth.seen()
	require.NotContains(t, verbs, "AUTH", "no password without encryption")
}

func TestMailIsAuthenticatedUnderTLS(t *testing.T) {
	t.Parallel()
	certified := httptest.NewTLSServer(http.NotFoundHandler())
	t.Cleanup(certified.Close)
	server := newSMTPServer(t, []string{"STARTTLS", "AUTH PLAIN"}, map[string]string{"AUTH": "235 2.7.0 welcome"})
	server.tls = &tls.Config{Certificates: certified.TLS.Certificates, MinVersion: tls.VersionTLS12}
	o := server.options(t)
	o.TLS, o.Username, o.Password = TLSMandatory, "robot", "s3cret-of-robot"
	_, err := sendMail(t, o, envelope())
	require.Error(t, err, "nobody vouches for the certificate")
	require.NotErrorIs(t, err, ErrPermanent)

	roots := x509.NewCertPool()
	roots.AddCert(certified.Certificate())
	o.TLSConfig = &tls.Config{RootCAs: roots, ServerName: "example.com", MinVersion: tls.VersionTLS12}
	_, err = sendMail(t, o, envelope())
	require.NoError(t, err)
	messages, verbs := server.seen()
	require.Len(t, messages, 1)
	require.Subset(t, verbs, []string{"STARTTLS", "AUTH"})
}

func TestI6_SilentAndAbsentMailServers(t *testing.T) {
	t.Parallel()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	silent := &smtpServer{listener: listener}
	o := silent.options(t)
	o.Timeout = time.Millisecond
	_, err = sendMail(t, o, envelope())
	require.ErrorContains(t, err, "mail: connecting")

	require.NoError(t, listener.Close())
	o.Timeout = time.Second
	_, err = sendMail(t, o, envelope())
	require.ErrorContains(t, err, "no connection (dial)")

	m, err := NewMail(o)
	require.NoError(t, err)
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	_, err = m.Send(ctx, envelope())
	require.Error(t, err)
	require.NotErrorIs(t, err, ErrPermanent)
}

func TestWrongAddressesAreFinal(t *testing.T) {
	t.Parallel()
	server := newSMTPServer(t, nil, nil)
	for _, to := range []string{"", "no address", "Имя <a@b.example>", "a@b.example, c@d.example", "a@b.example\r\nRCPT TO:<x@y.example>"} {
		e := envelope()
		e.To = to
		_, err := sendMail(t, server.options(t), e)
		require.ErrorIs(t, err, ErrPermanent, to)
	}
	_, verbs := server.seen()
	require.Empty(t, verbs)
}

func TestMailOptionsAreChecked(t *testing.T) {
	t.Parallel()
	good := MailOptions{Host: "mail.example", Port: 587, TLS: TLSMandatory, From: "no-reply@issuance.example"}
	_, err := NewMail(good)
	require.NoError(t, err)
	for name, change := range map[string]func(*MailOptions){
		"no sender":    func(o *MailOptions) { o.From = "" },
		"named sender": func(o *MailOptions) { o.From = "Имя <a@b.example>" },
		"no policy":    func(o *MailOptions) { o.TLS = "" },
		"no host":      func(o *MailOptions) { o.Host = "" },
		"no port":      func(o *MailOptions) { o.Port = -1 },
	} {
		o := good
		change(&o)
		_, err := NewMail(o)
		require.Error(t, err, name)
	}
	implicit := good
	implicit.TLS, implicit.Port = TLSImplicit, 465
	_, err = NewMail(implicit)
	require.NoError(t, err)
}
