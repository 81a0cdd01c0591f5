package cardtest

import (
	"cmp"
	"crypto"
	"crypto/rand"
	"crypto/sha256"
	"strconv"
	"time"

	"github.com/remote-issuance/remote-issuance/internal/approval"
	"github.com/remote-issuance/remote-issuance/internal/approval/list"
	"github.com/remote-issuance/remote-issuance/internal/audit"
	"github.com/remote-issuance/remote-issuance/internal/order"
	"github.com/remote-issuance/remote-issuance/internal/pki"
	"github.com/remote-issuance/remote-issuance/internal/pki/alg"
	"github.com/remote-issuance/remote-issuance/internal/pki/cms"
	"github.com/remote-issuance/remote-issuance/internal/pki/testca"
)

// headNumber is the personal number of the head who signs.
const headNumber = "3010190A001PB9"

// report is what both checks have found.
var report = order.Report{{Code: order.CheckSubject, Verdict: order.VerdictPassed}}

// passage is an order on its way; it keeps the first error.
type passage struct {
	world       *World
	service     order.Service
	number      int64
	changes     Changes
	id, payable order.ID
	at          time.Time
	subject     order.Subject
	key         crypto.Signer
	keyID       string
	file        [sha256.Size]byte
	err         error
}

func (p *passage) keep(err error) {
	if p.err == nil {
		p.err = err
	}
}

func (p *passage) log(by audit.ActorKind, action audit.Action, of order.ID, evidence audit.Evidence) {
	actor := audit.Actor{Kind: by, ID: "5f1c"}
	if by == audit.ActorGateway {
		actor.ID = "erip"
	}
	p.keep(p.world.Append(audit.Event{At: p.at, Actor: actor, Action: action, OrderID: of.String(), Evidence: evidence}))
	p.at = p.at.Add(time.Minute)
}

// seal ends a day: something of another order, then the checkpoint.
func (p *passage) seal() {
	if p.err != nil {
		return
	}
	p.log(audit.ActorApplicant, audit.ActionTermsAccepted, order.NewID(), audit.Evidence{"agreement": "1"})
	p.keep(p.world.Seal(p.at.Add(p.changes.Sealed)))
	p.at = p.at.Add(24 * time.Hour)
}

func (p *passage) put(content []byte) order.ID {
	id := order.NewID()
	p.world.documents[id] = content
	return id
}

func (p *passage) request() {
	p.subject = testca.SampleIndividual()
	if p.service.NeedsApproval() {
		p.subject = testca.SampleEmployee()
	}
	var err error
	p.key, err = alg.GenerateKey(alg.KeyBign256, rand.Reader)
	p.keep(err)
	p.keyID, err = alg.KeyID(p.key.Public())
	p.keep(err)
	request, err := testca.ProfileExtensions.Request(p.subject, p.key, nil)
	if p.keep(err); p.err != nil {
		return
	}
	p.file = sha256.Sum256(request.Raw)
	id := p.put(request.Raw).String()
	p.log(audit.ActorApplicant, audit.ActionRequestChecked, p.id, audit.Evidence{"verdict": "failed"})
	p.log(audit.ActorApplicant, audit.ActionRequestChecked, p.id, audit.Evidence{
		"verdict": "passed", "request-id": id, "request": audit.Digest(request.Raw), "key": p.keyID,
		"report": report.Digest(),
	})
	p.log(audit.ActorSystem, audit.ActionRequestSaved, p.id, audit.Evidence{"request-id": id, "registers": report.Digest()})
	p.seal()
}

func (p *passage) pay() {
	if p.changes.Unpaid {
		return
	}
	p.log(audit.ActorGateway, audit.ActionPaymentApplied, p.payable, audit.Evidence{
		"payment": p.payment(), "message": audit.Digest([]byte("message")), "amount": strconv.FormatInt(int64(p.changes.Paid), 10), "currency": "BYN",
	})
}

func (p *passage) payment() string { return p.payable.String() }

func (p *passage) issue() {
	if p.err != nil {
		return
	}
	certificate, err := p.world.CA.Issue(testca.ProfileExtensions, p.subject, p.key.Public(), p.at, p.at.AddDate(1, 0, 0))
	if p.keep(err); p.err != nil {
		return
	}
	p.world.certificates[p.id] = certificate.Raw
	p.log(audit.ActorSystem, audit.ActionCertificateIssued, p.id, audit.Evidence{
		"payment": p.payment(), "certificate": audit.Digest(certificate.Raw), "key": p.keyID, "number": strconv.FormatInt(p.number, 10),
		"service": string(p.service), "serial": certificate.SerialNumber.Text(16),
	})
	p.seal()
}

func (p *passage) approve() {
	if p.err != nil {
		return
	}
	p.payable = order.NewID()
	if p.changes.Key != "" {
		p.keyID, p.changes.Key = p.changes.Key, p.keyID
	}
	entry := approval.EntryOf(p.changes.Listed, order.CheckedRequest{
		Subject: p.subject, Current: p.subject, Years: 1, KeyID: p.keyID, Report: report,
	}, p.file, report, Price)
	if p.changes.Key != "" {
		p.keyID = p.changes.Key
	}
	entry.Request, entry.Registers = cmp.Or(p.changes.Request, entry.Request), cmp.Or(p.changes.Registers, entry.Registers)
	made, err := list.New(list.List{
		Number: 4, MadeAt: p.at, Organisation: p.subject.Organisation, UNP: p.subject.UNP, Head: "Директоров Ян Янович", HeadNumber: headNumber,
		Entries: []list.Entry{entry},
	})
	p.keep(err)
	evidence := p.sign(made.Canonical())
	evidence["number"] = strconv.FormatInt(p.number, 10)
	p.log(audit.ActorManager, audit.ActionListSigned, p.payable, evidence)
	p.log(audit.ActorManager, audit.ActionApproved, p.id, evidence)
	p.seal()
}

// sign keeps list, signature and what it was verified against.
func (p *passage) sign(canonical []byte) audit.Evidence {
	ca := p.world.CA
	key, err := alg.GenerateKey(alg.KeyBign256, rand.Reader)
	p.keep(err)
	head := testca.SampleEmployee()
	head.Surname, head.GivenName, head.Patronymic, head.Position, head.PersonalNumber = "Директоров", "Ян", "Янович", "Директор", headNumber
	manager, err := ca.Issue(testca.ProfileExtensions, head, key.Public(), p.at.AddDate(0, 0, -1), p.at.AddDate(1, 0, 0))
	if p.keep(err); p.err != nil {
		return nil
	}
	signature, err := cms.SignData(canonical, manager, key, cms.SignOptions{})
	p.keep(err)
	trust := ca.Trust()
	issuing, err := ca.CRL(p.at.Add(-time.Hour))
	p.keep(err)
	root, err := ca.RootCRL(p.at.Add(-time.Hour))
	p.keep(err)
	trust.CRLs = []*pki.CRL{issuing, root}
	listID, signatureID, certificateID := p.put(canonical), p.put(signature), p.put(manager.Raw)
	kept, err := approval.EvidenceDocuments(trust, signatureID, p.subject.UNP, p.at)
	p.keep(err)
	for _, d := range kept {
		p.world.documents[d.ID] = d.Content
	}
	return audit.Evidence{
		"confirmation": p.payable.String(), "list": audit.Digest(canonical), "list-id": listID.String(),
		"signature": audit.Digest(signature), "signature-id": signatureID.String(), "certificate": audit.Digest(manager.Raw),
		"certificate-id": certificateID.String(), "evidence": audit.Digest(kept[len(kept)-1].Content),
	}
}
