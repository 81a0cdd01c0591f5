package api

import (
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/gin-gonic/gin"

	"github.com/remote-issuance/remote-issuance/api/contract"
	"github.com/remote-issuance/remote-issuance/api/web"
	"github.com/remote-issuance/remote-issuance/internal/order"
	"github.com/remote-issuance/remote-issuance/internal/payments"
	"github.com/remote-issuance/remote-issuance/internal/pki"
	"github.com/remote-issuance/remote-issuance/internal/postgres"
)

// orderView is an order as its applicant sees it now.
func orderView(v postgres.OrderView, t *web.Texts, now time.Time) contract.Order {
	r := v.Record
	out := contract.Order{
		ID: r.ID, Number: strconv.FormatInt(r.Number, 10), Service: r.Service, Kind: r.Kind, Stage: r.Stage, End: r.End,
		Reason: r.Reason, Note: r.Note, Version: r.Version, OpenedAt: inMinsk(r.StartedAt), UploadedAt: inMinsk(r.UploadedAt),
		ApprovedAt: inMinsk(r.ApprovedAt), ConfirmationID: r.ConfirmationID, Checks: t.CheckViews(fullReport(v)),
		Next: orderNext(v, t, now), Registers: registerAnswers(v),
	}
	if r.Stage.Open() {
		out.PayBy = inMinsk(r.PayBy)
	}
	if v.Request != nil {
		out.Years = v.Request.Years
	}
	if r.Contacts != nil {
		out.Contacts = contract.Contacts{Email: r.Contacts.Email, Phone: r.Contacts.Phone}
	}
	if c := v.Certificate; c != nil {
		out.Certificate = contract.CertificateSummary{
			SerialNumber: c.SerialNumber, NotBefore: inMinsk(c.NotBefore), NotAfter: inMinsk(c.NotAfter), ActivatedAt: inMinsk(c.ActivatedAt),
		}
		if now.Before(c.NotBefore) {
			out.Certificate.SignInFrom = out.Certificate.NotBefore
		}
	}
	for _, n := range v.Notices {
		out.Messages = append(out.Messages, contract.MessageOutcome{
			Kind: string(n.Kind), Channel: contract.MessageOutcomeChannel(n.Channel), State: contract.MessageOutcomeState(n.State),
			SentAt: inMinsk(n.SentAt),
		})
	}
	return out
}

// view is an order as its applicant sees it, whatever was asked: before the
// upload with the contacts that are offered (S2), while it is not paid with what
// it takes from the certificate signed in with.
func (a *applicants) view(c *gin.Context, v postgres.OrderView) (contract.Order, error) {
	out := orderView(v, a.Texts(c), a.now())
	a.prefill(c, v, &out)
	certificate, err := pki.ParseCertificate(web.CallerOf(c).Certificate)
	if err != nil || !v.Record.Stage.Withdrawable() {
		return out, nil
	}
	var requested order.Date
	if v.Request != nil {
		requested = v.Request.RequestedStart
	}
	o := order.OverlapOf(v.Record.Service, v.Record.Policy, certificate.NotAfter, a.now(), requested)
	out.Overlap = contract.Overlap{
		CurrentEnds: inMinsk(o.CurrentEnds), Starts: o.Starts.String(), DaysLost: o.DaysLost, OrderFrom: o.OrderFrom.String(),
	}
	return out, nil
}

// fullReport joins both checks with what ended the order.
func fullReport(v postgres.OrderView) order.Report {
	if v.Request == nil {
		return v.Record.Report
	}
	report := slices.Concat(v.Request.Report, v.Request.Registers)
	shown := map[order.CheckCode]bool{}
	for _, c := range report {
		shown[c.Code] = true
	}
	for _, c := range v.Record.Report {
		if !shown[c.Code] {
			report = append(report, c)
		}
	}
	return report
}

// registerAnswers are what the registers have said so far, one line each (S7).
func registerAnswers(v postgres.OrderView) []contract.RegisterAnswer {
	var out []contract.RegisterAnswer
	for _, a := range v.Registers {
		out = append(out, contract.RegisterAnswer{Register: contract.RegisterName(a.Register), State: a.State})
	}
	return out
}

// orderNext says what happens next.
func orderNext(v postgres.OrderView, t *web.Texts, now time.Time) contract.Next {
	r := v.Record
	key := string(r.Stage)
	switch {
	case r.End == order.EndIssued && v.Certificate != nil && now.Before(v.Certificate.NotBefore):
		key = "issued-later"
	case r.End == order.EndIssued && v.Certificate != nil && !v.Certificate.ActivatedAt.IsZero():
		key = "activated"
	case r.Stage == order.StageEnded:
		key = string(r.End)
	case r.Stage == order.StageAwaitingPayment && v.Payable != nil && v.Payable.State == payments.PayablePaid:
		// The money is there; the workflow is about to hear of it.
		return contract.Next{WaitsFor: order.ActorSystem, Text: t.Next[string(order.StageIssuing)]}
	case r.Stage == order.StageAwaitingPayment && r.Service.NeedsApproval() && v.Payable != nil && v.Payable.State == payments.PayableClosed:
		// Its confirmation has lapsed (P8): the manager makes another.
		key = "awaiting-payment-lapsed"
	case r.Stage == order.StageAwaitingPayment && r.Service.NeedsApproval():
		key += "-employee"
	}
	text := t.Next[key]
	if key == string(r.End) {
		text = t.Ended(r.End, r.Reason)
	}
	if v.Certificate != nil {
		text = strings.ReplaceAll(text, "{from}", v.Certificate.NotBefore.In(order.Minsk()).Format("02.01.2006 15:04"))
	}
	return contract.Next{WaitsFor: r.Stage.WaitsFor(r.Service), Until: inMinsk(r.Until), Text: text}
}

func fullName(s order.Subject) string { return s.FullName() }

// positions are the present one and, where it changes, the new one (S4, M5).
func positions(current, requested order.Subject) (was, becomes string) {
	was, becomes = current.Workplace(), requested.Workplace()
	if becomes == was {
		becomes = ""
	}
	return was, becomes
}
