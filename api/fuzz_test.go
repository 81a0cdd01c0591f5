package api

import (
	"bytes"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/url"
	"testing"
	"time"

	"github.com/gin-gonic/gin"
	"github.com/stretchr/testify/require"

	"github.com/remote-issuance/remote-issuance/api/web"
	"github.com/remote-issuance/remote-issuance/internal/mailbox"
	"github.com/remote-issuance/remote-issuance/internal/order"
	"github.com/remote-issuance/remote-issuance/internal/payments"
)

// bare is a server without anything outside.
func bare(t testing.TB) *Server {
	t.Helper()
	s, err := New(Dependencies{Limits: DefaultLimits(), Log: slog.New(slog.DiscardHandler)})
	require.NoError(t, err)
	return s
}

func requestContext(t testing.TB, r *http.Request) *gin.Context {
	t.Helper()
	gin.SetMode(gin.ReleaseMode)
	c, _ := gin.CreateTestContext(httptest.NewRecorder())
	c.Request = r
	return c
}

// refused requires one of the problems.
func isProblem(t *testing.T, err error, allowed ...web.Slug) {
	t.Helper()
	var p *web.Problem
	require.ErrorAs(t, err, &p)
	require.Contains(t, allowed, p.Slug)
	if p.Slug == web.ProblemValidation {
		require.NotEmpty(t, p.Fields)
	}
}

func FuzzUpload(f *testing.F) {
	for _, fields := range [][]string{goodFields, {"email", "x"}, {"years", "99999999999999999999"}, {"file", "x", "file", "y"}} {
		mediaType, body := form(f, []byte("a request"), fields...)
		f.Add(mediaType, []byte(body))
	}
	f.Add("multipart/form-data; boundary=x", []byte("--x\r\nContent-Disposition: form-data; name=\"file\"\r\nContent-Transfer-Encoding: quoted-printable\r\n\r\n=0\r\n--x--"))
	f.Add("multipart/form-data; boundary=x", []byte("--x\r\n\r\n"))
	s := bare(f)
	f.Fuzz(func(t *testing.T, mediaType string, body []byte) {
		r := httptest.NewRequest(http.MethodPost, "/", bytes.NewReader(body))
		r.Header.Set("Content-Type", mediaType)
		upload, err := readUpload(requestContext(t, r), s.limits.File, mailbox.Reach{})
		if err != nil {
			isProblem(t, err, web.ProblemMediaType, web.ProblemMalformed, web.ProblemValidation, web.ProblemTooLarge)
			return
		}
		require.NotEmpty(t, upload.File)
		require.LessOrEqual(t, int64(len(upload.File)), s.limits.File, mailbox.Reach{})
		again, err := order.NewContacts(upload.Contacts.Email, upload.Contacts.Phone)
		require.NoError(t, err)
		require.Equal(t, upload.Contacts, again)
		require.True(t, upload.Years >= 0 && upload.Years <= 3)
	})
}

func FuzzNotification(f *testing.F) {
	f.Add([]byte(`{"source":"assist","externalId":"1","number":"NOAIS000000001","amount":"43.20","currency":"BYN","occurredAt":"2026-03-01T10:00:00+03:00"}`))
	f.Add([]byte(`{"source":"erip","externalId":"\u0000","number":"\ud800","amount":"0,1","currency":"BYN","payerUnp":"190000020","occurredAt":"0001-01-01T00:00:00Z"}`))
	f.Add([]byte(`{"source":"manual"}`))
	f.Add([]byte(`{} {}`))
	f.Add([]byte(`null`))
	s := bare(f)
	f.Fuzz(func(t *testing.T, raw []byte) {
		n, err := s.gateways.notification(raw)
		if err != nil {
			isProblem(t, err, web.ProblemMalformed, web.ProblemValidation)
			return
		}
		require.Equal(t, raw, n.Raw)
		require.NotEmpty(t, n.ExternalID)
		require.NotEqual(t, payments.SourceManual, n.Source)
		require.GreaterOrEqual(t, n.Amount, order.Kopecks(0))
		require.False(t, n.OccurredAt.IsZero())
		require.Len(t, n.Currency, 3)
	})
}

func FuzzQuery(f *testing.F) {
	for _, query := range []string{"page=1", "page=-1", "wait=30s&after=2", "wait=1m0.1s", "wait=1e9h", "after=9223372036854775808", "page=1&page=x", "%zz"} {
		f.Add(query)
	}
	f.Fuzz(func(t *testing.T, query string) {
		r := httptest.NewRequest(http.MethodGet, "/", nil)
		r.URL = &url.URL{Path: "/", RawQuery: query}
		c := requestContext(t, r)
		if n, err := web.Page(c); err != nil {
			isProblem(t, err, web.ProblemValidation)
		} else {
			require.True(t, n >= 1 && n <= 100_000)
		}
		after, wait, err := web.Waiting(c)
		if err != nil {
			isProblem(t, err, web.ProblemValidation)
			return
		}
		require.True(t, after >= 0 && wait >= 0 && wait <= time.Minute)
	})
}
