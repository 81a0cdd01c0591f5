package api

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"

	"github.com/gin-gonic/gin"

	"github.com/remote-issuance/remote-issuance/api/contract"
	"github.com/remote-issuance/remote-issuance/api/web"
	"github.com/remote-issuance/remote-issuance/internal/audit"
	"github.com/remote-issuance/remote-issuance/internal/card"
	"github.com/remote-issuance/remote-issuance/internal/order"
)

// EvidenceCards gather and verify cards for evidence; see card.Source and card.Verifier.
type EvidenceCards struct {
	// Collect errors: card.ErrNotIssued, card.ErrNotSealed, order.ErrNotFound.
	Collect func(ctx context.Context, id order.ID) (card.Card, error)
	// Verifier says whom this service trusts now.
	Verifier func() card.Verifier
}

// maxCard is the largest card that is verified here, in octets; larger ones are
// for the command.
const maxCard = 8 << 20

// cards make cards for those who may have them, and verify any for everybody.
// Without EvidenceCards there are none.
type cards struct {
	*plumbing
	*EvidenceCards
	// turns bounds how many cards are verified at once.
	turns chan struct{}
}

func newCards(p *plumbing, e *EvidenceCards) *cards {
	const atOnce = 2
	return &cards{plumbing: p, EvidenceCards: e, turns: make(chan struct{}, atOnce)}
}

// getCard gives the owner of an order of 6.0.00 its card. One of 6.0.01 holds
// the whole list, with other people on it: it is the manager's.
func (a *applicants) getCard(c *gin.Context) error {
	view, err := a.own(c)
	if err != nil {
		return err
	}
	if view.Record.Service.NeedsApproval() {
		return web.Refuse(web.ProblemCardOfManager, nil)
	}
	actor := audit.Actor{Kind: audit.ActorApplicant, ID: a.applicantKey(web.CallerOf(c))}
	return a.cards.answer(c, view.Record.ID, actor)
}

// getCard gives the head of the organisation the card of an employee's order.
func (m *managers) getCard(c *gin.Context) error {
	view, who, err := m.ofOrganisation(c)
	if err != nil {
		return err
	}
	return m.cards.answer(c, view.Record.ID, audit.Actor{Kind: audit.ActorManager, ID: who.key})
}

// answer gathers a card, proves it, and notes who has it before it is given.
func (k *cards) answer(c *gin.Context, id order.ID, by audit.Actor) error {
	if k.EvidenceCards == nil {
		return web.Refuse(web.ProblemNotFound, errors.New("no cards are made here"))
	}
	if err := k.rates.Spend(web.ActionMakeCard, k.person(web.CallerOf(c)), k.now()); err != nil {
		return err
	}
	made, err := k.Collect(c.Request.Context(), id)
	if errors.Is(err, card.ErrNotIssued) || errors.Is(err, card.ErrNotSealed) {
		return web.Refuse(web.ProblemCardUnready, err)
	}
	if err != nil {
		return err
	}
	if err := k.Verifier().Prove(made); err != nil {
		return fmt.Errorf("card of order %d: %w", made.Number, err)
	}
	pdf, err := card.PDF(made)
	if err != nil {
		return err
	}
	event, err := made.Made(by, k.now())
	if err != nil {
		return err
	}
	if _, err := k.audit.Append(c.Request.Context(), event); err != nil {
		return err
	}
	c.Header("Content-Disposition", fmt.Sprintf(`attachment; filename="karta-%d.pdf"`, made.Number))
	c.Data(http.StatusOK, "application/pdf", pdf)
	return nil
}

// verifyCard tells everybody whether a card is good, from its octets alone:
// nothing is looked up, nothing is kept.
func (p *public) verifyCard(c *gin.Context) error {
	if err := web.MediaType(c, "application/pdf", "application/octet-stream"); err != nil {
		return err
	}
	if p.cards.EvidenceCards == nil {
		return web.Refuse(web.ProblemNotFound, errors.New("no cards are verified here"))
	}
	if err := p.spend(c, web.ActionVerifyCard); err != nil {
		return err
	}
	data, err := io.ReadAll(c.Request.Body)
	if err != nil {
		return web.BodyProblem(err)
	}
	select {
	case p.cards.turns <- struct{}{}:
		defer func() { <-p.cards.turns }()
	case <-c.Request.Context().Done():
		return c.Request.Context().Err()
	}
	found, err := p.cards.Verifier().Examine(data, c.Query("code"), false)
	if errors.Is(err, card.ErrCard) {
		return web.Refuse(web.ProblemCardUnreadable, err)
	}
	if err != nil {
		return err
	}
	c.JSON(http.StatusOK, cardVerdict(found, p.Texts(c)))
	return nil
}

func cardVerdict(found card.Examined, t *web.Texts) contract.CardVerdict {
	f := found.Facts
	out := contract.CardVerdict{
		Good: found.Good, Pages: contract.CardVerdictPages(found.Pages), Number: f.Number, Service: f.Service, Holder: f.Subject.CommonName,
		Organisation: f.Subject.Organisation, SerialNumber: f.Serial, Issuer: f.Issuer, NotBefore: inMinsk(f.NotBefore), NotAfter: inMinsk(f.NotAfter),
		Paid: f.Payment.Amount.String(), PaidAt: inMinsk(f.Payment.At), Code: f.Code, Failed: []contract.CardFailure{},
	}
	if a := f.Approval; a != nil {
		out.ListNumber, out.Signer, out.SignedAt = a.List.Number, a.Signer.CommonName, inMinsk(a.SignedAt)
	}
	for _, code := range found.Failed {
		out.Failed = append(out.Failed, contract.CardFailure{Code: contract.CardFailureCode(code), Title: t.Cards[string(code)]})
	}
	return out
}
