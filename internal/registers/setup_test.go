package registers

import (
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/remote-issuance/remote-issuance/internal/order"
)

const (
	testUNP    order.UNP            = "190000020"
	testNumber order.PersonalNumber = "3010190A001PB9"
)

// register is a fake that answers by path from golden files and remembers what it was asked.
type register struct {
	*httptest.Server
	t *testing.T

	mu      sync.Mutex
	answers map[string]http.HandlerFunc
	asked   []string
}

func newRegister(t *testing.T) *register {
	t.Helper()
	r := &register{t: t, answers: map[string]http.HandlerFunc{}}
	r.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, req *http.Request) {
		r.mu.Lock()
		r.asked = append(r.asked, req.URL.RequestURI())
		answer := r.answers[req.URL.Path]
		r.mu.Unlock()
		if answer == nil {
			http.NotFound(w, req)
			return
		}
		answer(w, req)
	}))
	t.Cleanup(r.Close)
	return r
}

func (r *register) file(path, name string) *register {
	return r.body(path, http.StatusOK, string(golden(r.t, name)))
}

func (r *register) body(path string, status int, body string) *register {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.answers[path] = func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "application/json; charset=utf-8")
		w.WriteHeader(status)
		_, _ = w.Write([]byte(body))
	}
	return r
}

func (r *register) questions() []string {
	r.mu.Lock()
	defer r.mu.Unlock()
	return append([]string(nil), r.asked...)
}

func golden(t testing.TB, name string) []byte {
	t.Helper()
	b, err := os.ReadFile(filepath.Join("testdata", name))
	require.NoError(t, err)
	return b
}
