package applicant

import (
	"net/http"

	"github.com/remote-issuance/remote-issuance/api/contract"
	"github.com/remote-issuance/remote-issuance/internal/order"
	"github.com/remote-issuance/remote-issuance/portal/govuk"
	"github.com/remote-issuance/remote-issuance/portal/web"
)

// task is one step of the overview: the stage at which it is done, and the
// page that shows it afterwards.
type task struct {
	name  string
	stage order.Stage
	later string
}

// tasks are the steps of a service in their order.
func tasks(s order.Service) []task {
	all := []task{
		{"terms", order.StageTerms, ""}, {"request", order.StageRequest, ""}, {"checks", order.StageChecking, stepChecks},
		{"approval", order.StageAwaitingApproval, ""}, {"payment", order.StageAwaitingPayment, ""}, {"certificate", order.StageIssuing, stepCertificate},
	}
	if s.NeedsApproval() {
		all[4].name = "payment-by-manager"
		return all
	}
	return append(all[:3:3], all[4:]...)
}

// overview shows all steps of an order with where each stands, and what is next.
func overview(v *web.Visit, o contract.Order) error {
	step := stepOf(o)
	if step == stepEnded {
		return v.Redirect(pathOf(o.ID, stepEnded))
	}
	list := govuk.TaskList{Prefix: "step"}
	all := tasks(o.Service)
	reached := len(all)
	for i, t := range all {
		if t.stage == o.Stage {
			reached = i
		}
	}
	for i, t := range all {
		list.Tasks = append(list.Tasks, taskOf(v, o, t, i, reached))
	}
	p := page(v, o, "overview", v.T("applicant.overview.title", "number", o.Number), struct {
		Service, Next, Until string
		Tasks                govuk.TaskList
		Continue             govuk.Button
		Withdraw             govuk.Link
		CanWithdraw          bool
	}{
		v.T("applicant.service." + string(o.Service) + ".title"), o.Next.Text, until(v, o), list,
		govuk.Button{Text: v.T("applicant.cabinet.go." + step), Href: pathOf(o.ID, step)},
		govuk.Link{Text: v.T("applicant.withdraw.link"), Href: pathOf(o.ID, "withdrawal")}, o.Stage.Withdrawable(),
	})
	p.Back = "/orders"
	return v.Render(http.StatusOK, p)
}

func taskOf(v *web.Visit, o contract.Order, t task, i, reached int) govuk.Task {
	out := govuk.Task{Text: v.T("applicant.task." + t.name), Number: i + 1}
	switch {
	case i < reached:
		out.Status = v.T("applicant.task.status.done")
		if t.later != "" {
			out.Href = pathOf(o.ID, t.later)
		}
	case i == reached:
		out.Tag = status(v, o)
		out.Href = pathOf(o.ID, stepOf(o))
	default:
		out.Status, out.Blocked = v.T("applicant.task.status.later"), true
	}
	return out
}
