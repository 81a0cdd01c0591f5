package evidence_test

import (
	"bytes"
	"flag"
	"html"
	"io"
	"mime/multipart"
	"net/http"
	"net/http/cookiejar"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/remote-issuance/remote-issuance/api/contract"
	"github.com/remote-issuance/remote-issuance/internal/order"
	"github.com/remote-issuance/remote-issuance/internal/sourcetest"
	"github.com/remote-issuance/remote-issuance/portal/catalogue"
	"github.com/remote-issuance/remote-issuance/portal/portaltest"
)

var update = flag.Bool("update", false, "write the golden pages anew")

// maxCard is the most that the API verifies.
const maxCard = 8 << 20

type visitor struct {
	t       *testing.T
	stack   *portaltest.Stack
	browser *http.Client
	texts   catalogue.Texts
}

func visit(t *testing.T) visitor {
	t.Helper()
	s, err := portaltest.Start(portaltest.Options{Log: t.Output()})
	require.NoError(t, err)
	t.Cleanup(s.Close)
	jar, err := cookiejar.New(nil)
	require.NoError(t, err)
	texts, err := catalogue.Load()
	require.NoError(t, err)
	return visitor{t, s, &http.Client{Jar: jar, Timeout: time.Minute}, texts.Pick("ru", "")}
}

func (v visitor) do(method, path, kind string, body io.Reader) (int, http.Header, string) {
	v.t.Helper()
	r, err := http.NewRequestWithContext(v.t.Context(), method, v.stack.URL+path, body)
	require.NoError(v.t, err)
	if kind != "" {
		r.Header.Set("Content-Type", kind)
	}
	answer, err := v.browser.Do(r)
	require.NoError(v.t, err)
	defer answer.Body.Close()
	content, err := io.ReadAll(answer.Body)
	require.NoError(v.t, err)
	return answer.StatusCode, answer.Header, html.UnescapeString(string(content))
}

// verify sends files with codes, as many of each as there are.
func (v visitor) verify(files [][]byte, codes ...string) (int, string) {
	v.t.Helper()
	var body bytes.Buffer
	form := multipart.NewWriter(&body)
	for _, code := range codes {
		require.NoError(v.t, form.WriteField("code", code))
	}
	for _, f := range files {
		part, err := form.CreateFormFile("file", "card\u202e.pdf")
		require.NoError(v.t, err)
		_, err = part.Write(f)
		require.NoError(v.t, err)
	}
	require.NoError(v.t, form.Close())
	status, _, page := v.do(http.MethodPost, "/card", form.FormDataContentType(), &body)
	return status, page
}

func (v visitor) golden(name, page string) {
	v.t.Helper()
	from, to := strings.Index(page, "<main"), strings.Index(page, "</main>")
	require.True(v.t, from > 0 && to > from)
	main := regexp.MustCompile(`name="csrf" value="[^"]*"`).ReplaceAllString(page[from:to], "csrf") + "</main>\n"
	portaltest.Golden(v.t, *update, name, main)
}

func TestM6_I1_AnybodyHasACardVerifiedOnThePortal(t *testing.T) {
	v := visit(t)
	for _, language := range catalogue.Languages() {
		v.do(http.MethodGet, "/language/"+language+"?to=/signed-out", "", nil)
		status, _, page := v.do(http.MethodGet, "/card", "", nil)
		require.Equal(t, http.StatusOK, status)
		v.golden("ask."+language, page)
		for name, file := range map[string][]byte{
			"individual": portaltest.Card(order.ServiceIndividual), "employee": portaltest.Card(order.ServiceEmployee), "changed": portaltest.ChangedCard(),
		} {
			status, page := v.verify([][]byte{file})
			require.Equal(t, http.StatusOK, status)
			require.NotContains(t, page, "[evidence.")
			v.golden(name+"."+language, page)
		}
	}
	require.Equal(t, 9, v.stack.API.Calls(http.MethodPost, "/v1/cards/verification"))
	// Somebody who is signed in verifies with the token of the session.
	v.do(http.MethodGet, "/sign-in?to=/card", "", nil)
	status, _ := v.verify([][]byte{portaltest.Card(order.ServiceIndividual)})
	require.Equal(t, http.StatusForbidden, status, "the form is of no page of this session")
}

func TestThePrintedCodeIsComparedWithTheFile(t *testing.T) {
	v := visit(t)
	card := [][]byte{portaltest.Card(order.ServiceIndividual)}
	_, page := v.verify(card)
	require.NotContains(t, page, v.texts.T("evidence.check.printed-code"))
	code := regexp.MustCompile(`urn:remote-issuance:card:[0-9]+:sha256:[0-9a-f]+`).FindString(page)
	_, page = v.verify(card, " "+code+"\n")
	require.Contains(t, page, v.texts.T("evidence.check.printed-code"))
	require.Contains(t, page, v.texts.T("evidence.good.title"))
	_, page = v.verify(card, code+"0")
	require.Contains(t, page, v.texts.T("evidence.bad.title"))
	for _, codes := range [][]string{{strings.Repeat("x", 201)}, {code, code}, {code, ""}} {
		status, page := v.verify(card, codes...)
		require.Equal(t, http.StatusUnprocessableEntity, status)
		require.Contains(t, page, v.texts.T("evidence.code.wrong"))
	}
}

func TestHostileCardsAreRefusedInWords(t *testing.T) {
	v := visit(t)
	full := append(portaltest.Card(order.ServiceIndividual), make([]byte, maxCard-len(portaltest.Card(order.ServiceIndividual)))...)
	for name, c := range map[string]struct {
		files  [][]byte
		status int
		key    string
	}{
		"no file":            {nil, http.StatusUnprocessableEntity, "evidence.file.missing"},
		"an empty one":       {[][]byte{{}}, http.StatusUnprocessableEntity, "evidence.file.missing"},
		"no card":            {[][]byte{[]byte("%PDF-1.7 <script>alert(1)</script>\x00")}, http.StatusUnprocessableEntity, "problems.card-unreadable.text"},
		"the largest":        {[][]byte{full}, http.StatusOK, "evidence.good.title"},
		"an octet more":      {[][]byte{append(full, 0)}, http.StatusUnprocessableEntity, "evidence.file.too-large"},
		"very large":         {[][]byte{make([]byte, 40<<20)}, http.StatusUnprocessableEntity, "evidence.file.too-large"},
		"two files":          {[][]byte{full, full}, http.StatusBadRequest, "problems.form-unreadable.title"},
		"larger than a form": {[][]byte{make([]byte, 65<<20)}, http.StatusBadRequest, "problems.form-unreadable.title"},
	} {
		status, page := v.verify(c.files)
		require.Equal(t, c.status, status, name)
		require.Contains(t, page, v.texts.T(c.key), name)
		require.NotContains(t, page, "<script>alert", name)
	}
	for slug, want := range map[string]int{"too-many-requests": http.StatusTooManyRequests, "not-found": http.StatusNotFound} {
		v.stack.API.Fail(http.MethodPost, "/v1/cards/verification", portaltest.Problem(want, slug))
		status, page := v.verify([][]byte{full})
		require.Equal(t, want, status)
		require.Contains(t, page, v.texts.T("problems."+slug+".title"))
	}
}

// TestOnlyThisRouteTakesLargeFiles: others hold what they held before.
func TestOnlyThisRouteTakesLargeFiles(t *testing.T) {
	v := visit(t)
	var body bytes.Buffer
	form := multipart.NewWriter(&body)
	part, err := form.CreateFormFile("certificate", "a.cer")
	require.NoError(t, err)
	_, err = part.Write(make([]byte, 65<<10))
	require.NoError(t, err)
	require.NoError(t, form.Close())
	status, _, _ := v.do(http.MethodPost, "/diagnosis", form.FormDataContentType(), &body)
	require.Equal(t, http.StatusUnprocessableEntity, status)
}

func TestI1_TheOwnerDownloadsTheCardOnceThereIsOne(t *testing.T) {
	v := visit(t)
	v.do(http.MethodGet, "/sign-in?to=/orders", "", nil)
	own, listed := "/orders/"+portaltest.IDOf("issued-now").String(), "/orders/"+portaltest.IDOf("issued").String()
	_, _, page := v.do(http.MethodGet, own+"/certificate", "", nil)
	require.Contains(t, page, own+"/card.pdf")
	_, _, page = v.do(http.MethodGet, listed+"/certificate", "", nil)
	require.NotContains(t, page, "card.pdf", "a card of 6.0.01 is the manager's")
	_, header, file := v.do(http.MethodGet, own+"/card.pdf", "", nil)
	require.Equal(t, "application/pdf", header.Get("Content-Type"))
	require.Regexp(t, `^attachment; filename="karta-\d+\.pdf"$`, header.Get("Content-Disposition"))
	require.Equal(t, string(portaltest.Card(order.ServiceIndividual)), file)
	for slug, c := range map[string]struct {
		status int
		key    string
	}{"card-not-ready": {http.StatusConflict, "evidence.not-ready"}, "not-found": {http.StatusNotFound, "evidence.none"}} {
		v.stack.API.Fail(http.MethodGet, "/card", portaltest.Problem(c.status, slug))
		status, _, page := v.do(http.MethodGet, own+"/card.pdf", "", nil)
		require.Equal(t, http.StatusOK, status)
		require.Contains(t, page, v.texts.T(c.key))
	}
}

// TestEveryCheckHasItsWords: a missing text would be shown as its key.
func TestEveryCheckHasItsWords(t *testing.T) {
	codes := sourcetest.Constants(t, "../../internal/card/verify.go", "Check")
	require.Len(t, codes, 10)
	_, page := visit(t).verify([][]byte{portaltest.Card(order.ServiceEmployee)}, "urn:x")
	all, err := catalogue.Load()
	require.NoError(t, err)
	for _, language := range catalogue.Languages() {
		for _, code := range codes {
			require.True(t, all.Pick(language, "").Has("evidence.check."+code), "%s %s", language, code)
		}
	}
	for _, code := range codes {
		if code != string(contract.CardFailureCodePrintedCode) {
			require.Contains(t, page, all.Pick("ru", "").T("evidence.check."+code))
		}
	}
}
