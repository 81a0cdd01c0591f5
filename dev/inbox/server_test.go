package inbox

import (
	"encoding/json"
	"io"
	"net/http"
	"net/smtp"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// md5 of "secret"
const passwordHash = "5ebe2294ecd0e0f08eab7690d2a6ee69"

const letter = "From: =?utf-8?B?0KHQtdGA0LLQuNGB?= <service@example.by>\r\nTo: Alena@example.by\r\nSubject: =?utf-8?B?0JPQvtGC0L7QstC+?=\r\n" +
	"Message-ID: <abc@example.by>\r\nMIME-Version: 1.0\r\nContent-Type: multipart/mixed; boundary=outer\r\n\r\n" +
	"--outer\r\nContent-Type: multipart/alternative; boundary=inner\r\n\r\n" +
	"--inner\r\nContent-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: quoted-printable\r\n\r\n=D0=94=D0=B0\r\n" +
	"--inner\r\nContent-Type: text/html; charset=utf-8\r\nContent-Transfer-Encoding: base64\r\n\r\nPHNjcmlwdD54KCk8L3NjcmlwdD4=\r\n" +
	"--inner--\r\n--outer\r\nContent-Type: application/pdf\r\nContent-Disposition: attachment; filename=list.pdf\r\n\r\n%PDF\r\n--outer--\r\n"

func options(dataDir string) Options {
	return Options{SMTPListen: "127.0.0.1:0", HTTPListen: "127.0.0.1:0", DataDir: dataDir, SMSUsername: "190000020", SMSPassword: "secret"}
}

func startInbox(t *testing.T) *Server {
	t.Helper()
	s, err := Start(options(t.TempDir()))
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, s.Close()) })
	return s
}

func post(s *Server, to string) error {
	return smtp.SendMail(s.SMTPAddr(), nil, "service@example.by", []string{to}, []byte(letter))
}

func form() url.Values {
	return url.Values{"username": {"190000020"}, "password": {passwordHash}, "phone": {"375291234567"}, "text": {"Готово"}, "sender": {"RUC"}}
}

func sendSMS(t *testing.T, s *Server, values url.Values) (status int, answer map[string]any) {
	t.Helper()
	resp, err := http.PostForm(s.URL()+"/simple/send", values)
	require.NoError(t, err)
	defer func() { require.NoError(t, resp.Body.Close()) }()
	if resp.StatusCode == http.StatusOK {
		require.NoError(t, json.NewDecoder(resp.Body).Decode(&answer))
	}
	return resp.StatusCode, answer
}

func get(t *testing.T, url string) (header http.Header, body string) {
	t.Helper()
	resp, err := http.Get(url)
	require.NoError(t, err)
	defer func() { require.NoError(t, resp.Body.Close()) }()
	raw, err := io.ReadAll(resp.Body)
	require.NoError(t, err)
	return resp.Header, string(raw)
}

func TestI4_MailIsDecodedAndListed(t *testing.T) {
	t.Parallel()
	s := startInbox(t)
	require.NoError(t, post(s, "Alena@example.by"))
	require.Len(t, s.Messages("alena@EXAMPLE.by", Mail), 1)
	require.Empty(t, s.Messages("other@example.by", ""))
	m := s.Messages("", "")[0]
	require.WithinDuration(t, time.Now(), m.Received, time.Minute)
	m.Received = time.Time{}
	require.Equal(t, Message{ID: 1, Channel: Mail, From: "Сервис <service@example.by>", To: []string{"alena@example.by"}, Subject: "Готово",
		Text: "Да", HTML: "<script>x()</script>", Attachments: []string{"list.pdf"}, MessageID: "abc@example.by", Raw: m.Raw}, m)
	require.Contains(t, string(m.Raw), "%PDF")

	var listed []Message
	_, body := get(t, s.URL()+"/api/messages?to=alena@example.by&channel=mail")
	require.NoError(t, json.Unmarshal([]byte(body), &listed))
	require.Len(t, listed, 1)
	require.Equal(t, "Готово", listed[0].Subject)
}

func TestPagesShowForeignHTMLOnlyInTheSandbox(t *testing.T) {
	t.Parallel()
	s := startInbox(t)
	_, body := get(t, s.URL()+"/")
	require.Contains(t, body, "Nothing has arrived yet")
	require.NoError(t, post(s, "alena@example.by"))
	values := form()
	values.Set("text", "<b>7</b>")
	sendSMS(t, s, values)

	_, body = get(t, s.URL()+"/")
	require.Contains(t, body, `<meta http-equiv="refresh"`)
	require.Contains(t, body, "&lt;b&gt;7&lt;/b&gt;")
	require.Less(t, strings.Index(body, "/messages/2"), strings.Index(body, "/messages/1"), "newest first")
	_, body = get(t, s.URL()+"/messages/1")
	require.Contains(t, body, `<iframe sandbox src="/messages/1/html"`)
	require.NotContains(t, body, "<script>")
	header, body := get(t, s.URL()+"/messages/1/html")
	require.Contains(t, header.Get("Content-Security-Policy"), "sandbox;")
	require.Equal(t, "<script>x()</script>", body)
	for _, path := range []string{"/messages/3", "/messages/x", "/messages/2/html"} {
		_, body = get(t, s.URL()+path)
		require.Contains(t, body, "404", path)
	}
}

func TestI4_SMSGatewaySpeaksSimpleSend(t *testing.T) {
	t.Parallel()
	s := startInbox(t)
	status, answer := sendSMS(t, s, form())
	require.Equal(t, http.StatusOK, status)
	require.EqualValues(t, 1, answer["id"])
	require.Equal(t, "QUEUED", answer["status"])
	require.Equal(t, "Готово", s.Messages("+375291234567", SMS)[0].Text)
	_, body := get(t, s.URL()+"/simple/status?id=1")
	require.JSONEq(t, `{"id":1,"status":"DELIVERED"}`, body)
	_, body = get(t, s.URL()+"/simple/status?id=9")
	require.JSONEq(t, `{"error":"WRONG_ID"}`, body)

	for name, c := range map[string]struct{ field, value, code string }{
		"user":     {"username", "x", "ACCESS_DENIED"},
		"password": {"password", "secret", "ACCESS_DENIED"},
		"plus":     {"phone", "+375291234567", "WRONG_PHONE"},
		"landline": {"phone", "375171234567", "WRONG_PHONE"},
		"empty":    {"text", "", "WRONG_TEXT"},
		"too long": {"text", strings.Repeat("я", maxSMS+1), "WRONG_TEXT"},
		"sender":   {"sender", "twelve chars", "WRONG_SENDER"},
	} {
		values := form()
		values.Set(c.field, c.value)
		_, answer := sendSMS(t, s, values)
		require.Equal(t, c.code, answer["error"], name)
	}
	require.Len(t, s.Messages("", SMS), 1, "refused messages are not kept")
}

func TestMessagesSurviveARestart(t *testing.T) {
	t.Parallel()
	data := t.TempDir()
	s, err := Start(options(data))
	require.NoError(t, err)
	require.NoError(t, post(s, "alena@example.by"))
	before := s.Messages("", "")
	require.NoError(t, s.Close())

	s, err = Start(options(data))
	require.NoError(t, err)
	require.Equal(t, before, s.Messages("", ""))
	require.NoError(t, post(s, "alena@example.by"))
	require.Equal(t, 2, s.Messages("", "")[0].ID)

	req, err := http.NewRequestWithContext(t.Context(), http.MethodDelete, s.URL()+"/api/messages", nil)
	require.NoError(t, err)
	resp, err := http.DefaultClient.Do(req)
	require.NoError(t, err)
	require.NoError(t, resp.Body.Close())
	require.Equal(t, http.StatusNoContent, resp.StatusCode)
	require.NoError(t, s.Close())

	s, err = Start(options(data))
	require.NoError(t, err)
	require.Empty(t, s.Messages("", ""))
	require.NoError(t, s.Close())
}

func TestCloseRightAfterStart(t *testing.T) {
	t.Parallel()
	for range 50 {
		s, err := Start(options(t.TempDir()))
		require.NoError(t, err)
		require.NoError(t, s.Close())
	}
}
