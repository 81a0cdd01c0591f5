package gateways

import (
	"context"
	"embed"
	"encoding/json"
	"html/template"
	"net/http"
	"net/url"
	"strconv"

	"github.com/remote-issuance/remote-issuance/internal/payments/assist"
)

// maxBody bounds the body of a request of a script, in bytes.
const maxBody = 64 << 10

//go:embed *.html
var pageFiles embed.FS

func parsePages() (*template.Template, error) { return template.ParseFS(pageFiles, "*.html") }

// routes are the gateway's own addresses, the pages, and for scripts:
//
//	POST /api/cards                 a CardPayment; answers a CardReport
//	POST /api/erip/payments         an ERIPPayment; answers an ERIPReport
//	POST /api/erip/reversals        {"transactionId", "faults"}; answers an ERIPReport
//	GET  /erip/register.210         the register of payments
//	POST /api/erip/drops            {}; puts the register into its watched folder and answers the path
//	POST /api/bank/credits          a Credit; answers it with its operation id
//	GET  /bank/statement?format=    the statement: text or 1c
//	POST /api/bank/uploads          {"format", "faults"}; answers what the system said
//	POST /api/bank/drops            {"format"}; answers the path in the watched folder
func (s *Server) routes() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("POST /pay/order.cfm", s.orderCfm)
	mux.HandleFunc("POST /orderstate/orderstate.cfm", s.orderStatus(false))
	mux.HandleFunc("POST /orderresult/orderresult.cfm", s.orderStatus(true))
	mux.HandleFunc("POST /cancel/cancel.cfm", s.cancelCfm)

	mux.HandleFunc("POST /api/cards", script(s.PayCard))
	mux.HandleFunc("POST /api/erip/payments", script(s.PayERIP))
	mux.HandleFunc("POST /api/erip/reversals", script(func(ctx context.Context, in reversal) (ERIPReport, error) {
		return s.ReverseERIP(ctx, in.TransactionID, in.Faults)
	}))
	mux.HandleFunc("POST /api/erip/drops", script(func(context.Context, struct{}) (string, error) { return s.DropRegister() }))
	mux.HandleFunc("POST /api/bank/credits", script(func(_ context.Context, c Credit) (Credit, error) { return s.AddCredit(c) }))
	mux.HandleFunc("POST /api/bank/uploads", script(func(ctx context.Context, in upload) ([]Answer, error) {
		return s.UploadStatement(ctx, in.Format, in.Faults)
	}))
	mux.HandleFunc("POST /api/bank/drops", script(func(_ context.Context, in upload) (string, error) { return s.DropStatement(in.Format) }))
	mux.HandleFunc("GET /erip/register.210", func(w http.ResponseWriter, _ *http.Request) { download(w, "payments.210", s.Register()) })
	mux.HandleFunc("GET /bank/statement", s.statement)

	mux.HandleFunc("GET /{$}", func(w http.ResponseWriter, _ *http.Request) { s.render(w, "index.html", nil) })
	mux.HandleFunc("GET /pay/pay.cfm", s.payPage)
	mux.HandleFunc("POST /pay/pay.cfm", s.payPost)
	mux.HandleFunc("GET /erip", func(w http.ResponseWriter, _ *http.Request) { s.render(w, "erip.html", page{}) })
	mux.HandleFunc("POST /erip", s.eripPost)
	mux.HandleFunc("GET /bank", func(w http.ResponseWriter, _ *http.Request) { s.render(w, "bank.html", page{Credits: s.Credits()}) })
	mux.HandleFunc("POST /bank", s.bankPost)
	return mux
}

type reversal struct {
	TransactionID int64  `json:"transactionId"`
	Faults        Faults `json:"faults"`
}

type upload struct {
	Format StatementFormat `json:"format"`
	Faults Faults          `json:"faults"`
}

// script makes a handler of JSON out of an operation.
func script[In, Out any](do func(context.Context, In) (Out, error)) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		var in In
		dec := json.NewDecoder(http.MaxBytesReader(w, r.Body, maxBody))
		dec.DisallowUnknownFields()
		if err := dec.Decode(&in); err != nil {
			http.Error(w, err.Error(), http.StatusBadRequest)
			return
		}
		out, err := do(r.Context(), in)
		if err != nil {
			http.Error(w, err.Error(), http.StatusUnprocessableEntity)
			return
		}
		w.Header().Set("Content-Type", "application/json; charset=utf-8")
		_ = json.NewEncoder(w).Encode(out)
	}
}

// page is what the templates show.
type page struct {
	Order, Amount, Return string
	Card                  *CardReport
	ERIP                  *ERIPReport
	Credits               []Credit
	Answers               []Answer
	Dropped, Problem      string
}

func (s *Server) payPage(w http.ResponseWriter, r *http.Request) {
	s.showOrder(w, r.FormValue("order"), page{})
}

func (s *Server) showOrder(w http.ResponseWriter, number string, p page) {
	s.mu.Lock()
	p.Order = number
	if o := s.orders[number]; o != nil {
		p.Amount = o.amount
		if p.Card != nil {
			p.Return = o.back.after(p.Card.State)
		}
	}
	s.mu.Unlock()
	if p.Card != nil && p.Return != "" {
		if back, err := url.Parse(p.Return); err == nil {
			q := back.Query()
			q.Set("ordernumber", number)
			q.Set("billnumber", p.Card.BillNumber)
			back.RawQuery = q.Encode()
			p.Return = back.String()
		}
	}
	s.render(w, "pay.html", p)
}

func (s *Server) payPost(w http.ResponseWriter, r *http.Request) {
	var p page
	number := r.FormValue("order")
	report, err := s.PayCard(r.Context(), CardPayment{
		OrderNumber: number, Amount: r.FormValue("amount"), Declined: r.FormValue("do") == string(assist.StateDeclined), Faults: faults(r),
	})
	if err != nil {
		p.Problem = err.Error()
	} else {
		p.Card = &report
	}
	s.showOrder(w, number, p)
}

func (s *Server) eripPost(w http.ResponseWriter, r *http.Request) {
	var p page
	var report ERIPReport
	var err error
	switch r.FormValue("do") {
	case "register":
		p.Dropped, err = s.DropRegister()
	case "reverse":
		id, _ := strconv.ParseInt(r.FormValue("transaction"), 10, 64)
		report, err = s.ReverseERIP(r.Context(), id, faults(r))
	default:
		report, err = s.PayERIP(r.Context(), ERIPPayment{
			Account: r.FormValue("account"), Amount: r.FormValue("amount"), Failed: r.FormValue("do") == "fail",
			LoseResult: r.FormValue("loseResult") != "", Faults: faults(r),
		})
	}
	if p.Dropped == "" {
		p.ERIP = &report
	}
	if err != nil {
		p.Problem = err.Error()
	}
	s.render(w, "erip.html", p)
}

func (s *Server) bankPost(w http.ResponseWriter, r *http.Request) {
	var p page
	var err error
	format := StatementFormat(r.FormValue("format"))
	switch r.FormValue("do") {
	case "add":
		_, err = s.AddCredit(Credit{PayerUNP: r.FormValue("unp"), PayerName: r.FormValue("name"), Amount: r.FormValue("amount"), Purpose: r.FormValue("purpose")})
	case "upload":
		p.Answers, err = s.UploadStatement(r.Context(), format, faults(r))
	case "drop":
		p.Dropped, err = s.DropStatement(format)
	}
	if err != nil {
		p.Problem = err.Error()
	}
	p.Credits = s.Credits()
	s.render(w, "bank.html", p)
}

func (s *Server) statement(w http.ResponseWriter, r *http.Request) {
	data, err := s.Statement(StatementFormat(r.FormValue("format")))
	if err != nil {
		http.Error(w, err.Error(), http.StatusBadRequest)
		return
	}
	download(w, "statement.txt", data)
}

func download(w http.ResponseWriter, name string, data []byte) {
	w.Header().Set("Content-Type", "text/plain; charset=windows-1251")
	w.Header().Set("Content-Disposition", `attachment; filename="`+name+`"`)
	_, _ = w.Write(data)
}

// faults reads the fault fields that every form has; what is not a number is zero.
func faults(r *http.Request) Faults {
	number := func(name string) int {
		n, _ := strconv.Atoi(r.FormValue(name))
		return max(0, min(n, 10_000))
	}
	return Faults{
		Repeats: min(number("repeats"), 50), LoseAnswers: min(number("loseAnswers"), 50), DelayMillis: number("delayMillis"),
		BadSignature: r.FormValue("badSignature") != "", Never: r.FormValue("never") != "",
	}
}

func (s *Server) render(w http.ResponseWriter, name string, data any) {
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	w.Header().Set("Cache-Control", "no-store")
	_ = s.pages.ExecuteTemplate(w, name, data)
}
