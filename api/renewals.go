package api

import (
	"context"
	"errors"
	"net/http"
	"strconv"
	"time"

	"github.com/gin-gonic/gin"

	"github.com/remote-issuance/remote-issuance/api/contract"
	"github.com/remote-issuance/remote-issuance/api/web"
	"github.com/remote-issuance/remote-issuance/internal/auth"
	"github.com/remote-issuance/remote-issuance/internal/draft"
	"github.com/remote-issuance/remote-issuance/internal/order"
	"github.com/remote-issuance/remote-issuance/internal/pki"
	"github.com/remote-issuance/remote-issuance/internal/pki/bpki"
	"github.com/remote-issuance/remote-issuance/internal/postgres"
	"github.com/remote-issuance/remote-issuance/internal/renewal"
)

// RenewalStore keeps which order a request became; see postgres.Renewals.
type RenewalStore interface {
	// Find reads an entry. Error: order.ErrNotFound.
	Find(ctx context.Context, id bpki.RequestID) (renewal.Entry, error)
	// Settle pays for an order with the payment that its request names (P4).
	Settle(ctx context.Context, id order.ID) error
}

// RenewalProtocol are the endpoints of STB 34.101.78.
type RenewalProtocol struct {
	// Agent is whom requests are enveloped for and who signs responses.
	Agent   bpki.Holder
	Service *renewal.Service
	Store   RenewalStore
	// PublicURL is the address of the API as its callers see it: what work is done for.
	PublicURL string
	// Work is the least level of the header Nonce; 0 wants none.
	Work int
	// StartAfterDays is when certificates of 6.0.01 begin (S5).
	StartAfterDays int
}

// renewals answer programs that speak STB 34.101.78.
type renewals struct {
	*plumbing
	RenewalProtocol
	drafts Drafts
	orders Orders
	offer  Offer
	seen   seenWork
}

// containerOverhead is what envelope, signature and certificate add to a request file.
const containerOverhead = 16 << 10

// mediaTypeCMS is that of all bodies of the protocol (STB 34.101.78, 10.3).
const mediaTypeCMS = "application/cms"

func (r *renewals) route(g *gin.RouterGroup) {
	g.GET("/v1/renewal", r.Serve(r.getRenewal))
	g.POST("/spawn", r.Serve(r.spawn))
	g.POST("/retrieve", r.Serve(r.retrieve))
	for _, process := range []string{"/enroll1", "/enroll2", "/enroll3", "/reenroll", "/setpwd", "/revoke"} {
		g.POST(process, r.Serve(r.notOffered))
	}
}

func (r *renewals) getRenewal(c *gin.Context) error {
	c.JSON(http.StatusOK, contract.RenewalService{
		Certificate: r.Agent.Certificate.Raw, Spawn: r.PublicURL + "/spawn", Retrieve: r.PublicURL + "/retrieve", Work: r.Work, Terms: r.offer,
		Acceptance: renewal.Acceptance(r.offer.Agreement.Version, r.offer.Contract.Version), StartAfterDays: r.StartAfterDays,
	})
	return nil
}

// spawn takes a signed request and answers what became of it (STB 34.101.78, 9.4).
func (r *renewals) spawn(c *gin.Context) error {
	container, err := r.read(c)
	if err != nil {
		return err
	}
	q := asked{id: bpki.RequestIDOf(container)}
	id, err := r.take(c, q.id, container)
	if err != nil {
		return r.refuse(c, q, err)
	}
	return r.answer(c, q, id)
}

// take finds the order of a request, or makes it.
func (r *renewals) take(c *gin.Context, id bpki.RequestID, container []byte) (order.ID, error) {
	known, err := r.Store.Find(c.Request.Context(), id)
	switch {
	case err == nil && known.Taken:
		return known.OrderID, nil
	case err != nil && !errors.Is(err, order.ErrNotFound):
		return order.ID{}, err
	}
	in, err := renewal.Open(container, r.Agent, r.now())
	if err != nil {
		return order.ID{}, err
	}
	caller := callerOf(in.Certificate)
	a := draft.Applicant{Key: r.applicantKey(caller), UNP: caller.UNP, Certificate: in.Certificate}
	// Before the rate: nobody else spends a person's.
	if err := r.drafts.Admit(a, renewal.ServiceOf(in)); err != nil {
		return order.ID{}, err
	}
	release, err := r.alone(c, a.Key, in)
	if err != nil {
		return order.ID{}, err
	}
	defer release()
	if err := r.rates.Spend(web.ActionOpen, r.person(caller), r.now()); err != nil {
		return order.ID{}, err
	}
	return r.Service.Take(c.Request.Context(), in, a, r.Texts(c).Language)
}

// callerOf is who signs in with a certificate: whom it names, for themselves.
func callerOf(c *pki.Certificate) auth.Caller {
	s := c.Subject()
	return auth.Caller{
		Subject: order.CertificateDocumentID(c.Raw).String(), PersonalNumber: order.PersonalNumber(order.BareNumber(s.PersonalNumber)),
		UNP: order.UNP(order.Latin(s.UNP)), Certificate: c.Raw,
	}
}

// alone keeps other requests with the same file of the person waiting, in whatever
// process they are.
func (r *renewals) alone(c *gin.Context, owner string, in renewal.Received) (release func(), err error) {
	key := "spawn:" + order.DerivedID("spawn", in.FileSHA256[:]).String()
	_, err = r.idempotency.Answers.Begin(c.Request.Context(), owner, key, in.FileSHA256[:])
	if errors.Is(err, postgres.ErrInProgress) {
		return nil, web.Refuse(web.ProblemKeyInProgress, nil)
	}
	if err != nil {
		return nil, err
	}
	return func() {
		if err := r.idempotency.Answers.Abandon(context.WithoutCancel(c.Request.Context()), owner, key); err != nil {
			r.log.ErrorContext(c.Request.Context(), "a request to renew stays locked for a minute", "error", err)
		}
	}, nil
}

// retrieve answers what has become of an earlier request (STB 34.101.78, 9.5).
func (r *renewals) retrieve(c *gin.Context) error {
	body, err := r.read(c)
	if err != nil {
		return err
	}
	in, err := bpki.ParseRetrieveRequest(body)
	if err != nil {
		return r.refuse(c, asked{id: bpki.RequestIDOf(body)}, err)
	}
	q := asked{id: in.RequestID, nonce: in.Nonce[:]}
	known, err := r.Store.Find(c.Request.Context(), in.RequestID)
	if err == nil && !known.Taken {
		err = order.ErrNotFound
	}
	if err != nil {
		return r.refuse(c, q, err)
	}
	return r.answer(c, q, known.OrderID)
}

// notOffered refuses a process that the service does not have.
func (r *renewals) notOffered(c *gin.Context) error {
	body, err := r.read(c)
	if err != nil {
		return err
	}
	return r.refuse(c, asked{id: bpki.RequestIDOf(body)}, web.Refuse(web.ProblemProcess, nil))
}

// How soon to ask again in seconds: for what programs do, and for what people do.
const (
	askSoon  = 5
	askLater = 60
)

// answer says how the order of a request stands: its certificate when it is issued.
func (r *renewals) answer(c *gin.Context, q asked, id order.ID) error {
	view, err := r.orders.Order(c.Request.Context(), id)
	if err != nil {
		return err
	}
	if view.Record.Stage == order.StageAwaitingPayment && !view.Record.Service.NeedsApproval() {
		if err := r.Store.Settle(c.Request.Context(), id); err != nil {
			return err
		}
	}
	r.describe(c, view)
	switch {
	case view.Record.End == order.EndIssued && view.Certificate != nil:
		return r.deliver(c, view.Certificate.DER)
	case !view.Record.Stage.Open():
		return r.refuse(c, q, web.Standing(web.ProblemOrderEnded, view.Record, nil))
	}
	wait := askLater
	if view.Record.Stage == order.StageChecking || view.Record.Stage == order.StageIssuing {
		wait = askSoon
	}
	c.Header("Retry-After", strconv.Itoa(wait))
	return r.respond(c, http.StatusAccepted, bpki.Response{Status: bpki.StatusWaiting, RequestID: q.id, Nonce: q.nonce})
}

// deliver envelopes a certificate for its own key.
func (r *renewals) deliver(c *gin.Context, der []byte) error {
	certificate, err := bpki.ParseCertificate(der)
	if err != nil {
		return err
	}
	body, err := bpki.SealCertificate(certificate, nil)
	if err != nil {
		return err
	}
	c.Data(http.StatusOK, mediaTypeCMS, body)
	return nil
}

// describe tells in headers what BPKIResp has no place for: where the order stands
// and, for 6.0.00, how it is paid for.
func (r *renewals) describe(c *gin.Context, v postgres.OrderView) {
	c.Header("Order-Number", strconv.FormatInt(v.Record.Number, 10))
	c.Header("Order-Stage", string(v.Record.Stage))
	if y := v.Payable; y != nil && v.Record.Stage == order.StageAwaitingPayment && !v.Record.Service.NeedsApproval() {
		c.Header("Payment-Number", y.Number.ERIP())
		c.Header("Payment-Total", y.Total.String()+" BYN")
		c.Header("Payment-Due", inMinsk(y.Due).Format(time.RFC3339))
	}
}
