package api

import (
	"bytes"
	"crypto/rand"
	"errors"
	"mime/multipart"
	"net/http"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"go.temporal.io/api/serviceerror"

	"github.com/remote-issuance/remote-issuance/api/contract"
	"github.com/remote-issuance/remote-issuance/api/web"
	"github.com/remote-issuance/remote-issuance/internal/ca"
	"github.com/remote-issuance/remote-issuance/internal/draft"
	"github.com/remote-issuance/remote-issuance/internal/order"
	"github.com/remote-issuance/remote-issuance/internal/pki/alg"
	"github.com/remote-issuance/remote-issuance/internal/pki/testca"
	"github.com/remote-issuance/remote-issuance/internal/request"
)

// form is the multipart form of S2.
func form(t testing.TB, file []byte, fields ...string) (mediaType, body string) {
	t.Helper()
	var buffer bytes.Buffer
	w := multipart.NewWriter(&buffer)
	for i := 0; i < len(fields); i += 2 {
		require.NoError(t, w.WriteField(fields[i], fields[i+1]))
	}
	if file != nil {
		part, err := w.CreateFormFile("file", "request.req")
		require.NoError(t, err)
		_, err = part.Write(file)
		require.NoError(t, err)
	}
	require.NoError(t, w.Close())
	return w.FormDataContentType(), buffer.String()
}

func (b *bundle) sendFile(s *sample, token string, file []byte, fields ...string) reply {
	b.t.Helper()
	mediaType, body := form(b.t, file, fields...)
	return b.ask(http.MethodPost, s.path("request"), token, mediaType, body)
}

var goodFields = []string{"email", testEmail, "phone", "80 29 123-45-67", "years", "1"}

// requestFile is a request of the person for a year, with a new key.
func requestFile(t testing.TB, token string, now time.Time, change func(*order.Subject)) []byte {
	t.Helper()
	service, subject, profile := serviceOf(token), testca.SampleIndividual(), testca.ProfileIndividual
	if service.NeedsApproval() {
		subject, profile = testca.SampleEmployee(), testca.ProfileExtensions
	}
	change(&subject)
	key, err := alg.GenerateKey(alg.KeyBign256, rand.Reader)
	require.NoError(t, err)
	r, err := profile.Request(subject, key, request.Period(request.StartOf(service, order.DefaultPolicy(), now), 1))
	require.NoError(t, err)
	return r.Raw
}

func unchanged(*order.Subject) {}

func TestS2_UploadAnswersWithTheVerdict(t *testing.T) {
	b := setup(t)
	s := b.at(order.StageRequest, asEmployee)
	file := requestFile(t, asEmployee, b.now, func(s *order.Subject) { s.Position = "Главный бухгалтер" })
	var out contract.Verdict
	b.sendFile(s, asEmployee, file, goodFields...).is(http.StatusOK, &out)
	require.Equal(t, order.StageChecking, out.Order.Stage)
	require.Equal(t, contract.Contacts{Email: testEmail, Phone: testPhone}, out.Order.Contacts)
	require.Equal(t, 1, out.Order.Years)
	verdicts := map[string]order.Verdict{}
	for _, c := range out.Checks {
		verdicts[c.Code+c.Field] = c.Verdict
		require.NotEmpty(t, c.Title, c.Code)
	}
	require.Equal(t, order.VerdictPassed, verdicts["proof-of-possession"])
	require.Equal(t, order.VerdictPassed, verdicts["key-new"])
	require.Equal(t, order.VerdictChanged, verdicts["subjectposition"])
	require.Equal(t, []order.ID{s.ID}, b.starter.orders)

	b.again(s)
	doc, err := b.documents.Get(t.Context(), s.RequestID)
	require.NoError(t, err)
	require.Equal(t, file, doc.Content)
	require.Equal(t, s.ApplicantKey, doc.OwnerKey)
}

func TestS2_TemporalIsAwayAndTheUploadIsTaken(t *testing.T) {
	b := setup(t)
	b.starter.err = serviceerror.NewUnavailable("no hosts")
	s := b.at(order.StageRequest, asIndividual)
	var out contract.Verdict
	b.sendFile(s, asIndividual, requestFile(t, asIndividual, b.now, unchanged), goodFields...).is(http.StatusOK, &out)
	require.Equal(t, order.StageChecking, out.Order.Stage)
	waiting, err := b.orders.Unstarted(t.Context(), time.Now().Add(time.Hour), 10)
	require.NoError(t, err)
	require.Len(t, waiting, 1, "a job of the worker starts it later")
}

func TestS3_TheSameKeyTwiceIsRefused(t *testing.T) {
	b := setup(t)
	file := requestFile(t, asIndividual, b.now, unchanged)
	b.sendFile(b.at(order.StageRequest, asIndividual), asIndividual, file, goodFields...).is(http.StatusOK)
	p := b.sendFile(b.at(order.StageRequest, asIndividual), asIndividual, file, goodFields...).problem(web.ProblemRequestRejected)
	require.Equal(t, "key-new", p.Checks[0].Code)
	require.Equal(t, draft.CauseKeyInUse, p.Checks[0].Cause)
}

func TestS4_ARejectedRequestNamesWhatDiffers(t *testing.T) {
	b := setup(t)
	s := b.at(order.StageRequest, asIndividual)
	file := requestFile(t, asIndividual, b.now.AddDate(0, 0, -1), func(s *order.Subject) { s.Surname = "Другой" })
	p := b.sendFile(s, asIndividual, file, goodFields...).problem(web.ProblemRequestRejected)
	require.Len(t, p.Checks, 2, "what failed, nothing else")
	require.Equal(t, contract.Check{
		Code: "subject", Verdict: order.VerdictFailed, Field: "surname", Found: "Другой", Expected: testca.SampleIndividual().Surname,
		Cause: "differs", Title: "Данные отличаются от действующего сертификата",
	}, p.Checks[0])
	require.Equal(t, "start-date", p.Checks[1].Code)
	require.Equal(t, order.StageRequest, p.Stage)
	require.Equal(t, s.ID, p.OrderID)
	var files int
	require.NoError(t, b.pool.QueryRow(t.Context(), "SELECT count(*) FROM documents WHERE kind = 'request'").Scan(&files))
	require.Zero(t, files, "a refused file is not kept")
	b.sendFile(s, asIndividual, requestFile(t, asIndividual, b.now, unchanged), goodFields...).is(http.StatusOK)
}

func TestS3_WhatTheAuthorityWouldRefuse(t *testing.T) {
	b := setup(t)
	b.precheck.err = ca.ErrRefused
	s := b.at(order.StageRequest, asIndividual)
	p := b.sendFile(s, asIndividual, requestFile(t, asIndividual, b.now, unchanged), goodFields...).problem(web.ProblemRequestRejected)
	require.Equal(t, ca.CauseNotIssuable, p.Checks[0].Cause)
}

func TestS2_WrongFieldsAreNamedAllAtOnce(t *testing.T) {
	b := setup(t)
	s := b.at(order.StageRequest, asIndividual)
	for name, tc := range map[string]struct {
		file   []byte
		fields []string
		want   []string
	}{
		"everything":     {nil, []string{"email", "oleg.primerov", "phone", "+375171234567", "years", "4"}, []string{"file", "email", "phone", "years"}},
		"nothing sent":   {nil, nil, []string{"file", "email", "phone"}},
		"empty file":     {[]byte{}, goodFields, []string{"file"}},
		"no e-mail":      {[]byte("x"), []string{"phone", testPhone}, []string{"email"}},
		"no phone":       {[]byte("x"), []string{"email", testEmail}, []string{"phone"}},
		"years zero":     {[]byte("x"), []string{"email", testEmail, "phone", testPhone, "years", "0"}, []string{"years"}},
		"years in words": {[]byte("x"), []string{"email", testEmail, "phone", testPhone, "years", "one"}, []string{"years"}},
		"two addresses":  {[]byte("x"), []string{"email", testEmail + "," + testEmail, "phone", testPhone}, []string{"email"}},
		"twice":          {[]byte("x"), []string{"email", testEmail, "email", "vera@example.by", "phone", testPhone}, []string{"email"}},
		"header in it":   {[]byte("x"), []string{"email", "a@example.by\r\nBcc: b@example.by", "phone", testPhone}, []string{"email"}},
	} {
		p := b.sendFile(s, asIndividual, tc.file, tc.fields...).problem(web.ProblemValidation)
		var got []string
		for _, e := range p.Errors {
			got = append(got, e.Field)
			require.NotEmpty(t, e.Detail)
		}
		require.Equal(t, tc.want, got, name)
	}
	require.Empty(t, b.starter.orders)
}

func TestUploadOfTheLargestFilePassesAndOneOctetMoreDoesNot(t *testing.T) {
	b := setup(t)
	s := b.at(order.StageRequest, asIndividual)
	b.sendFile(s, asIndividual, make([]byte, 64<<10+1), goodFields...).problem(web.ProblemTooLarge)
	b.sendFile(s, asIndividual, make([]byte, 10<<20), goodFields...).problem(web.ProblemTooLarge)
	b.sendFile(s, asIndividual, make([]byte, 64<<10), goodFields...).problem(web.ProblemRequestRejected)
}

func TestUploadsThatAreNoForms(t *testing.T) {
	b := setup(t)
	s := b.at(order.StageRequest, asIndividual)
	for mediaType, want := range map[string]web.Slug{
		"": web.ProblemMediaType, "application/json": web.ProblemMediaType, "application/x-www-form-urlencoded": web.ProblemMediaType,
		"multipart/form-data": web.ProblemMalformed, "multipart/form-data; boundary=x": web.ProblemValidation, "multipart/mixed; boundary=x": web.ProblemMediaType,
	} {
		b.ask(http.MethodPost, s.path("request"), asIndividual, mediaType, "--y\r\n\r\ncut off").problem(want)
	}
	mediaType, body := form(t, []byte("x"), goodFields...)
	b.ask(http.MethodPost, s.path("request"), asIndividual, mediaType, body[:len(body)-10]).problem(web.ProblemMalformed)
}

func TestUploadAtAnotherStage(t *testing.T) {
	b := setup(t)
	for _, stage := range []order.Stage{order.StageTerms, order.StageChecking, order.StageAwaitingPayment, order.StageIssuing} {
		s := b.at(stage, asIndividual)
		p := b.sendFile(s, asIndividual, []byte("x"), goodFields...).problem(web.ProblemWrongStage)
		require.Equal(t, stage, p.Stage)
	}
}

// untouchable is a body that nobody may read.
type untouchable struct{ t *testing.T }

func (u untouchable) Read([]byte) (int, error) {
	u.t.Error("the body was read")
	return 0, errors.New("read")
}
