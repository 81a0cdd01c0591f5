package card

import (
	"fmt"
	"strconv"
	"time"

	"github.com/remote-issuance/remote-issuance/internal/approval/list"
	"github.com/remote-issuance/remote-issuance/internal/audit"
	"github.com/remote-issuance/remote-issuance/internal/order"
	"github.com/remote-issuance/remote-issuance/internal/pki"
	"github.com/remote-issuance/remote-issuance/internal/pki/alg"
	"github.com/remote-issuance/remote-issuance/internal/pki/cms"
)

// Facts are what a card says; whether it is proven is for Verify to tell.
type Facts struct {
	Number  int64         `json:"number"`
	OrderID string        `json:"orderId"`
	Service order.Service `json:"service"`
	// Subject is whom the certificate names, Serial its number in hexadecimal.
	Subject   order.Subject `json:"subject"`
	Serial    string        `json:"serial"`
	Issuer    string        `json:"issuer"`
	NotBefore time.Time     `json:"notBefore"`
	NotAfter  time.Time     `json:"notAfter"`
	// KeyID is the SHA-256 of the public key in hexadecimal.
	KeyID string `json:"keyId"`
	// Request and Certificate are digests.
	Request     string        `json:"request"`
	Certificate string        `json:"certificate"`
	Approval    *Approval     `json:"approval,omitempty"`
	Payment     Payment       `json:"payment"`
	Entries     []audit.Entry `json:"entries"`
	// Code is that of the evidence: see Card.Code.
	Code string `json:"code"`
}

// Approval is the manager's, for 6.0.01.
type Approval struct {
	// List and Entry are the signed list and its line for the order.
	List  list.List  `json:"list"`
	Entry list.Entry `json:"entry"`
	// ListDigest is of the octets that were signed.
	ListDigest string        `json:"listDigest"`
	SignedAt   time.Time     `json:"signedAt"`
	Signer     order.Subject `json:"signer"`
}

// Payment is what paid for the order, as the audit log has it.
type Payment struct {
	ID string `json:"id"`
	// Amount is the whole sum of the payment, which may be for several orders.
	Amount   order.Kopecks `json:"amount"`
	Currency string        `json:"currency"`
	// Message is the digest of the gateway's message, By the gateway.
	Message string    `json:"message"`
	By      string    `json:"by"`
	At      time.Time `json:"at"`
}

// evidence is a card taken apart.
type evidence struct {
	card        Card
	history     history
	certificate *pki.Certificate
	chain       []*pki.Certificate
	requestKey  string
	facts       Facts
}

// open takes a card apart. ErrCard.
func open(c Card) (evidence, error) {
	e, err := read(c)
	if err != nil {
		return evidence{}, fmt.Errorf("%w: %w", ErrCard, err)
	}
	return e, nil
}

func read(c Card) (e evidence, err error) {
	e.card = c
	if e.history, err = historyOf(entriesOf(c.Log), c.OrderID); err != nil {
		return e, err
	}
	if e.certificate, err = pki.ParseCertificate(c.Certificate); err != nil {
		return e, fmt.Errorf("certificate: %w", err)
	}
	for _, der := range c.Chain {
		issuer, err := pki.ParseCertificate(der)
		if err != nil {
			return e, fmt.Errorf("chain: %w", err)
		}
		e.chain = append(e.chain, issuer)
	}
	request, err := cms.ParseRequestFile(c.Request)
	if err != nil {
		return e, fmt.Errorf("request: %w", err)
	}
	if e.requestKey, err = alg.KeyID(request.PublicKey); err != nil {
		return e, fmt.Errorf("request: %w", err)
	}
	key, err := alg.KeyID(e.certificate.PublicKey)
	if err != nil {
		return e, fmt.Errorf("certificate: %w", err)
	}
	h := e.history
	e.facts = Facts{
		Number: c.Number, OrderID: c.OrderID, Service: h.service(), Subject: e.certificate.Subject(), Serial: e.certificate.SerialNumber.Text(16),
		Issuer: nameOf(e.certificate.IssuerName), NotBefore: e.certificate.NotBefore, NotAfter: e.certificate.NotAfter, KeyID: key,
		Request: audit.Digest(c.Request), Certificate: audit.Digest(c.Certificate), Entries: h.entries(), Payment: paymentOf(h.applied),
	}
	if e.facts.Code, err = c.Code(); err != nil {
		return e, err
	}
	if c.Approval != nil {
		e.facts.Approval, err = approvalOf(c)
	}
	return e, err
}

func entriesOf(log []audit.Proof) []audit.Entry {
	var out []audit.Entry
	for _, p := range log {
		out = append(out, p.Entries...)
	}
	return out
}

func nameOf(n pki.Name) string {
	if cn := n.Get(pki.OIDCommonName); cn != "" {
		return cn
	}
	return n.Get(pki.OIDOrganisation)
}

func paymentOf(e audit.Entry) Payment {
	// What is no number is no sum, and Verify says so.
	amount, _ := strconv.ParseInt(e.Evidence["amount"], 10, 64)
	return Payment{
		ID: e.Evidence["payment"], Amount: order.Kopecks(amount), Currency: e.Evidence["currency"], Message: e.Evidence["message"],
		By: e.Actor.ID, At: e.At,
	}
}

// approvalOf reads the list and who signed it, under the approval's own roots.
func approvalOf(c Card) (*Approval, error) {
	signed, err := list.Parse(c.Approval.List)
	if err != nil {
		return nil, fmt.Errorf("list: %w", err)
	}
	_, signer, err := c.Approval.Verify()
	if err != nil {
		return nil, fmt.Errorf("approval: %w", err)
	}
	a := &Approval{List: signed, ListDigest: audit.Digest(c.Approval.List), SignedAt: c.Approval.At, Signer: signer}
	if entry := signed.Entry(c.Number); entry != nil {
		a.Entry = *entry
	}
	return a, nil
}
