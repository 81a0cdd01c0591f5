package notify

import (
	"mime"
	"net/mail"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/remote-issuance/remote-issuance/internal/mailbox"
)

// recipients are what a server was told after MAIL FROM and RCPT TO.
func (s *smtpServer) recipients() []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	var out []string
	for _, line := range s.lines {
		if strings.HasPrefix(strings.ToUpper(line), "RCPT TO:") {
			out = append(out, line)
		}
	}
	return out
}

func TestI4_InternationalDomainsGoInALabels(t *testing.T) {
	t.Parallel()
	for name, offers := range map[string][]string{"without SMTPUTF8": nil, "with SMTPUTF8": {"SMTPUTF8"}} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			server := newSMTPServer(t, offers, nil)
			e := envelope()
			e.To = "vera@пример.бел"
			_, err := sendMail(t, server.options(t), e)
			require.NoError(t, err)
			require.Equal(t, []string{"RCPT TO:<vera@xn--e1afmkfd.xn--90ais>"}, server.recipients())
			messages, _ := server.seen()
			require.Contains(t, messages[0], "To: <vera@xn--e1afmkfd.xn--90ais>")
		})
	}
}

func TestI4_NamesOfOtherAlphabetsNeedSMTPUTF8(t *testing.T) {
	t.Parallel()
	e := envelope()
	e.To = "вера@пример.бел"
	plain := newSMTPServer(t, nil, nil)
	_, err := sendMail(t, plain.options(t), e)
	require.ErrorIs(t, err, ErrPermanent)
	require.ErrorIs(t, err, mailbox.ErrLocalPart)
	_, verbs := plain.seen()
	require.Empty(t, verbs, "nobody is asked in vain")

	able := newSMTPServer(t, []string{"SMTPUTF8"}, nil)
	o := able.options(t)
	o.Reach.UTF8 = true
	_, err = sendMail(t, o, e)
	require.NoError(t, err)
	require.Equal(t, []string{"RCPT TO:<вера@xn--e1afmkfd.xn--90ais>"}, able.recipients())
}

// The letters of the field cases, by their ids: what the server is told, or why
// it is not asked.
func TestI4_LettersOfTheFieldCases(t *testing.T) {
	t.Parallel()
	for id, c := range map[string]struct {
		to, subject string
		offers      []string
		want        string
		err         error
	}{
		"mail-vera-plain":            {to: "vera@пример.бел", want: "vera@xn--e1afmkfd.xn--90ais"},
		"mail-вера-plain":            {to: "вера@пример.бел", err: mailbox.ErrLocalPart},
		"mail-vera":                  {to: "vera@пример.бел", offers: []string{"SMTPUTF8"}, want: "vera@xn--e1afmkfd.xn--90ais"},
		"mail-v.obraztsova+cert":     {to: "v.obraztsova+cert@example.by", want: "v.obraztsova+cert@example.by"},
		"mail-long Cyrillic subject": {to: "vera@example.by", subject: strings.Repeat("Сертификат готов ", 25), want: "vera@example.by"},
	} {
		t.Run(id, func(t *testing.T) {
			t.Parallel()
			server := newSMTPServer(t, c.offers, nil)
			e := envelope()
			e.To = c.to
			if c.subject != "" {
				e.Message.Subject = c.subject
			}
			_, err := sendMail(t, server.options(t), e)
			if c.err != nil {
				require.ErrorIs(t, err, c.err)
				require.Empty(t, server.recipients())
				return
			}
			require.NoError(t, err)
			require.Equal(t, []string{"RCPT TO:<" + c.want + ">"}, server.recipients())
			messages, _ := server.seen()
			read, err := mail.ReadMessage(strings.NewReader(messages[0]))
			require.NoError(t, err)
			subject, err := new(mime.WordDecoder).DecodeHeader(read.Header.Get("Subject"))
			require.NoError(t, err)
			require.Equal(t, strings.TrimSpace(e.Message.Subject), subject)
			for line := range strings.Lines(messages[0]) {
				require.LessOrEqual(t, len(line), 1000, "RFC 5322, 2.1.1")
			}
		})
	}
}

func TestTheSendersDomainGoesInALabels(t *testing.T) {
	t.Parallel()
	server := newSMTPServer(t, nil, nil)
	o := server.options(t)
	o.From = "no-reply@пример.бел"
	id, err := sendMail(t, o, envelope())
	require.NoError(t, err)
	require.Equal(t, "<"+noticeID.String()+"@xn--e1afmkfd.xn--90ais>", id)
	o.From = "почта@example.by"
	_, err = NewMail(o)
	require.ErrorIs(t, err, mailbox.ErrLocalPart)
}

// headers of a letter, whatever its texts are.
var headers = []string{
	"Auto-Submitted", "Content-Language", "Content-Type", "Date", "From", "Message-Id", "Mime-Version", "Subject", "To",
}

// Nothing that people or registers wrote, nor an address, adds a header, a
// recipient or a line to a letter.
func TestI4_TextsCannotGrowHeaders(t *testing.T) {
	t.Parallel()
	m, err := NewMail(MailOptions{Host: "mail.example", Port: 25, TLS: TLSNone, From: "no-reply@issuance.example", FromName: "Служба\r\nBcc: x@y.example"})
	require.NoError(t, err)
	hostile := rapid.OneOf(rapid.String(), rapid.StringOf(rapid.SampledFrom([]rune("a\r\n:\x00\u0085\u2028\v\f я=?_<>@\ufeff"))),
		rapid.Map(rapid.String(), func(s string) string { return s + "\r\nBcc: x@y.example\r\n\r\n" + s }))
	rapid.Check(t, func(t *rapid.T) {
		e := envelope()
		e.Message.Subject = hostile.Draw(t, "subject")
		e.Language = rapid.SampledFrom([]Language{Russian, Belarusian, English}).Draw(t, "language")
		if rapid.Bool().Draw(t, "address too") {
			e.To = hostile.Draw(t, "to")
		}
		msg, err := m.message(e)
		if err != nil {
			require.ErrorIs(t, err, ErrPermanent)
			return
		}
		var b strings.Builder
		_, err = msg.WriteTo(&b)
		require.NoError(t, err)
		read, err := mail.ReadMessage(strings.NewReader(b.String()))
		require.NoError(t, err)
		for name, values := range read.Header {
			require.True(t, slices.Contains(headers, name), "%q", name)
			require.Len(t, values, 1, name)
		}
		subject, err := new(mime.WordDecoder).DecodeHeader(read.Header.Get("Subject"))
		require.NoError(t, err)
		require.NotContains(t, subject, "\n")
		to, err := read.Header.AddressList("To")
		require.NoError(t, err)
		require.Len(t, to, 1)
	})
}

// Whatever the data are, subjects and short messages are one line without
// control characters.
func TestI4_RenderedSubjectsAreOneLine(t *testing.T) {
	t.Parallel()
	r, err := NewRenderer(DefaultDelivery())
	require.NoError(t, err)
	text := rapid.StringOf(rapid.SampledFrom([]rune("a\r\n\x00\u0085\u2028\u202e я<>{{}}")))
	rapid.Check(t, func(t *rapid.T) {
		d := full()
		d.Reason, d.Organisation, d.OrderNumber = text.Draw(t, "reason"), text.Draw(t, "organisation"), "1"+text.Draw(t, "number")
		kind := rapid.SampledFrom(Kinds()).Draw(t, "kind")
		message, err := r.Render(kind, ChannelEmail, Russian, d)
		require.NoError(t, err)
		require.Equal(t, oneLine(message.Subject), message.Subject)
		if short, err := r.Render(kind, ChannelSMS, Russian, d); err == nil {
			require.Equal(t, oneLine(short.Text), short.Text)
		} else {
			require.ErrorIs(t, err, ErrTooLong)
		}
	})
}
