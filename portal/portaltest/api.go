package portaltest

import (
	"encoding/json"
	"io"
	"net/http"
	"strings"
	"sync"
	"time"

	"github.com/remote-issuance/remote-issuance/api/contract"
	"github.com/remote-issuance/remote-issuance/internal/order"
)

// API answers as the service does, from orders in all states. Orders move on
// as their applicant acts.
type API struct {
	// Pace is how long registers take, one after another; 0 for orders that stay in the checks.
	Pace time.Duration
	// Status is what needs an operator.
	Status contract.OperatorStatus
	// Organisation answers the head of an organisation; nil for nobody.
	Organisation *Organisation

	mux    *http.ServeMux
	mu     sync.Mutex
	states []*State
	// diagnosis is what is known before an order.
	diagnosis contract.Diagnosis
	// fails are problems that the API answers with, by method and end of the path.
	fails map[string]contract.Problem
	calls []string
}

// NewAPI has orders in all states as they stand at a time.
func NewAPI(now time.Time) *API {
	a := &API{
		mux: http.NewServeMux(), fails: map[string]contract.Problem{}, diagnosis: contract.Diagnosis{Registers: []contract.RegisterDiagnosis{}},
	}
	for _, s := range States(now) {
		a.states = append(a.states, &s)
	}
	a.Status = Concerns(now)
	a.mux.HandleFunc("GET /v1/operator/status", func(w http.ResponseWriter, _ *http.Request) { answer(w, http.StatusOK, a.Status) })
	a.mux.HandleFunc("GET /v1/terms", func(w http.ResponseWriter, _ *http.Request) {
		answer(w, http.StatusOK, contract.Terms{
			Agreement: contract.TermsDocument{Version: "3", URL: "https://portal.example.by/agreement"},
			Contract:  contract.TermsDocument{Version: "5", URL: "https://portal.example.by/contract"},
		})
	})
	a.mux.HandleFunc("GET /v1/payments/status/{number}", paymentStatus)
	a.mux.HandleFunc("POST /v1/cards/verification", verifyCard)
	a.mux.HandleFunc("GET /v1/tariff", func(w http.ResponseWriter, _ *http.Request) {
		answer(w, http.StatusOK, contract.Tariff{Currency: "BYN", Prices: []contract.Price{
			{Service: order.ServiceIndividual, Kind: order.KindIndividual, Years: 1, Amount: "86.40", From: "2020-01-01"},
			{Service: order.ServiceIndividual, Kind: order.KindIndividual, Years: 1, Amount: "90.00", From: "2199-01-01"},
			{Service: order.ServiceEmployee, Kind: order.KindEmployee, Years: 2, Amount: "79.80", From: "2020-01-01"},
		}})
	})
	a.mux.HandleFunc("GET /v1/help", func(w http.ResponseWriter, _ *http.Request) {
		answer(w, http.StatusOK, contract.Help{Instruction: "https://portal.example.by/instruction", Fszn: "6.1.43, 6.2.43"})
	})
	a.mux.HandleFunc("GET /v1/diagnosis", func(w http.ResponseWriter, _ *http.Request) {
		a.mu.Lock()
		defer a.mu.Unlock()
		answer(w, http.StatusOK, a.diagnosis)
	})
	a.mux.HandleFunc("GET /v1/orders", a.list)
	a.mux.HandleFunc("POST /v1/orders", a.open)
	a.mux.HandleFunc("POST /v1/activations", func(w http.ResponseWriter, _ *http.Request) { refuse(w, http.StatusNotFound, "not-found") })
	a.mux.HandleFunc("POST /v1/renewals/{link}", func(w http.ResponseWriter, r *http.Request) {
		if r.PathValue("link") != "good" {
			refuse(w, http.StatusNotFound, "not-found")
			return
		}
		answer(w, http.StatusOK, a.find(IDOf("terms")).Order)
	})
	for pattern, h := range map[string]func(http.ResponseWriter, *http.Request, *State){
		"GET /v1/orders/{id}": a.get, "POST /v1/orders/{id}/terms": a.accept, "POST /v1/orders/{id}/request": a.submit,
		"POST /v1/orders/{id}/withdrawal": a.withdraw, "GET /v1/orders/{id}/payment": a.payment, "POST /v1/orders/{id}/payment": a.choose,
		"GET /v1/orders/{id}/credentials": a.credentials, "PUT /v1/orders/{id}/contacts": a.correct,
		"GET /v1/orders/{id}/card": func(w http.ResponseWriter, _ *http.Request, s *State) { giveCard(w, s.Order) },
	} {
		a.mux.HandleFunc(pattern, func(w http.ResponseWriter, r *http.Request) {
			id, _ := order.ParseID(r.PathValue("id"))
			s := a.find(id)
			if s == nil {
				refuse(w, http.StatusNotFound, "not-found")
				return
			}
			h(w, r, s)
		})
	}
	return a
}

// ServeHTTP answers, or fails as it was told to.
func (a *API) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	a.mu.Lock()
	a.calls = append(a.calls, r.Method+" "+r.URL.Path)
	var failing *contract.Problem
	for where, p := range a.fails {
		method, end, _ := strings.Cut(where, " ")
		if method == r.Method && strings.HasSuffix(r.URL.Path, end) {
			failing = &p
		}
	}
	a.mu.Unlock()
	w = inLanguage(w, r.Header.Get("Accept-Language"))
	switch {
	case failing == nil && (strings.HasPrefix(r.URL.Path, "/v1/payments/status/") || r.URL.Path == "/v1/cards/verification"):
		a.mux.ServeHTTP(w, r)
	case failing == nil && r.Header.Get("Authorization") != "Bearer access":
		refuse(w, http.StatusUnauthorized, "token-invalid")
	case failing != nil:
		w.Header().Set("Content-Type", "application/problem+json")
		w.WriteHeader(failing.Status)
		_ = json.NewEncoder(w).Encode(failing)
	case a.Organisation != nil && (strings.HasPrefix(r.URL.Path, "/v1/organisation/") || strings.HasPrefix(r.URL.Path, "/v1/confirmations")):
		a.Organisation.ServeHTTP(w, r)
	default:
		a.mux.ServeHTTP(w, r)
	}
}

// Fail makes the API answer a method at paths with an ending with a problem.
func (a *API) Fail(method, pathEnd string, p contract.Problem) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.fails[method+" "+pathEnd] = p
}

// Diagnose makes the API answer with what is known before an order.
func (a *API) Diagnose(d contract.Diagnosis) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.diagnosis = d
}

// Calls are how many calls of a method there were at paths with an ending.
func (a *API) Calls(method, pathEnd string) int {
	a.mu.Lock()
	defer a.mu.Unlock()
	n := 0
	for _, c := range a.calls {
		if strings.HasPrefix(c, method+" ") && strings.HasSuffix(c, pathEnd) {
			n++
		}
	}
	return n
}

// Uploads are how many requests an order has taken.
func (a *API) Uploads(id order.ID) int {
	if s := a.find(id); s != nil {
		return s.Uploads
	}
	return 0
}

// Change changes an order and makes its version newer.
func (a *API) Change(id order.ID, change func(*State)) {
	a.mu.Lock()
	defer a.mu.Unlock()
	for _, s := range a.states {
		if s.Order.ID == id {
			change(s)
			s.Order.Version++
			s.Order.Next.WaitsFor, s.Order.Next.Text = s.Order.Stage.WaitsFor(s.Order.Service), nextText(s.Order.Stage)
		}
	}
}

// Problem is a problem document of a kind.
func Problem(status int, slug string) contract.Problem {
	return contract.Problem{Type: "https://api.example.by/problems/" + slug, Title: "title of " + slug, Detail: "detail of " + slug, Status: status}
}

func refuse(w http.ResponseWriter, status int, slug string) { refuseWith(w, Problem(status, slug)) }

func refuseWith(w http.ResponseWriter, p contract.Problem) {
	w.Header().Set("Content-Type", "application/problem+json")
	w.WriteHeader(p.Status)
	_ = json.NewEncoder(w).Encode(p)
}

func (a *API) find(id order.ID) *State {
	a.mu.Lock()
	defer a.mu.Unlock()
	for _, s := range a.states {
		if s.Order.ID == id {
			found := *s
			return &found
		}
	}
	return nil
}

func (a *API) list(w http.ResponseWriter, r *http.Request) {
	a.mu.Lock()
	defer a.mu.Unlock()
	out := contract.OrderList{Orders: []contract.Order{}}
	for _, s := range a.states {
		if s.Order.Stage.Open() || r.URL.Query().Get("state") == "all" || s.Order.End == order.EndIssued {
			out.Orders = append(out.Orders, s.Order)
		}
	}
	answer(w, http.StatusOK, out)
}

// wanted reads a value; one that cannot be read is what the tests of the portal look for.
func wanted[T any](w http.ResponseWriter, r *http.Request) (T, bool) {
	var in T
	d := json.NewDecoder(io.LimitReader(r.Body, 1<<20))
	d.DisallowUnknownFields()
	if err := d.Decode(&in); err != nil {
		refuse(w, http.StatusBadRequest, "malformed")
		return in, false
	}
	return in, true
}
