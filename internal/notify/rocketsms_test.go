package notify

import (
	"context"
	"errors"
	"net/http"
	"net/http/httptest"
	"net/url"
	"testing"

	"github.com/stretchr/testify/require"
)

const mobile = "+375291234567"

func smsOptions(base string) RocketSMSOptions {
	return RocketSMSOptions{BaseURL: base, Username: "191000001", Password: "test", Sender: "Issuance"}
}

func sendSMS(t *testing.T, o RocketSMSOptions, to string) (string, error) {
	t.Helper()
	s, err := NewRocketSMS(o)
	require.NoError(t, err)
	return s.Send(t.Context(), Envelope{ID: noticeID, To: to, Message: Message{Text: "Заказ 1: пароль x"}})
}

// gateway answers every request alike and passes on what it was sent.
func gateway(t *testing.T, status int, body string) (string, <-chan url.Values) {
	t.Helper()
	forms := make(chan url.Values, 1)
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Method != http.MethodPost || r.URL.Path != "/simple/send" || r.URL.RawQuery != "" || r.ParseForm() != nil {
			http.NotFound(w, r)
			return
		}
		forms <- r.PostForm
		w.WriteHeader(status)
		_, _ = w.Write([]byte(body))
	}))
	t.Cleanup(server.Close)
	return server.URL, forms
}

func TestI4_SMSInTheGatewaysFormat(t *testing.T) {
	t.Parallel()
	for body, want := range map[string]string{
		`{"id":1234567,"status":"QUEUED","cost":{"credits":2,"money":0.05}}`: "1234567",
		`{"id":"a1-b2","status":"SENT"}`:                                     "a1-b2",
	} {
		base, forms := gateway(t, http.StatusOK, body)
		id, err := sendSMS(t, smsOptions(base+"/"), "+375 (29) 123-45-67")
		require.NoError(t, err)
		require.Equal(t, want, id)
		require.Equal(t, url.Values{
			"username": {"191000001"}, "password": {"098f6bcd4621d373cade4e832627b4f6"}, "phone": {"375291234567"},
			"text": {"Заказ 1: пароль x"}, "sender": {"Issuance"}, "priority": {"true"},
		}, <-forms)
	}
}

func TestI6_SMSFailuresForGoodAndForNow(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		status    int
		body      string
		permanent bool
		cause     string
	}{
		"wrong phone":           {200, `{"error":"WRONG_PHONE"}`, true, "code WRONG_PHONE"},
		"wrong phone, 400":      {400, `{"error":"WRONG_PHONE"}`, true, "code WRONG_PHONE"},
		"no money":              {200, `{"error":"NO_MONEY"}`, false, "code NO_MONEY"},
		"an error with a phone": {200, `{"error":"bad 375291234567"}`, false, "code of unknown form"},
		"failed at once":        {200, `{"id":1,"status":"FAILED"}`, false, "did not take"},
		"no id":                 {200, `{"status":"QUEUED"}`, false, "did not take"},
		"null id":               {200, `{"id":null,"status":"QUEUED"}`, false, "did not take"},
		"an id that is no id":   {200, `{"id":{"a":1},"status":"QUEUED"}`, false, "did not take"},
		"a page":                {200, `<html>375291234567`, false, "not JSON"},
		"down":                  {502, `{}`, false, "status 502"},
		"too many":              {429, `{}`, false, "status 429"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			base, _ := gateway(t, tt.status, tt.body)
			_, err := sendSMS(t, smsOptions(base), mobile)
			require.ErrorContains(t, err, tt.cause)
			require.NotContains(t, err.Error(), "291234567")
			if tt.permanent {
				require.ErrorIs(t, err, ErrPermanent)
				return
			}
			require.NotErrorIs(t, err, ErrPermanent)
		})
	}
}

func TestI6_PermanentSMSCodesAreConfigured(t *testing.T) {
	t.Parallel()
	base, _ := gateway(t, http.StatusOK, `{"error":"NO_MONEY"}`)
	o := smsOptions(base)
	o.PermanentCodes = []string{"NO_MONEY"}
	_, err := sendSMS(t, o, mobile)
	require.ErrorIs(t, err, ErrPermanent)
}

func TestPhonesThatAreNoneAreFinal(t *testing.T) {
	t.Parallel()
	base, _ := gateway(t, http.StatusOK, "")
	for _, to := range []string{"", "+375171234567", "+79001234567", recipient} {
		_, err := sendSMS(t, smsOptions(base), to)
		require.ErrorIs(t, err, ErrPermanent)
	}
}

type trip func(*http.Request) (*http.Response, error)

func (f trip) RoundTrip(r *http.Request) (*http.Response, error) { return f(r) }

func TestI6_SMSTransportFailuresAreRetriedAndTellNothing(t *testing.T) {
	t.Parallel()
	for cause, failure := range map[string]error{
		"timed out":            context.DeadlineExceeded,
		"the connection broke": errors.New("while sending to " + mobile),
		"context canceled":     context.Canceled,
	} {
		o := smsOptions("https://sms.example")
		o.HTTPClient = &http.Client{Transport: trip(func(*http.Request) (*http.Response, error) { return nil, failure })}
		_, err := sendSMS(t, o, mobile)
		require.ErrorContains(t, err, cause)
		require.NotErrorIs(t, err, ErrPermanent)
		require.NotContains(t, err.Error(), mobile)
	}
	closed := httptest.NewServer(http.NotFoundHandler())
	closed.Close()
	_, err := sendSMS(t, smsOptions(closed.URL), mobile)
	require.ErrorContains(t, err, "no connection (dial)")
}

func TestSMSOptionsAreChecked(t *testing.T) {
	t.Parallel()
	for name, change := range map[string]func(*RocketSMSOptions){
		"no address":  func(o *RocketSMSOptions) { o.BaseURL = "" },
		"with query":  func(o *RocketSMSOptions) { o.BaseURL += "?a=b" },
		"no account":  func(o *RocketSMSOptions) { o.Username = "" },
		"no password": func(o *RocketSMSOptions) { o.Password = "" },
		"long sender": func(o *RocketSMSOptions) { o.Sender = "Twelve chars" },
	} {
		o := smsOptions("https://sms.example")
		change(&o)
		_, err := NewRocketSMS(o)
		require.Error(t, err, name)
	}
}

func FuzzSMSAnswer(f *testing.F) {
	s, err := NewRocketSMS(smsOptions("https://sms.example"))
	require.NoError(f, err)
	f.Add(200, []byte(`{"id":1234567,"status":"QUEUED"}`))
	f.Add(400, []byte(`{"error":"WRONG_PHONE"}`))
	f.Fuzz(func(t *testing.T, status int, body []byte) {
		id, err := s.answer(status, body)
		require.Equal(t, err == nil, id != "")
		if err == nil {
			require.Equal(t, http.StatusOK, status)
			require.LessOrEqual(t, len(id), 64)
		}
	})
}
