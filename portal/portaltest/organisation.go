package portaltest

import (
	"io"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/remote-issuance/remote-issuance/api/contract"
	"github.com/remote-issuance/remote-issuance/internal/order"
)

// price of each made-up order.
const price order.Kopecks = 4320

// Organisation answers as the service does to the head of an organisation, from
// two employees with seven orders.
type Organisation struct {
	// Verify checks a signature of a list; nil takes everything but the text "bad".
	Verify func(list, signature []byte) error

	mux   *http.ServeMux
	mu    sync.Mutex
	now   time.Time
	rows  []contract.OrganisationOrder
	lists []*confirmation
	once  map[string]order.ID
	fails map[string]contract.Problem
}

// confirmation is one list with its octets.
type confirmation struct {
	contract.Confirmation
	list   []byte
	method contract.PaymentMethod
	paid   bool
}

// NewOrganisation has orders as they stand at a time.
func NewOrganisation(now time.Time) *Organisation {
	o := &Organisation{mux: http.NewServeMux(), now: now, once: map[string]order.ID{}, fails: map[string]contract.Problem{}}
	for i := range 7 {
		name := "Образцова Вера Петровна"
		if i >= 4 {
			name = "Примеров Олег Янович"
		}
		o.rows = append(o.rows, contract.OrganisationOrder{
			ID: IDOf("organisation-" + strconv.Itoa(i)), Number: strconv.Itoa(92239 + i), Name: name, Stage: order.StageAwaitingApproval,
			Position: "Специалист", Years: 1 + i%2, ReceivedAt: now.Add(-time.Duration(i) * time.Hour), ConfirmBy: now.Add(96 * time.Hour), PayBy: now.Add(216 * time.Hour),
		})
	}
	o.rows[1].NewPosition = `Начальник отдела <"связь">`
	o.route()
	return o
}

func (o *Organisation) route() {
	o.mux.HandleFunc("GET /v1/payments/status/{number}", paymentStatus)
	o.mux.HandleFunc("GET /v1/organisation/orders", o.page)
	o.mux.HandleFunc("GET /v1/organisation/orders/{id}", o.details)
	o.mux.HandleFunc("POST /v1/organisation/orders/{id}/rejection", o.reject)
	o.mux.HandleFunc("GET /v1/organisation/orders/{id}/card", func(w http.ResponseWriter, _ *http.Request) { answerCard(w) })
	o.mux.HandleFunc("POST /v1/confirmations", o.make)
	o.mux.HandleFunc("GET /v1/confirmations", func(w http.ResponseWriter, _ *http.Request) {
		out := contract.ConfirmationList{Confirmations: []contract.Confirmation{}}
		for _, c := range slices.Backward(o.lists) {
			out.Confirmations = append(out.Confirmations, c.Confirmation)
		}
		answer(w, http.StatusOK, out)
	})
	for pattern, h := range map[string]func(http.ResponseWriter, *http.Request, *confirmation){
		"GET /v1/confirmations/{id}": o.get, "GET /v1/confirmations/{id}/list": o.list, "POST /v1/confirmations/{id}/signature": o.sign,
		"GET /v1/confirmations/{id}/payment": o.payment, "POST /v1/confirmations/{id}/payment": o.chooseMethod, "GET /v1/confirmations/{id}/invoice": o.invoice,
	} {
		o.mux.HandleFunc(pattern, func(w http.ResponseWriter, r *http.Request) {
			for _, c := range o.lists {
				if c.ID.String() == r.PathValue("id") {
					h(w, r, c)
					return
				}
			}
			refuse(w, http.StatusNotFound, "not-found")
		})
	}
}

// ServeHTTP answers, one request at a time, or fails as it was told to.
func (o *Organisation) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	o.mu.Lock()
	defer o.mu.Unlock()
	for where, p := range o.fails {
		method, end, _ := strings.Cut(where, " ")
		if method == r.Method && strings.HasSuffix(r.URL.Path, end) {
			refuseWith(w, p)
			return
		}
	}
	o.mux.ServeHTTP(w, r)
}

// Fail makes the organisation answer a method at paths with an ending with a problem.
func (o *Organisation) Fail(method, pathEnd string, p contract.Problem) {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.fails[method+" "+pathEnd] = p
}

// Lists are how many lists were made.
func (o *Organisation) Lists() int {
	o.mu.Lock()
	defer o.mu.Unlock()
	return len(o.lists)
}

// Move changes the newest list and makes its version newer.
func (o *Organisation) Move(change func(*contract.Confirmation)) {
	o.mu.Lock()
	defer o.mu.Unlock()
	c := o.lists[len(o.lists)-1]
	change(&c.Confirmation)
	c.paid = c.paid || c.Stage == order.ConfirmationIssuing
	c.Version++
}

func (o *Organisation) page(w http.ResponseWriter, r *http.Request) {
	n, _ := strconv.Atoi(r.URL.Query().Get("page"))
	size, _ := strconv.Atoi(r.URL.Query().Get("size"))
	out := contract.OrganisationOrders{Page: n, Total: len(o.rows), Pages: (len(o.rows) + size - 1) / size, Employees: []contract.Employee{}}
	from := min((n-1)*size, len(o.rows))
	for _, row := range o.rows[from:min(from+size, len(o.rows))] {
		if last := len(out.Employees) - 1; last >= 0 && out.Employees[last].Name == row.Name {
			out.Employees[last].Orders = append(out.Employees[last].Orders, row)
			continue
		}
		out.Employees = append(out.Employees, contract.Employee{Name: row.Name, Orders: []contract.OrganisationOrder{row}})
	}
	answer(w, http.StatusOK, out)
}

func (o *Organisation) row(id string) int {
	return slices.IndexFunc(o.rows, func(r contract.OrganisationOrder) bool { return r.ID.String() == id })
}

func (o *Organisation) details(w http.ResponseWriter, r *http.Request) {
	i := o.row(r.PathValue("id"))
	if i < 0 {
		refuse(w, http.StatusNotFound, "not-found")
		return
	}
	answer(w, http.StatusOK, contract.OrganisationOrderDetails{
		Order: o.rows[i], PersonalNumber: "4010190A002PB9", Price: price.String(), RequestedStart: order.DateOf(o.now).AddDays(10).String(),
		Checks: []contract.Check{{Code: "key-new", Verdict: order.VerdictPassed, Title: "Ключ новый"}},
	})
}

func (o *Organisation) reject(w http.ResponseWriter, r *http.Request) {
	in, ok := wanted[contract.Rejection](w, r)
	i := o.row(r.PathValue("id"))
	switch {
	case !ok:
	case i < 0:
		refuse(w, http.StatusConflict, "order-ended")
	case strings.ContainsRune(in.Reason, 0):
		refuse(w, http.StatusUnprocessableEntity, "validation")
	default:
		row := o.rows[i]
		row.Stage, row.End = order.StageEnded, order.EndRejected
		o.rows = slices.Delete(o.rows, i, i+1)
		answer(w, http.StatusOK, row)
	}
}

func (o *Organisation) make(w http.ResponseWriter, r *http.Request) {
	in, ok := wanted[contract.MakeList](w, r)
	if !ok {
		return
	}
	key := r.Header.Get("Idempotency-Key")
	for _, c := range o.lists {
		if made, ok := o.once[key]; ok && key != "" && c.ID == made {
			w.Header().Set("Location", "/v1/confirmations/"+c.ID.String())
			answer(w, http.StatusCreated, c.Confirmation)
			return
		}
	}
	var chosen []contract.OrganisationOrder
	for _, id := range in.Orders {
		i := o.row(id.String())
		if i < 0 || !o.rows[i].ConfirmationID.IsZero() {
			refuse(w, http.StatusConflict, "nothing-to-confirm")
			return
		}
		chosen = append(chosen, o.rows[i])
	}
	c, err := o.draw(IDOf("list-"+strconv.Itoa(len(o.lists))), chosen)
	if err != nil {
		refuse(w, http.StatusInternalServerError, "internal")
		return
	}
	for _, id := range in.Orders {
		o.rows[o.row(id.String())].ConfirmationID = c.ID
	}
	o.lists, o.once[key] = append(o.lists, c), c.ID
	w.Header().Set("Location", "/v1/confirmations/"+c.ID.String())
	answer(w, http.StatusCreated, c.Confirmation)
}

func (o *Organisation) get(w http.ResponseWriter, _ *http.Request, c *confirmation) {
	answer(w, http.StatusOK, c.Confirmation)
}

func (o *Organisation) list(w http.ResponseWriter, r *http.Request, c *confirmation) {
	if r.URL.Query().Get("format") == "pdf" {
		w.Header().Set("Content-Type", "application/pdf")
		_, _ = w.Write([]byte("%PDF-1.7 list"))
		return
	}
	w.Header().Set("Content-Type", "application/xml")
	_, _ = w.Write(c.list)
}

func (o *Organisation) sign(w http.ResponseWriter, r *http.Request, c *confirmation) {
	signature, _ := io.ReadAll(r.Body)
	switch {
	case c.Stage != order.ConfirmationSigning:
		refuse(w, http.StatusConflict, "wrong-stage")
		return
	case o.Verify == nil && string(signature) == "bad", o.Verify != nil && o.Verify(c.list, signature) != nil:
		p := Problem(http.StatusUnprocessableEntity, "signature-rejected")
		p.Checks = []contract.Check{{Code: "list-signature", Verdict: order.VerdictFailed, Cause: "digest-mismatch", Title: "Подпись не соответствует перечню"}}
		refuseWith(w, p)
		return
	}
	o.approve(c)
	answer(w, http.StatusOK, c.Confirmation)
}
