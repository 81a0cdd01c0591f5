package contract_test

import (
	"net/http"
	"os"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/remote-issuance/remote-issuance/internal/contract"
)

const (
	plain   = "application/json"
	trouble = "application/problem+json; charset=utf-8"
	problem = `{"type":"urn:example:problem","title":"t","status":404,"detail":"d"}`
	shelf   = "/shelves/11111111-1111-4111-8111-111111111111"
)

func load(t *testing.T) *contract.Contract {
	t.Helper()
	document, err := os.ReadFile("testdata/shelves.yaml")
	require.NoError(t, err)
	c, err := contract.Load(document)
	require.NoError(t, err)
	return c
}

func request(t *testing.T, method, target, mediaType, body string) *http.Request {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), method, "http://example.com"+target, strings.NewReader(body))
	require.NoError(t, err)
	if mediaType != "" {
		r.Header.Set("Content-Type", mediaType)
	}
	return r
}

func response(status int, mediaType string, headers ...string) *http.Response {
	h := http.Header{}
	if mediaType != "" {
		h.Set("Content-Type", mediaType)
	}
	for i := 0; i < len(headers); i += 2 {
		h.Set(headers[i], headers[i+1])
	}
	return &http.Response{StatusCode: status, Header: h}
}

func TestCheckHoldsResponses(t *testing.T) {
	c := load(t)
	for name, tc := range map[string]struct {
		method, target string
		response       *http.Response
		body           string
		wrong          error
	}{
		"good":                     {"GET", shelf, response(200, plain), `{"name":"a","at":"2026-03-01T10:00:00+03:00"}`, nil},
		"charset is no difference": {"GET", shelf, response(200, plain+"; charset=utf-8"), `{"name":"a"}`, nil},
		"unknown field":            {"GET", shelf, response(200, plain), `{"name":"a","x":1}`, contract.ErrResponse},
		"field missing":            {"GET", shelf, response(200, plain), `{}`, contract.ErrResponse},
		"value of no enum":         {"GET", shelf, response(200, plain), `{"name":"z"}`, contract.ErrResponse},
		"format":                   {"GET", shelf, response(200, plain), `{"name":"a","at":"yesterday"}`, contract.ErrResponse},
		"cut off":                  {"GET", shelf, response(200, plain), `{"name":`, contract.ErrResponse},
		"two values":               {"GET", shelf, response(200, plain), `{"name":"a"}{}`, contract.ErrResponse},
		"unknown media type":       {"GET", shelf, response(200, "text/html"), `<p>`, contract.ErrResponse},
		"no media type":            {"GET", shelf, response(200, ""), `{"name":"a"}`, contract.ErrResponse},
		"unnamed success":          {"GET", shelf, response(206, plain), `{"name":"a"}`, contract.ErrResponse},
		"problem":                  {"GET", shelf, response(404, trouble), problem, nil},
		"problem as JSON":          {"GET", shelf, response(404, plain), problem, contract.ErrResponse},
		"problem without a title":  {"GET", shelf, response(500, trouble), `{"type":"x"}`, contract.ErrResponse},
		"file":                     {"GET", shelf + "/label", response(200, "application/pdf"), "%PDF-", nil},
		"body where there is none": {"GET", shelf + "/ping", response(204, plain), `{}`, contract.ErrResponse},
		"no body":                  {"GET", shelf + "/ping", response(204, ""), ``, nil},
		"no default":               {"GET", shelf + "/ping", response(500, trouble), problem, contract.ErrResponse},
		"fixed path wins":          {"GET", "/shelves/first", response(200, "text/plain"), `a`, nil},
		"header":                   {"POST", "/shelves", response(201, plain, "Location", "/x"), `{"name":"a"}`, nil},
		"header missing":           {"POST", "/shelves", response(201, plain), `{"name":"a"}`, contract.ErrResponse},
		"unknown path":             {"GET", "/books", response(200, plain), `{}`, contract.ErrRoute},
		"unknown path, refused":    {"GET", "/books", response(404, trouble), problem, nil},
		"unknown path, bare":       {"GET", "/books", response(404, "text/plain"), `404`, contract.ErrResponse},
		"unknown method":           {"PUT", shelf, response(200, plain), `{"name":"a"}`, contract.ErrRoute},
		"unknown method, refused":  {"PUT", shelf, response(405, trouble), problem, nil},
	} {
		t.Run(name, func(t *testing.T) {
			sent, mediaType := "", ""
			if tc.method == http.MethodPost {
				sent, mediaType = `{"name":"a"}`, plain
			}
			err := c.Check(request(t, tc.method, tc.target, mediaType, sent), tc.response, []byte(tc.body))
			if tc.wrong == nil {
				require.NoError(t, err)
				return
			}
			require.ErrorIs(t, err, tc.wrong)
		})
	}
}

func TestCheckHoldsRequestsThatAreNotRefused(t *testing.T) {
	c := load(t)
	good := request(t, http.MethodPost, "/shelves?size=3", plain, `{"name":"a"}`)
	good.Header.Set("Once", "key")
	created := response(201, plain, "Location", "/x")
	require.NoError(t, c.Check(good, created, []byte(`{"name":"a"}`)))
	require.NoError(t, c.Check(request(t, "POST", "/shelves/first", "", ""), response(204, ""), nil), "an optional body may be left out")

	long := request(t, http.MethodPost, "/shelves", plain, `{"name":"a"}`)
	long.Header.Set("Once", strings.Repeat("k", 9))
	for name, r := range map[string]*http.Request{
		"body":         request(t, http.MethodPost, "/shelves", plain, `{"name":"a","x":1}`),
		"media type":   request(t, http.MethodPost, "/shelves", "text/plain", `{"name":"a"}`),
		"no body":      request(t, http.MethodPost, "/shelves", plain, ``),
		"no integer":   request(t, http.MethodPost, "/shelves?size=x", plain, `{"name":"a"}`),
		"out of range": request(t, http.MethodPost, "/shelves?size=0", plain, `{"name":"a"}`),
		"header":       long,
	} {
		t.Run(name, func(t *testing.T) {
			require.ErrorIs(t, c.Check(r, created, []byte(`{"name":"a"}`)), contract.ErrRequest)
			require.NoError(t, c.Check(r, response(422, trouble), []byte(problem)), "a refused request may be anything")
		})
	}
	noID := request(t, http.MethodGet, "/shelves/x", "", "")
	require.ErrorIs(t, c.Check(noID, response(200, plain), []byte(`{"name":"a"}`)), contract.ErrRequest, "the id is no UUID")
	missing := request(t, http.MethodGet, "/shelves", "", "")
	require.ErrorIs(t, c.Check(missing, response(204, ""), nil), contract.ErrRequest, "a required parameter")
}

func TestOperations(t *testing.T) {
	c := load(t)
	require.Equal(t, []string{"addShelf", "findShelf", "getFirst", "getLabel", "getShelf", "ping", "renameFirst"}, c.Operations())
	id, ok := c.Operation(http.MethodGet, "/shelves/first")
	require.True(t, ok)
	require.Equal(t, "getFirst", id)
	_, ok = c.Operation(http.MethodDelete, "/shelves/first")
	require.False(t, ok)
}

func TestLoadRefusesBrokenDocuments(t *testing.T) {
	const head = "openapi: 3.1.0\ninfo: {title: a, version: '1'}\ncomponents: {responses: {Problem: {description: d, content: {application/problem+json: {schema: {type: object}}}}}}\n"
	_, err := contract.Load([]byte(head + "paths: {/a: {get: {operationId: a, responses: {default: {$ref: '#/components/responses/Problem'}}}}}\n"))
	require.NoError(t, err)
	for name, text := range map[string]string{
		"no YAML":           "\tx: [",
		"a list":            "- a\n",
		"no problem":        "openapi: 3.1.0\npaths: {}\n",
		"no operation id":   head + "paths: {/a: {get: {responses: {}}}}\n",
		"broken schema":     head + "paths: {/a: {get: {operationId: a, responses: {'200': {content: {application/json: {schema: {type: 3}}}}}}}}\n",
		"dangling schema":   head + "paths: {/a: {get: {operationId: a, responses: {'200': {content: {application/json: {schema: {$ref: '#/nowhere'}}}}}}}}\n",
		"broken parameter":  head + "paths: {/a: {get: {operationId: a, responses: {}, parameters: [{name: x, in: query, schema: {type: 3}}]}}}\n",
		"broken body":       head + "paths: {/a: {get: {operationId: a, responses: {}, requestBody: {content: {application/json: {schema: {type: 3}}}}}}}\n",
		"keys are no texts": "{[1]: 2}\n",
	} {
		t.Run(name, func(t *testing.T) {
			_, err := contract.Load([]byte(text))
			require.Error(t, err)
		})
	}
}
