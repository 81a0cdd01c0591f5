package api

import (
	"context"
	"net/http"
	"time"

	"github.com/gin-gonic/gin"

	"github.com/remote-issuance/remote-issuance/api/contract"
	"github.com/remote-issuance/remote-issuance/internal/config"
	"github.com/remote-issuance/remote-issuance/internal/engine"
	"github.com/remote-issuance/remote-issuance/internal/postgres"
	"github.com/remote-issuance/remote-issuance/internal/process"
	"github.com/remote-issuance/remote-issuance/internal/status"
)

// Looker tells whether anything needs an operator.
type Looker func(ctx context.Context, at time.Time) (status.Report, error)

// workflowsAsked is how many workflows an answer asks the Temporal server for.
const workflowsAsked = 500

// looker looks where the command does. The lists are read anew each time: they
// are replaced while the process runs.
func looker(base *process.Base, c config.API) Looker {
	return func(ctx context.Context, at time.Time) (status.Report, error) {
		lists, err := status.ReadLists(string(c.Trust.Dir))
		if err != nil {
			return status.Report{}, err
		}
		return status.Look(ctx, status.Sources{
			Store: postgres.NewStatus(base.Pool), Engine: engine.Executions{Client: base.Temporal}, AskedAtMost: workflowsAsked, Lists: lists,
			SealedEvery: c.Sealing.Every, BackupsHold: c.Backups.Hold, Links: status.Links{
				TemporalUI: c.Links.TemporalUI.String(), Namespace: c.Common.Temporal.Namespace, Runbook: c.Links.Runbook.String(),
			},
		}, at)
	}
}

func (o *operators) getStatus(c *gin.Context) error {
	report, err := o.look(c.Request.Context(), o.now())
	if err != nil {
		return err
	}
	out := contract.OperatorStatus{At: inMinsk(report.At), Clear: report.Clear(), Concerns: []contract.OperatorConcern{}, Unseen: []string{}}
	for _, concern := range report.Concerns {
		out.Concerns = append(out.Concerns, concernView(concern))
	}
	for _, u := range report.Unseen {
		out.Unseen = append(out.Unseen, string(u))
	}
	c.JSON(http.StatusOK, out)
	return nil
}

func concernView(c status.Concern) contract.OperatorConcern {
	out := contract.OperatorConcern{Code: string(c.Code), Total: c.Total, Since: inMinsk(c.Since), Runbook: c.Runbook, Items: []contract.OperatorItem{}}
	for _, i := range c.Items {
		item := contract.OperatorItem{Name: i.Name, Order: i.Order, Workflow: i.Workflow, URL: i.URL}
		if p := i.Payment; p != nil {
			item.Payment = &contract.OperatorPayment{Number: p.Number, Amount: p.Amount.String(), Currency: p.Currency, Reason: string(p.Reason)}
		}
		out.Items = append(out.Items, item)
	}
	return out
}
