package api

import (
	"context"
	"errors"
	"net/http"
	"sync"
	"time"

	"github.com/gin-gonic/gin"

	"github.com/remote-issuance/remote-issuance/api/contract"
	"github.com/remote-issuance/remote-issuance/api/web"
	"github.com/remote-issuance/remote-issuance/internal/admission"
	"github.com/remote-issuance/remote-issuance/internal/draft"
	"github.com/remote-issuance/remote-issuance/internal/order"
	"github.com/remote-issuance/remote-issuance/internal/pki"
	"github.com/remote-issuance/remote-issuance/internal/registers"
)

// Registers are asked before there is an order; registers.Service are some.
type Registers interface {
	Answers(ctx context.Context, kind order.Kind, subject order.Subject) []registers.Answer
}

// diagnosisPatience is how long somebody waits for the registers before those
// that have not answered count as silent.
const diagnosisPatience = 15 * time.Second

// getDiagnosis tells what stands in the way of an order, as far as it is known
// without one: whether it would be opened (A1–A5), and what the registers say of
// the caller (S7, M1). Whoever could not order asks no register.
func (a *applicants) getDiagnosis(c *gin.Context) error {
	if err := a.rates.Spend(web.ActionDiagnose, a.person(web.CallerOf(c)), a.now()); err != nil {
		return err
	}
	out := contract.Diagnosis{Registers: []contract.RegisterDiagnosis{}}
	applicant, err := a.applicant(c)
	var kind order.Kind
	if applicant.Certificate != nil {
		if told, ok := admission.KindOf(applicant.Certificate); ok {
			kind, out.Service = told, order.ServiceOf(told)
		}
		if err == nil {
			out.Certificate = applicant.Certificate.Raw
		}
		// What the certificate itself forbids comes before whom the token names.
		if refused := a.drafts.Admit(applicant, order.ServiceOf(kind)); refused != nil {
			err = refusal(refused)
		}
	}
	var obstacle *web.Problem
	switch {
	case errors.As(err, &obstacle):
		view := a.View(c, obstacle)
		out.Obstacle = &view
	case err != nil:
		return err
	default:
		a.askRegisters(c, applicant, kind, &out)
	}
	c.JSON(http.StatusOK, out)
	return nil
}

// askRegisters asks all at once.
func (a *applicants) askRegisters(c *gin.Context, applicant draft.Applicant, kind order.Kind, out *contract.Diagnosis) {
	ctx, cancel := context.WithTimeout(c.Request.Context(), diagnosisPatience)
	defer cancel()
	var asking sync.WaitGroup
	if kind == order.KindEmployee {
		asking.Go(func() { out.Manager = a.managerOf(ctx, applicant.UNP, applicant.Certificate) })
	}
	texts := a.Texts(c)
	for _, answer := range a.registers.Answers(ctx, kind, applicant.Certificate.Subject()) {
		out.Registers = append(out.Registers, contract.RegisterDiagnosis{
			Register: contract.RegisterName(answer.Register), State: answer.State, Checks: texts.CheckViews(answer.Report),
		})
	}
	asking.Wait()
}

// managerOf tells whether there is a head who can confirm, and nothing about
// who that is.
func (a *applicants) managerOf(ctx context.Context, organisation order.UNP, certificate *pki.Certificate) contract.ManagerDiagnosis {
	head, err := registers.Definite(a.heads.Head(ctx, organisation))
	switch {
	case err != nil:
		return contract.ManagerSilent
	case head == (registers.Head{}):
		return contract.ManagerNone
	case registers.CompareCaller(certificate.Subject(), head).Passed():
		return contract.ManagerSelf
	default:
		return contract.ManagerRecorded
	}
}
