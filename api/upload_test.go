package api

import (
	"bytes"
	"errors"
	"io"
	"mime/multipart"
	"net/http"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/remote-issuance/remote-issuance/internal/order"
	"github.com/remote-issuance/remote-issuance/workflows"
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

func TestS2_UploadAnswersWithTheVerdict(t *testing.T) {
	b := setup(t)
	s := b.at(order.StageRequest, asEmployee)
	var out struct {
		Order  orderView
		Checks []checkView
	}
	b.sendFile(s, asEmployee, []byte("a request"), goodFields...).is(http.StatusOK, &out)
	require.Equal(t, order.StageChecking, out.Order.Stage)
	require.Equal(t, []string{"passed", "changed"}, []string{out.Checks[0].Verdict, out.Checks[1].Verdict})
	require.Equal(t, "Главный бухгалтер", out.Checks[1].Found)

	m, n := b.engine.last(workflows.UpdateSubmitRequest)
	require.Equal(t, 1, n)
	in := m.input.(workflows.SubmitRequestInput)
	require.Equal(t, order.Contacts{Email: testEmail, Phone: testPhone}, in.Contacts)
	require.Equal(t, 1, in.Years)
	require.Equal(t, in.RequestID, m.updateID, "a repeated sending is the same update")
	doc, err := b.server.Store.Documents.Get(t.Context(), in.RequestID)
	require.NoError(t, err)
	require.Equal(t, []byte("a request"), doc.Content)
	require.Equal(t, s.opening.ApplicantKey, doc.OwnerKey)
}

func TestS4_ARejectedRequestNamesWhatDiffers(t *testing.T) {
	b := setup(t)
	s := b.at(order.StageRequest, asIndividual)
	b.engine.on(workflows.UpdateSubmitRequest, func(message) (any, error) {
		return workflows.SubmitRequestResult{Report: order.Report{
			{Code: order.CheckFile, Verdict: order.VerdictPassed},
			{Code: order.CheckSubject, Verdict: order.VerdictFailed, Field: order.FieldSurname, Found: "А", Expected: "Б"},
			{Code: order.CheckStart, Verdict: order.VerdictFailed, Expected: "2026-03-01", Cause: "other-date"},
		}}, nil
	})
	p := b.sendFile(s, asIndividual, []byte("x"), goodFields...).problem(problemRequestRejected)
	require.Len(t, p.Checks, 2, "what failed, nothing else")
	require.Equal(t, checkView{
		Code: "subject", Verdict: "failed", Field: "surname", Found: "А", Expected: "Б", Title: b.server.catalogue.texts[0].Checks["subject"],
	}, p.Checks[0])
	require.Equal(t, order.StageRequest, p.Stage)
	require.Equal(t, s.OrderID, p.OrderID)
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
		"header in it":   {[]byte("x"), []string{"email", "a@example.by\r\nBcc: b@example.by", "phone", testPhone}, []string{"email"}},
	} {
		p := b.sendFile(s, asIndividual, tc.file, tc.fields...).problem(problemValidation)
		var got []string
		for _, e := range p.Errors {
			got = append(got, e.Field)
			require.NotEmpty(t, e.Detail)
		}
		require.Equal(t, tc.want, got, name)
	}
	_, n := b.engine.last(workflows.UpdateSubmitRequest)
	require.Zero(t, n)
}

func TestUploadOfTheLargestFilePassesAndOneOctetMoreDoesNot(t *testing.T) {
	b := setup(t)
	s := b.at(order.StageRequest, asIndividual)
	b.sendFile(s, asIndividual, make([]byte, 64<<10+1), goodFields...).problem(problemTooLarge)
	b.sendFile(s, asIndividual, make([]byte, 10<<20), goodFields...).problem(problemTooLarge)
	_, n := b.engine.last(workflows.UpdateSubmitRequest)
	require.Zero(t, n)
	b.sendFile(s, asIndividual, make([]byte, 64<<10), goodFields...).is(http.StatusOK)
}

func TestUploadsThatAreNoForms(t *testing.T) {
	b := setup(t)
	s := b.at(order.StageRequest, asIndividual)
	for mediaType, want := range map[string]slug{
		"": problemMediaType, "application/json": problemMediaType, "application/x-www-form-urlencoded": problemMediaType,
		"multipart/form-data": problemMalformed, "multipart/form-data; boundary=x": problemValidation, "multipart/mixed; boundary=x": problemMediaType,
	} {
		b.ask(http.MethodPost, s.path("request"), asIndividual, mediaType, "--y\r\n\r\ncut off").problem(want)
	}
	mediaType, body := form(t, []byte("x"), goodFields...)
	b.ask(http.MethodPost, s.path("request"), asIndividual, mediaType, body[:len(body)-10]).problem(problemMalformed)
}

func TestUploadAtAnotherStage(t *testing.T) {
	b := setup(t)
	for _, stage := range []order.Stage{order.StageTerms, order.StageChecking, order.StageAwaitingPayment, order.StageIssuing} {
		s := b.at(stage, asIndividual)
		p := b.sendFile(s, asIndividual, []byte("x"), goodFields...).problem(problemWrongStage)
		require.Equal(t, stage, p.Stage)
	}
	s := b.at(order.StageRequest, asIndividual)
	b.engine.refuse(workflows.UpdateSubmitRequest, workflows.ErrTypeBusy)
	b.sendFile(s, asIndividual, []byte("x"), goodFields...).problem(problemBusy)
	b.engine.refuse(workflows.UpdateSubmitRequest, workflows.ErrTypeRegistersSilent)
	b.sendFile(s, asIndividual, []byte("x"), goodFields...).problem(problemRegistersSilent)
}

// untouchable is a body that nobody may read.
type untouchable struct{ t *testing.T }

func (u untouchable) Read([]byte) (int, error) {
	u.t.Error("the body was read")
	return 0, errors.New("read")
}

func TestABodyThatSaysItIsTooLargeIsNotRead(t *testing.T) {
	b := setup(t)
	s := b.at(order.StageRequest, asIndividual)
	limits := b.server.Limits
	for path, tc := range map[string]struct {
		token string
		size  int64
	}{
		s.path("request"):            {asIndividual, limits.File + multipartOverhead + 1},
		"/v1/orders":                 {asIndividual, limits.Body + 1},
		"/v1/payments/notifications": {asGateway, limits.Body + 1},
		"/v1/payments/statements":    {asOperator, limits.Statement + 1},
		"/v1/confirmations":          {asManager, 1 << 40},
	} {
		r, err := http.NewRequestWithContext(t.Context(), http.MethodPost, path, io.NopCloser(untouchable{t}))
		require.NoError(t, err)
		r.ContentLength = tc.size
		r.Header.Set("Authorization", tc.token)
		r.Header.Set("Content-Type", "application/json")
		answer := b.send(r)
		answer.problem(problemTooLarge)
		require.Equal(t, "close", answer.Header.Get("Connection"))
	}
}

// endless counts what is read of a body without an end.
type endless struct {
	start string
	read  int64
}

func (e *endless) Read(p []byte) (int, error) {
	for i := range p {
		p[i] = ' '
	}
	if e.read < int64(len(e.start)) {
		n := copy(p, e.start[e.read:])
		e.read += int64(n)
		return n, nil
	}
	e.read += int64(len(p))
	return len(p), nil
}

func TestABodyWithoutALengthIsReadUpToTheLimit(t *testing.T) {
	b := setup(t)
	s := b.at(order.StageRequest, asIndividual)
	limits := b.server.Limits
	const part = "--x\r\nContent-Disposition: form-data; name=\"note\"\r\n\r\n"
	for path, tc := range map[string]struct {
		token, mediaType, start string
		limit                   int64
	}{
		s.path("request"):            {asIndividual, "multipart/form-data; boundary=x", part, limits.File + multipartOverhead},
		"/v1/orders":                 {asIndividual, "application/json", "", limits.Body},
		"/v1/payments/notifications": {asGateway, "application/json", `{"source":"`, limits.Body},
	} {
		body := &endless{start: tc.start}
		r, err := http.NewRequestWithContext(t.Context(), http.MethodPost, path, io.NopCloser(body))
		require.NoError(t, err)
		r.ContentLength = -1
		r.Header.Set("Authorization", tc.token)
		r.Header.Set("Content-Type", tc.mediaType)
		b.send(r).problem(problemTooLarge)
		require.LessOrEqual(t, body.read, tc.limit+64<<10, "read on after the limit: %s", path)
	}
}

func TestBodiesThatAreNotWhatTheContractSays(t *testing.T) {
	b := setup(t)
	s := b.at(order.StageTerms, asIndividual)
	for name, tc := range map[string]struct {
		mediaType, body string
		want            slug
	}{
		"cut off":        {"application/json", `{"service":`, problemMalformed},
		"no JSON":        {"application/json", `service=6.0.00`, problemMalformed},
		"two values":     {"application/json", `{"service":"6.0.00"}{}`, problemMalformed},
		"unknown field":  {"application/json", `{"service":"6.0.00","oleg.primerov@example.by":1}`, problemMalformed},
		"wrong type":     {"application/json", `{"service":600}`, problemMalformed},
		"a list":         {"application/json", `[]`, problemMalformed},
		"null":           {"application/json", `null`, problemValidation},
		"form":           {"application/x-www-form-urlencoded", `service=6.0.00`, problemMediaType},
		"text":           {"text/plain", `{"service":"6.0.00"}`, problemMediaType},
		"no media type":  {"", `{"service":"6.0.00"}`, problemMediaType},
		"bad media type": {";", `{"service":"6.0.00"}`, problemMediaType},
		"nothing":        {"", ``, problemValidation},
	} {
		t.Run(name, func(t *testing.T) {
			b.ask(http.MethodPost, "/v1/orders", asIndividual, tc.mediaType, tc.body).problem(tc.want)
		})
	}
	b.ask(http.MethodPost, s.path("terms"), asIndividual, "application/json", strings.Repeat("[", 100_000)).problem(problemMalformed)
}
