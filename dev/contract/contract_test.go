package contract_test

import (
	"net/http"
	"net/http/httptest"
	"os"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/remote-issuance/remote-issuance/dev/contract"
)

func parse(t *testing.T) *contract.Contract {
	t.Helper()
	document, err := os.ReadFile("../../api/openapi.yaml")
	require.NoError(t, err)
	c, err := contract.Parse(document)
	require.NoError(t, err)
	return c
}

const (
	id      = "11111111-1111-4111-8111-111111111111"
	problem = `{"type":"urn:remote-issuance:problem:x","title":"t","status":404,"detail":"d"}`
	plain   = "application/json"
	trouble = "application/problem+json; charset=utf-8"
)

func TestResponsesAreHeldAgainstTheContract(t *testing.T) {
	c := parse(t)
	for name, tc := range map[string]struct {
		method, path string
		status       int
		media, body  string
		operation    string
		wrong        string
	}{
		"good":               {"GET", "/healthz", 200, plain, `{"status":"ok"}`, "getHealth", ""},
		"value not in enum":  {"GET", "/healthz", 200, plain, `{"status":"fine"}`, "getHealth", "status"},
		"unknown property":   {"GET", "/healthz", 200, plain, `{"status":"ok","x":1}`, "getHealth", "additional"},
		"not JSON":           {"GET", "/healthz", 200, plain, `ok`, "getHealth", "body"},
		"problem":            {"GET", "/v1/orders/" + id, 404, trouble, problem, "getOrder", ""},
		"problem without":    {"GET", "/v1/orders/" + id, 404, trouble, `{"title":"t"}`, "getOrder", "missing"},
		"error as JSON":      {"GET", "/v1/orders/" + id, 404, plain, problem, "getOrder", "content type"},
		"unnamed success":    {"GET", "/v1/orders/" + id, 204, plain, ``, "getOrder", "status"},
		"format":             {"GET", "/v1/terms", 200, plain, `{"agreement":{"version":"1","url":"u"},"contract":{"version":"1"}}`, "getTerms", "url"},
		"unknown path":       {"GET", "/v2/orders", 200, plain, `{}`, "", "not in the contract"},
		"unknown path, 404":  {"GET", "/v2/orders", 404, trouble, problem, "", ""},
		"named problem, 422": {"POST", "/v1/orders/" + id + "/request", 422, trouble, problem, "submitRequest", ""},
		"file":               {"GET", "/v1/confirmations/" + id + "/invoice", 200, "application/pdf", "%PDF-", "downloadInvoice", ""},
	} {
		t.Run(name, func(t *testing.T) {
			operation, err := c.Check(tc.method, tc.path, tc.status, tc.media, []byte(tc.body))
			require.Equal(t, tc.operation, operation)
			if tc.wrong == "" {
				require.NoError(t, err)
				return
			}
			require.ErrorContains(t, err, tc.wrong)
		})
	}
	require.Contains(t, c.Operations(), "notifyPayment")
	_, err := contract.Parse([]byte("- a\n"))
	require.Error(t, err)
}

func TestTransportReportsViolationsAndCoverage(t *testing.T) {
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", plain)
		_, _ = w.Write([]byte(`{"status":"` + r.Header.Get("X-Status") + `"}`))
	}))
	t.Cleanup(server.Close)
	var violations []error
	transport := &contract.Transport{Contract: parse(t), Violation: func(err error) { violations = append(violations, err) },
		Skip: func(r *http.Request) bool { return r.URL.Path == "/skipped" }}
	for _, status := range []string{"ok", "fine"} {
		for _, path := range []string{"/healthz", "/skipped"} {
			r, err := http.NewRequest(http.MethodGet, server.URL+path, nil)
			require.NoError(t, err)
			r.Header.Set("X-Status", status)
			response, err := transport.RoundTrip(r)
			require.NoError(t, err)
			require.NoError(t, response.Body.Close())
		}
	}
	require.Len(t, violations, 1)
	require.Equal(t, []string{"getHealth"}, transport.Covered())
}
