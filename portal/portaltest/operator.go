package portaltest

import (
	"time"

	"github.com/remote-issuance/remote-issuance/api/contract"
	"github.com/remote-issuance/remote-issuance/internal/order"
	"github.com/remote-issuance/remote-issuance/internal/payments"
	"github.com/remote-issuance/remote-issuance/internal/status"
)

// Concerns is one of everything that can need an operator, since the day before a time.
func Concerns(now time.Time) contract.OperatorStatus {
	out := contract.OperatorStatus{At: now, Concerns: []contract.OperatorConcern{}, Unseen: []string{}}
	for _, code := range status.Codes() {
		c := contract.OperatorConcern{
			Code: string(code), Total: 1, Since: now.Add(-24 * time.Hour), Items: []contract.OperatorItem{itemOf(code)},
			Runbook: "https://portal.example.by/operations.md#" + string(code),
		}
		if code == status.EndingCRL {
			c.Since = now.Add(time.Hour)
		}
		if code == status.UnappliedMoney {
			c.Total, c.Items = int64(len(payments.Reasons())), nil
			for _, reason := range payments.Reasons()[:status.MaxNames] {
				item := itemOf(code)
				item.Payment.Reason = string(reason)
				c.Items = append(c.Items, item)
			}
		}
		out.Concerns = append(out.Concerns, c)
	}
	for _, u := range []status.Unseen{status.UnseenWorkflows, status.UnseenMoreWorkflows, status.UnseenLists} {
		out.Unseen = append(out.Unseen, string(u))
	}
	return out
}

func itemOf(code status.Code) contract.OperatorItem {
	number, links := order.PaymentNumber(92239), status.Links{TemporalUI: "https://temporal.example.by", Namespace: "remote-issuance"}
	workflow := order.WorkflowID(92239, IDOf("concern"))
	item := contract.OperatorItem{Name: "92239", Workflow: workflow, URL: links.Workflow(workflow)}
	switch code {
	case status.UnappliedMoney:
		return contract.OperatorItem{Name: "assist:5999/Approved", Payment: &contract.OperatorPayment{Number: number.ERIP(), Amount: "79.80", Currency: "BYN"}}
	case status.SilentRegister:
		item.Name, item.Order = "egr", "92239"
	case status.FailingChannel:
		item.Name, item.Order = "email", "92239"
	case status.FailingWebhook:
		return contract.OperatorItem{Name: "receiver.example.by"}
	case status.EndingCRL, status.UnreadableCRL:
		return contract.OperatorItem{Name: "issuing.crl"}
	case status.UnconfirmedBackup:
		return contract.OperatorItem{Name: "ca-key/issuing/0b7f5d2a"}
	case status.NotSealed:
		return contract.OperatorItem{Name: "18"}
	case status.NotStarted:
		return contract.OperatorItem{Name: number.ERIP()}
	case status.PastDeadline, status.ClosedWorkflow, status.BlockedWorkflow, status.NotIssued, status.GateRefused:
	}
	return item
}
