package api

import (
	"context"
	"crypto/sha256"
	"errors"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"strings"
	"testing/iotest"
	"time"

	"github.com/stretchr/testify/require"
	"golang.org/x/net/dns/dnsmessage"

	"github.com/remote-issuance/remote-issuance/api/contract"
	"github.com/remote-issuance/remote-issuance/api/web"
	"github.com/remote-issuance/remote-issuance/internal/order"
	"github.com/remote-issuance/remote-issuance/internal/postgres"
	"github.com/remote-issuance/remote-issuance/internal/registers"
	"github.com/remote-issuance/remote-issuance/internal/webhook"
	"github.com/remote-issuance/remote-issuance/workflows"
)

const (
	openIndividuals = `{"service":"6.0.00"}`
	bothTerms       = `{"agreementVersion":"agreement-3","contractVersion":"contract-7"}`
)

// playExamples asks for everything that the contract shows an example of.
func (b *bundle) playExamples() {
	b.t.Helper()
	d := b.deps
	d.PublicURL = publicURL
	d.WebhookReach = webhook.Reach{Resolver: &net.Resolver{PreferGo: true, Dial: publicNames}}
	d.Mount = b.gatewayDoors(d)
	b.serve(d)
	b.playService()
	b.playOrder()
	b.playIssued()
	b.playManager()
	b.playMoney()
	b.playPrograms()
	b.playRenewal()
	b.playGateways()
	b.playCards()
	b.playProblems()
}

func (b *bundle) playService() {
	for _, path := range []string{
		"/healthz", "/readyz", "/openapi.yaml", "/problems", "/problems/not-found", "/problems/nothing", "/problems/a%2Fb",
		"/v1/tariff", "/v1/help", "/v1/renewal",
	} {
		b.get(path, "")
	}
	b.temporal.health = errors.New("away")
	b.get("/readyz", "").is(http.StatusServiceUnavailable)
	b.temporal.health = nil
	b.get("/v1/terms", asIndividual).is(http.StatusOK)
	b.get("/v1/diagnosis", asIndividual).is(http.StatusOK)
}

// playOrder takes an order of 6.0.00 from the beginning to its payment.
func (b *bundle) playOrder() {
	opened := b.post("/v1/orders", asIndividual, openIndividuals).order(http.StatusCreated)
	b.post("/v1/orders", asIndividual, openIndividuals).is(http.StatusOK)
	b.get("/v1/orders", asIndividual).is(http.StatusOK)
	s := b.again(&sample{Record: order.Record{ID: opened.ID}})
	b.post(s.path("terms"), asIndividual, `{"agreementVersion":"agreement-3"}`).problem(web.ProblemValidation)
	b.post(s.path("terms"), asIndividual, `{"agreementVersion":"agreement-2","contractVersion":"contract-7"}`).problem(web.ProblemTermsOutdated)
	b.post(s.path("terms"), asIndividual, bothTerms).is(http.StatusOK)
	another := func(s *order.Subject) { s.Surname = "Прымераў" }
	b.sendFile(s, asIndividual, requestFile(b.t, asIndividual, b.now, another), goodFields...).problem(web.ProblemRequestRejected)
	b.sendFile(s, asIndividual, requestFile(b.t, asIndividual, b.now, unchanged), goodFields...).is(http.StatusOK)
	b.sendFile(s, asIndividual, []byte("too late"), goodFields...).problem(web.ProblemWrongStage)
	b.get(s.path("payment"), asIndividual).problem(web.ProblemNothingToPay)
	b.saved(b.again(s))
	b.get(s.path(), asIndividual).is(http.StatusOK)
	b.get(s.path("payment"), asIndividual).is(http.StatusOK)
	b.post(s.path("payment"), asIndividual, `{"method":"client-bank"}`).problem(web.ProblemPaymentMethod)
	b.post(s.path("payment"), asIndividual, `{"method":"erip"}`).is(http.StatusOK)
	b.get("/v1/payments/status/"+s.bill.Number.ERIP(), "").is(http.StatusOK)
	regretted := b.opened(asStranger)
	b.post(regretted.path("withdrawal"), asStranger, "").is(http.StatusOK)
	b.post(regretted.path("withdrawal"), asStranger, "").problem(web.ProblemOrderEnded)
}

// playIssued is what follows the certificate, and the link of a reminder.
func (b *bundle) playIssued() {
	s := b.provided()
	b.get(s.path("credentials"), asIndividual).is(http.StatusOK)
	b.ask(http.MethodPut, s.path("contacts"), asIndividual, "application/json", corrected).is(http.StatusOK)
	b.signIns.orderID = s.ID
	b.post("/v1/activations", asIndividual, "").is(http.StatusOK)
	digest := sha256.Sum256([]byte("a-link"))
	_, err := b.pool.Exec(b.t.Context(), "INSERT INTO renewal_links (digest, applicant_key, service, expires_at) VALUES ($1, $2, $3, $4)",
		digest[:], s.ApplicantKey, string(s.Service), b.now.AddDate(0, 1, 0))
	require.NoError(b.t, err)
	b.post("/v1/renewals/a-link", asIndividual, "").is(http.StatusOK)
}

func (b *bundle) playManager() {
	first, second := b.at(order.StageAwaitingApproval, asEmployee), b.at(order.StageAwaitingApproval, asColleague)
	b.get("/v1/organisation/orders", asManager).is(http.StatusOK)
	b.get("/v1/organisation/orders/"+first.ID.String(), asManager).is(http.StatusOK)
	b.post("/v1/organisation/orders/"+second.ID.String()+"/rejection", asManager, `{"reason":"Уволен"}`).is(http.StatusOK)
	slow := b.at(order.StageAwaitingApproval, asColleague)
	b.server.managers.decisionWait = time.Millisecond
	b.temporal.on(workflows.SignalRejected, func(message) error { return nil })
	b.post("/v1/organisation/orders/"+slow.ID.String()+"/rejection", asManager, "").is(http.StatusAccepted)

	var v contract.Confirmation
	b.post("/v1/confirmations", asManager, `{"orders":["`+first.ID.String()+`"],"email":"nina@example.by"}`).is(http.StatusCreated, &v)
	path := "/v1/confirmations/" + v.ID.String()
	b.get(path, asManager).is(http.StatusOK)
	b.get("/v1/confirmations", asManager).is(http.StatusOK)
	b.get(path+"/list", asManager).is(http.StatusOK)
	b.get(path+"/list?format=pdf", asManager).is(http.StatusOK)
	b.sendSignature(v, "a signature").problem(web.ProblemSignatureRejected)
	b.sign(v).is(http.StatusOK)
	b.post(path+"/payment", asManager, `{"method":"client-bank"}`).is(http.StatusOK)
	b.get(path+"/payment", asManager).is(http.StatusOK)
	b.get(path+"/invoice", asManager).is(http.StatusOK)
	b.post("/v1/confirmations", asManager, chooseBody(b.t, first.ID)).problem(web.ProblemNothingToConfirm)
	b.egr.err = registers.ErrUnavailable
	b.get("/v1/organisation/orders", asManager).problem(web.ProblemRegistersSilent)
	b.egr.err = nil
}

// told is a notification of a card payment, a minute after whatever was before.
func (b *bundle) told(id, number, amount string) contract.LedgerEntry {
	b.t.Helper()
	b.now = b.now.Add(time.Minute)
	var entry contract.LedgerEntry
	b.notify(map[string]any{
		"source": "assist", "externalId": id, "number": number, "amount": amount, "currency": "BYN", "occurredAt": b.now.Add(-time.Minute),
	}).is(http.StatusOK, &entry)
	return entry
}

func (b *bundle) playMoney() {
	s := b.at(order.StageAwaitingPayment, asStranger)
	amount := s.bill.Total.String()
	first, second := b.told("5999999000000002.1", "по счёту", amount), b.told("5999999000000003.1", "NOAIS999999999", "1.00")
	b.get("/v1/payments", asOperator).is(http.StatusOK)
	b.get("/v1/operator/status", asOperator).is(http.StatusOK)
	path := "/v1/payments/" + first.ID.String()
	b.post(path+"/assignment", asOperator, `{"number":"NOAIS999999999","note":"по звонку плательщика"}`).problem(web.ProblemNotMatching)
	b.post(path+"/assignment", asOperator, `{"number":"`+s.bill.Number.ERIP()+`","note":"по звонку плательщика"}`).is(http.StatusOK)
	b.post("/v1/payments/"+second.ID.String()+"/return", asOperator, `{"note":"по заявлению плательщика"}`).is(http.StatusOK)
	statement, err := os.ReadFile("testdata/statement.txt")
	require.NoError(b.t, err)
	b.ask(http.MethodPost, "/v1/payments/statements", asOperator, "application/octet-stream", string(statement)).is(http.StatusOK)
}

func (b *bundle) playPrograms() {
	page := b.events("/v1/events?limit=2", asClient)
	b.get("/v1/events?after=999999", asClient).problem(web.ProblemEventsForgotten)
	body := `{"url":"https://shop.example.by/issuance-events","types":["order.issued","order.activated"],"description":"архив"}`
	path := "/v1/webhooks/" + b.webhook(asClient, body).Webhook.ID.String()
	b.post("/v1/webhooks", asClient, body).problem(web.ProblemWebhookExists)
	b.get(path, asClient).is(http.StatusOK)
	b.get("/v1/webhooks", asClient).is(http.StatusOK)
	b.post(path+"/replay?after=0", asClient, "").is(http.StatusAccepted)
	b.post(path+"/replay?after=999999", asClient, "").problem(web.ProblemEventsForgotten)
	b.post(path+"/events/"+page.Events[0].ID+"/replay", asClient, "").is(http.StatusAccepted)
	b.post(path+"/test", asClient, "").is(http.StatusAccepted)
	b.get(path+"/deliveries?limit=1", asClient).is(http.StatusOK)
	b.post(path+"/secret", asClient, "").is(http.StatusOK)
	b.ask(http.MethodPatch, path, asClient, "application/json", `{"types":["order.issued"],"enabled":false}`).is(http.StatusOK)

	// What a webhook is sent is what the page has.
	stored, err := postgres.NewEvents(b.pool).After(b.t.Context(), "", 0, 1)
	require.NoError(b.t, err)
	raw, err := stored.Events[0].Body()
	require.NoError(b.t, err)
	b.recorder.keep("receiveEvent-request", b.recorder.read("application/json", raw))
}

// playRenewal asks for work before anything else is looked at.
func (b *bundle) playRenewal() {
	d := b.deps
	protocol := *d.Renewal
	protocol.Work = 12
	d.Renewal = &protocol
	b.serve(d)
	for _, path := range []string{"/spawn", "/retrieve"} {
		b.container(path, []byte("x")).is(http.StatusPreconditionRequired)
		b.container(path+"?again=%zz", []byte("x")).problem(web.ProblemMalformed)
	}
}

func (b *bundle) playCards() {
	own, listed := b.at(order.StageAwaitingPayment, asIndividual), b.at(order.StageAwaitingApproval, asColleague)
	files := b.withCards()
	b.get(own.path("card"), asIndividual).problem(web.ProblemCardUnready)
	b.issueAtOnce(own, listed)
	b.get(own.path("card"), asIndividual).is(http.StatusOK)
	b.get(listed.path("card"), asColleague).problem(web.ProblemCardOfManager)
	b.get("/v1/organisation/orders/"+listed.ID.String()+"/card", asManager).is(http.StatusOK)
	verify := func(body []byte) reply {
		return b.ask(http.MethodPost, "/v1/cards/verification", "", "application/pdf", string(body))
	}
	verify(files[order.ServiceIndividual]).is(http.StatusOK)
	verify([]byte("%PDF-1.4")).problem(web.ProblemCardUnreadable)
}

// playProblems are refusals that any operation may answer with.
func (b *bundle) playProblems() {
	b.get("/v1/orders", "").problem(web.ProblemUnauthenticated)
	b.get("/v1/orders", "Bearer nobody").problem(web.ProblemToken)
	b.get("/v1/orders", "Bearer nobody-to-ask").problem(web.ProblemIssuerUnavailable)
	b.get("/v1/payments", asIndividual).problem(web.ProblemForbidden)
	b.get("/v1/orders/"+order.NewID().String(), asIndividual).problem(web.ProblemNotFound)
	b.post("/v1/orders", asIndividual, `{"service":`).problem(web.ProblemMalformed)
	b.ask(http.MethodPost, "/v1/orders", asIndividual, "text/plain", openIndividuals).problem(web.ProblemMediaType)
	b.post("/v1/orders", "Bearer idcard", `{"service":"6.0.01"}`).problem(web.ProblemIDCard)
	b.post("/v1/orders", asEmployee, openIndividuals).problem(web.ProblemOrderEmployee)
	b.get("/v1/organisation/orders", "Bearer false-manager").problem(web.ProblemNotManager)
	b.get("/v1/organisation/orders", "Bearer revoked-manager").problem(web.ProblemNotInForce)
	b.post("/v1/orders", asStranger, openIndividuals, "Idempotency-Key", "7f3a").is(http.StatusCreated)
	b.post("/v1/orders", asStranger, `{"service": "6.0.00"}`, "Idempotency-Key", "7f3a").problem(web.ProblemKeyConflict)
	b.get("/v1/orders?page=0", asIndividual).problem(web.ProblemValidation)
	d := b.deps
	d.Rates = map[web.Action]web.Rate{web.ActionOpen: {Burst: 1, Every: time.Minute}}
	b.serve(d)
	b.post("/v1/orders", asStranger, openIndividuals)
	b.post("/v1/orders", asStranger, openIndividuals).problem(web.ProblemTooMany)
}

// broken is a body that breaks off.
func (b *bundle) broken(path, mediaType string) reply {
	b.t.Helper()
	r := httptest.NewRequest(http.MethodPost, path, io.MultiReader(strings.NewReader("merchant_id=1"), iotest.ErrReader(io.ErrUnexpectedEOF)))
	r.Header.Set("Content-Type", mediaType)
	return b.send(r)
}

// publicNames resolves every name to one address of the public internet.
func publicNames(context.Context, string, string) (net.Conn, error) {
	client, server := net.Pipe()
	go func() {
		defer func() { _ = server.Close() }()
		for {
			var length [2]byte
			if _, err := io.ReadFull(server, length[:]); err != nil {
				return
			}
			query := make([]byte, int(length[0])<<8|int(length[1]))
			if _, err := io.ReadFull(server, query); err != nil {
				return
			}
			var m dnsmessage.Message
			if m.Unpack(query) != nil {
				return
			}
			m.Response = true
			if q := m.Questions[0]; q.Type == dnsmessage.TypeA {
				m.Answers = []dnsmessage.Resource{{
					Header: dnsmessage.ResourceHeader{Name: q.Name, Type: q.Type, Class: q.Class, TTL: 60}, Body: &dnsmessage.AResource{A: [4]byte{8, 8, 8, 8}},
				}}
			}
			m.Additionals = nil
			answer, err := m.Pack()
			if err != nil {
				return
			}
			if _, err := server.Write(append([]byte{byte(len(answer) >> 8), byte(len(answer))}, answer...)); err != nil {
				return
			}
		}
	}()
	return client, nil
}
