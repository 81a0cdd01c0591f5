package inbox

import (
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

func putFaults(t *testing.T, s *Server, body string) int {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), http.MethodPut, s.URL()+"/api/faults", strings.NewReader(body))
	require.NoError(t, err)
	resp, err := http.DefaultClient.Do(req)
	require.NoError(t, err)
	require.NoError(t, resp.Body.Close())
	return resp.StatusCode
}

func TestI6_FaultsOfMail(t *testing.T) {
	t.Parallel()
	s := startInbox(t)
	require.Equal(t, http.StatusNoContent, putFaults(t, s, `{"rejectMailboxes":["alena@example.by"]}`))
	require.ErrorContains(t, post(s, "Alena@example.by"), "No such mailbox")
	require.NoError(t, post(s, "other@example.by"))
	s.SetFaults(Faults{MailBusy: true})
	require.ErrorContains(t, post(s, "other@example.by"), "Try again later")
	s.SetFaults(Faults{LoseMailAnswers: 1})
	require.Error(t, post(s, "lost@example.by"))
	require.Len(t, s.Messages("lost@example.by", Mail), 1, "taken, though the answer was lost")
	require.NoError(t, post(s, "lost@example.by"), "one answer was to be lost")
	require.Len(t, s.Messages("", Mail), 3)
}

func TestI6_FaultsOfSMS(t *testing.T) {
	t.Parallel()
	s := startInbox(t)
	s.SetFaults(Faults{SMSDown: true})
	status, _ := sendSMS(t, s, form())
	require.Equal(t, http.StatusServiceUnavailable, status)
	s.SetFaults(Faults{RejectPhones: []string{"*"}})
	_, answer := sendSMS(t, s, form())
	require.Equal(t, "PHONE_BLOCKED", answer["error"])
	s.SetFaults(Faults{LoseSMSAnswers: 1})
	_, err := http.PostForm(s.URL()+"/simple/send", form())
	require.ErrorIs(t, err, io.EOF)
	require.Len(t, s.Messages("", SMS), 1, "taken, though the answer was lost")
	require.Equal(t, http.StatusBadRequest, putFaults(t, s, `{"nonsense":1}`))
	_, body := get(t, s.URL()+"/api/faults")
	require.JSONEq(t, `{}`, body)
}

func TestI6_SlowAnswersEndWithTheCaller(t *testing.T) {
	t.Parallel()
	s := startInbox(t)
	s.SetFaults(Faults{SlowMillis: 60_000})
	impatient := http.Client{Timeout: 50 * time.Millisecond}
	_, err := impatient.PostForm(s.URL()+"/simple/send", form())
	require.ErrorContains(t, err, "Client.Timeout")

	s.SetFaults(Faults{SlowMillis: 1})
	sendSMS(t, s, form())
	require.NoError(t, post(s, "alena@example.by"))
}
