package api

import (
	"net/http"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/remote-issuance/remote-issuance/internal/order"
)

// identity is who tries every route.
type identity struct {
	name, token string
	// open lists the routes that let the identity in, by the beginnings of their
	// names; "" lets in everywhere.
	open []string
}

// matrixRoutes are all routes under /v1 with a body that is good, by name. The
// id stands for an order of the employee, or for a confirmation of the manager.
func matrixRoutes(orderID, confirmationID, payable string) map[string][3]string {
	o, c, json := "/v1/orders/"+orderID, "/v1/confirmations/"+confirmationID, "application/json"
	return map[string][3]string{
		"read terms":          {"GET /v1/terms"},
		"read orders":         {"GET /v1/orders"},
		"own open":            {"POST /v1/orders", json, `{"service":"6.0.01"}`},
		"own read":            {"GET " + o},
		"own terms":           {"POST " + o + "/terms", json, `{"agreementVersion":"agreement-3","contractVersion":"contract-7"}`},
		"own request":         {"POST " + o + "/request", "multipart/form-data; boundary=x", "--x--\r\n"},
		"own withdrawal":      {"POST " + o + "/withdrawal"},
		"own payment":         {"GET " + o + "/payment"},
		"own payment choice":  {"POST " + o + "/payment", json, `{"method":"erip"}`},
		"own credentials":     {"GET " + o + "/credentials"},
		"own contacts":        {"PUT " + o + "/contacts", json, `{"email":"a@example.by","phone":"+375291234567"}`},
		"own activation":      {"POST /v1/activations"},
		"head list":           {"GET /v1/organisation/orders"},
		"head details":        {"GET /v1/organisation/orders/" + orderID},
		"head rejection":      {"POST /v1/organisation/orders/" + orderID + "/rejection"},
		"head make":           {"POST /v1/confirmations", json, `{"orders":["` + orderID + `"]}`},
		"head confirmations":  {"GET /v1/confirmations"},
		"head confirmation":   {"GET " + c},
		"head download":       {"GET " + c + "/list"},
		"head signature":      {"POST " + c + "/signature", "application/octet-stream", "x"},
		"head payment":        {"GET " + c + "/payment"},
		"head payment choice": {"POST " + c + "/payment", json, `{"method":"erip"}`},
		"head invoice":        {"GET " + c + "/invoice"},
		"gateway notify":      {"POST /v1/payments/notifications", json, `{}`},
		"operator statement":  {"POST /v1/payments/statements", "application/octet-stream", "x"},
		"operator list":       {"GET /v1/payments"},
		"operator assign":     {"POST /v1/payments/" + payable + "/assignment", json, `{"number":"NOAIS000000001","note":"n"}`},
		"operator return":     {"POST /v1/payments/" + payable + "/return", json, `{"note":"n"}`},
	}
}

// TestEveryRouteByEveryIdentity tries all routes as everybody: who is not let
// in gets 401, 403 or 404, whoever is let in gets anything else, and nobody gets
// a 5xx.
func TestEveryRouteByEveryIdentity(t *testing.T) {
	b := setup(t)
	s := b.at(order.StageAwaitingApproval, asEmployee)
	v := b.confirmation(1)
	b.signIns.orderID = s.ID
	// Somebody who reads with a token may do so; what writes, and the
	// credentials, want the certificate too.
	reading := []string{"read ", "own read", "own payment"}
	applicant := []string{"read ", "own "}
	for _, who := range []identity{
		{"nobody", "", nil},
		{"an unknown token", "Bearer unknown", nil},
		{"another scheme", "Basic dTpw", nil},
		{"the employee", asEmployee, applicant},
		{"the head", asManager, []string{"read ", "own open", "head "}},
		{"a gateway", asGateway, []string{"gateway "}},
		{"an operator", asOperator, []string{"operator "}},
		{"another employee", asColleague, []string{"read ", "own open"}},
		{"an individual", asIndividual, []string{"read "}},
		{"another individual", asStranger, []string{"read "}},
		{"a sole proprietor", "Bearer proprietor", []string{"read "}},
		{"a representative", "Bearer representative", []string{"read "}},
		{"on an ID card", "Bearer idcard", append([]string{"own activation"}, reading...)},
		{"with an expired certificate", "Bearer expired", reading},
		{"with a revoked certificate", "Bearer revoked-employee", reading},
		{"with a certificate of another CA", "Bearer foreign-employee", reading},
		{"with a certificate that begins tomorrow", "Bearer early-employee", reading},
		{"with somebody else's certificate", "Bearer borrowed-employee", reading},
		{"with the certificate of a CA", "Bearer ca-employee", reading},
		{"with a certificate for servers", "Bearer server-employee", reading},
		{"with bytes for a certificate", "Bearer unreadable-employee", reading},
		{"for no organisation", "Bearer no-organisation", []string{"read "}},
		{"for an organisation that the certificate does not name", "Bearer employee-elsewhere", []string{"read "}},
		{"a head of another organisation", "Bearer other-manager", []string{"head list", "head confirmations"}},
		{"an employee as manager", "Bearer false-manager", nil},
		{"a head without organisation", "Bearer manager-without", nil},
		{"a head elsewhere", "Bearer manager-elsewhere", nil},
		{"a head's representative", "Bearer deputy", []string{"read ", "own open"}},
		{"a namesake of the head", "Bearer namesake", nil},
		{"a head, expired", "Bearer expired-manager", nil},
		{"a head, revoked", "Bearer revoked-manager", []string{"read "}},
		{"a head of another CA", "Bearer foreign-manager", nil},
		{"a head, unreadable", "Bearer unreadable-manager", []string{"read "}},
	} {
		t.Run(who.name, func(t *testing.T) {
			for name, route := range matrixRoutes(s.ID.String(), v.ID.String(), order.NewID().String()) {
				b.try(t, who, name, route)
			}
		})
	}
	// A former head: the register names another one now.
	b.egr.head.PersonalNumber, b.egr.head.Surname = "4020280A004PB1", "Другая"
	former := identity{"a former head", asManager, []string{"read ", "own open"}}
	for name, route := range matrixRoutes(s.ID.String(), v.ID.String(), order.NewID().String()) {
		b.try(t, former, name, route)
	}
}

func (b *bundle) try(t *testing.T, who identity, name string, route [3]string) {
	t.Helper()
	method, path, _ := strings.Cut(route[0], " ")
	r := b.ask(method, path, who.token, route[1], route[2])
	shut := r.Status == http.StatusUnauthorized || r.Status == http.StatusForbidden || r.Status == http.StatusNotFound
	if strings.HasPrefix(name, "operator assign") || strings.HasPrefix(name, "operator return") {
		// No payment has the id: let in, an operator finds nothing.
		shut = r.Status == http.StatusUnauthorized || r.Status == http.StatusForbidden
	}
	open := false
	for _, beginning := range who.open {
		open = open || strings.HasPrefix(name, beginning) && (beginning != "own payment" || name == "own payment")
	}
	require.Equal(t, open, !shut, "%s: %s answered %d %s", who.name, name, r.Status, r.Body)
	require.Less(t, r.Status, http.StatusInternalServerError, "%s: %s", who.name, name)
}
