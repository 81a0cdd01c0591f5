package api

import (
	"net/http"

	"github.com/remote-issuance/remote-issuance/api/web"
)

// cell is a request of the matrix that is good but for who sends it.
type cell struct {
	group
	method, path, mediaType, body string
}

// samples are what the ids in the paths stand for. The reminder of each of the
// orders e, i and p has its id for a link.
type samples struct {
	e, i, p, confirmation, payment string
	// number is the payment number of i, event the id of an event about e.
	number, event string
	// ofClient and ofTheirs are webhooks of the same program: for no organisation, and for e's.
	ofClient, ofTheirs string
}

const js = "application/json"

func get(g group, path string) cell { return cell{group: g, method: http.MethodGet, path: path} }

func post(g group, path, body string) cell {
	return cell{group: g, method: http.MethodPost, path: path, mediaType: js, body: body}
}

// cells are every route of the contract, those with an order in their path for
// each sample. What takes a sample away comes last.
func (s samples) cells() []cell {
	out := append(s.openToAll(), s.ofPersonnel()...)
	out = append(out, get(cardE, "/v1/orders/"+s.e+"/card"), get(readI, "/v1/orders/"+s.i+"/card"), get(readP, "/v1/orders/"+s.p+"/card"))
	for id, groups := range map[string][2]group{s.e: {readE, writeE}, s.i: {readI, writeI}, s.p: {readP, writeP}} {
		o, read, write := "/v1/orders/"+id, groups[0], groups[1]
		out = append(out, get(read, o), get(read, o+"/payment"), get(write, o+"/credentials"),
			post(write, o+"/terms", `{"agreementVersion":"agreement-3","contractVersion":"contract-7"}`),
			cell{write, http.MethodPost, o + "/request", "multipart/form-data; boundary=x", "--x--\r\n"},
			cell{write, http.MethodPut, o + "/contacts", js, `{"email":"` + testEmail + `","phone":"` + testPhone + `"}`},
			post(write, o+"/withdrawal", ""), post(write, o+"/payment", `{"method":"erip"}`), post(write, "/v1/renewals/"+id, ""))
	}
	c := "/v1/confirmations/" + s.confirmation
	out = append(out, get(ours, c), get(ours, c+"/list"), get(ours, c+"/list?format=pdf"), get(ours, c+"/payment"), get(ours, c+"/invoice"),
		post(ours, c+"/payment", `{"method":"erip"}`), cell{ours, http.MethodPost, c + "/signature", "application/octet-stream", "x"})
	return append(out, s.ofPrograms()...)
}

// openToAll are the routes that look at no token.
func (s samples) openToAll() []cell {
	out := []cell{
		get(anybody, "/healthz"), get(anybody, "/readyz"), get(anybody, "/openapi.yaml"),
		get(anybody, "/problems"), get(anybody, "/problems?lang=be"), get(anybody, "/problems/"+string(web.ProblemNotFound)),
		{anybody, http.MethodPost, "/v1/cards/verification", "application/pdf", "x"}, get(anybody, "/v1/tariff"), get(anybody, "/v1/help"), get(anybody, "/v1/payments/status/"+s.number), get(anybody, "/v1/renewal"),
		get(unknownNumber, "/v1/payments/status/NOAIS999999999"),
		{byProof, http.MethodPost, "/gateways/assist", "application/x-www-form-urlencoded", "merchant_id=1"},
		{byProof, http.MethodPost, "/gateways/erip", "text/xml", "<ServiceProvider_Request/>"},
		{byProof, http.MethodPost, "/spawn", mediaTypeCMS, "x"}, {byProof, http.MethodPost, "/retrieve", mediaTypeCMS, "x"},
	}
	for _, process := range []string{"/enroll1", "/enroll2", "/enroll3", "/reenroll", "/setpwd", "/revoke"} {
		out = append(out, cell{notOffered, http.MethodPost, process, mediaTypeCMS, "x"})
	}
	return out
}

// ofPersonnel are the routes of applicants, managers, gateways and operators
// without a sample of theirs in the path.
func (s samples) ofPersonnel() []cell {
	return []cell{
		get(personal, "/v1/terms"), get(personal, "/v1/diagnosis"), get(personal, "/v1/orders"), get(personal, "/v1/orders?state=all"),
		post(openIndividual, "/v1/orders", `{"service":"6.0.00"}`), post(openEmployee, "/v1/orders", `{"service":"6.0.01"}`),
		post(activate, "/v1/activations", ""),
		get(organisation, "/v1/organisation/orders"), get(organisation, "/v1/confirmations"),
		get(ours, "/v1/organisation/orders/"+s.e), post(ours, "/v1/organisation/orders/"+s.e+"/rejection", ""),
		post(ours, "/v1/confirmations", `{"orders":["`+s.e+`"]}`),
		get(ours, "/v1/organisation/orders/"+s.e+"/card"), get(notOurs, "/v1/organisation/orders/"+s.i+"/card"),
		get(notOurs, "/v1/organisation/orders/"+s.i), post(notOurs, "/v1/organisation/orders/"+s.p+"/rejection", ""),
		post(notOurs, "/v1/confirmations", `{"orders":["`+s.e+`","`+s.i+`"]}`),
		post(notify, "/v1/payments/notifications", `{}`),
		{ledger, http.MethodPost, "/v1/payments/statements", "application/octet-stream", "x"},
		get(ledger, "/v1/operator/status"), get(ledger, "/v1/payments"), post(ledger, "/v1/payments/"+s.payment+"/assignment", `{"number":"none","note":"n"}`),
		post(ledger, "/v1/payments/"+s.payment+"/return", `{"note":"n"}`),
	}
}

// ofPrograms are the routes of integrators; the last forget the webhooks.
func (s samples) ofPrograms() []cell {
	out := []cell{
		get(readEvents, "/v1/events"), get(readEvents, "/v1/events?limit=1&after=1"),
		get(ownWebhooks, "/v1/webhooks"), post(ownWebhooks, "/v1/webhooks", `{"url":"http://127.0.0.1:1/own"}`),
	}
	var last []cell
	for id, g := range map[string]group{s.ofClient: webhookOfClient, s.ofTheirs: webhookOfTheirs} {
		w := "/v1/webhooks/" + id
		out = append(out, get(g, w), cell{g, http.MethodPatch, w, js, `{"types":["order.issued"]}`}, post(g, w+"/secret", ""), post(g, w+"/test", ""),
			post(g, w+"/replay?after=0", ""), post(g, w+"/events/"+s.event+"/replay", ""), get(g, w+"/deliveries"))
		last = append(last, cell{group: g, method: http.MethodDelete, path: w})
	}
	return append(out, last...)
}
