package api

import (
	"strconv"
	"time"

	"github.com/remote-issuance/remote-issuance/internal/order"
	"github.com/remote-issuance/remote-issuance/internal/postgres"
)

// checkView is a check as people read it.
type checkView struct {
	Code     string `json:"code"`
	Verdict  string `json:"verdict"`
	Field    string `json:"field,omitempty"`
	Found    string `json:"found,omitempty"`
	Expected string `json:"expected,omitempty"`
	Cause    string `json:"cause,omitempty"`
	Title    string `json:"title,omitempty"`
}

func checkViews(r order.Report, t *texts) []checkView {
	out := make([]checkView, 0, len(r))
	for _, c := range r {
		out = append(out, checkView{
			Code: string(c.Code), Verdict: string(c.Verdict), Field: string(c.Field),
			Found: c.Found, Expected: c.Expected, Cause: c.Cause, Title: t.Checks[string(c.Code)],
		})
	}
	return out
}

// nextView says what happens next.
type nextView struct {
	WaitsFor order.Actor `json:"waitsFor"`
	Until    *time.Time  `json:"until,omitempty"`
	Text     string      `json:"text"`
}

// orderView is an order as its applicant sees it.
type orderView struct {
	ID             string           `json:"id"`
	Number         string           `json:"number"`
	Service        order.Service    `json:"service"`
	Kind           order.Kind       `json:"kind"`
	Stage          order.Stage      `json:"stage"`
	End            order.End        `json:"end,omitempty"`
	Reason         order.EndReason  `json:"reason,omitempty"`
	Note           string           `json:"note,omitempty"`
	Version        int64            `json:"version"`
	Resumed        bool             `json:"resumed"`
	OpenedAt       time.Time        `json:"openedAt"`
	UploadedAt     *time.Time       `json:"uploadedAt,omitempty"`
	ApprovedAt     *time.Time       `json:"approvedAt,omitempty"`
	PayBy          *time.Time       `json:"payBy,omitempty"`
	Next           nextView         `json:"next"`
	Checks         []checkView      `json:"checks"`
	Contacts       *contactsView    `json:"contacts,omitempty"`
	Years          int              `json:"years,omitempty"`
	ConfirmationID string           `json:"confirmationId,omitempty"`
	Certificate    *certificateView `json:"certificate,omitempty"`
	Messages       []messageView    `json:"messages,omitempty"`
}

type contactsView struct {
	Email string `json:"email"`
	Phone string `json:"phone"`
}

type certificateView struct {
	SerialNumber string     `json:"serialNumber"`
	NotBefore    time.Time  `json:"notBefore"`
	NotAfter     time.Time  `json:"notAfter"`
	ActivatedAt  *time.Time `json:"activatedAt,omitempty"`
}

type messageView struct {
	Kind    string     `json:"kind"`
	Channel string     `json:"channel"`
	State   string     `json:"state"`
	SentAt  *time.Time `json:"sentAt,omitempty"`
}

func (s *Server) orderView(v postgres.OrderView, t *texts) orderView {
	st := v.State
	out := orderView{
		ID: v.ID, Number: strconv.FormatInt(v.Opening.Number, 10), Service: v.Opening.Service, Kind: v.Opening.Kind,
		Stage: st.Stage, End: st.End, Reason: st.Reason, Note: st.Note, Version: st.Version,
		OpenedAt: inMinsk(v.Opening.StartedAt), UploadedAt: optional(st.UploadedAt), ApprovedAt: optional(st.ApprovedAt),
		PayBy: optional(st.PayBy), ConfirmationID: st.ConfirmationID, Checks: checkViews(st.Report, t), Next: orderNext(v, t),
	}
	if v.Request != nil {
		out.Years = v.Request.Years
		if st.Stage != order.StageRequest || len(st.Report.Failed()) > 0 {
			out.Checks = checkViews(fullReport(v), t)
		}
	}
	if st.Contacts != nil {
		out.Contacts = &contactsView{Email: st.Contacts.Email, Phone: st.Contacts.Phone}
	}
	if c := v.Certificate; c != nil {
		out.Certificate = &certificateView{
			SerialNumber: c.SerialNumber, NotBefore: inMinsk(c.NotBefore), NotAfter: inMinsk(c.NotAfter), ActivatedAt: optional(c.ActivatedAt),
		}
	}
	for _, n := range v.Notices {
		out.Messages = append(out.Messages, messageView{
			Kind: string(n.Kind), Channel: string(n.Channel), State: string(n.State), SentAt: optional(n.SentAt),
		})
	}
	return out
}

// fullReport joins the whole first check with what the registers found.
func fullReport(v postgres.OrderView) order.Report {
	report := append(order.Report{}, v.Request.Report...)
	first := map[order.CheckCode]bool{}
	for _, c := range report {
		first[c.Code] = true
	}
	for _, c := range v.State.Report {
		if !first[c.Code] {
			report = append(report, c)
		}
	}
	return report
}

func orderNext(v postgres.OrderView, t *texts) nextView {
	key := string(v.State.Stage)
	switch {
	case v.State.Stage == order.StageEnded:
		key = string(v.State.End)
	case v.State.Stage == order.StageAwaitingPayment && v.Opening.Service.NeedsApproval():
		key += "-employee"
	}
	return nextView{WaitsFor: v.State.Stage.WaitsFor(v.Opening.Service), Until: optional(v.State.Until), Text: t.Next[key]}
}

// optional is nil for an instant that is not there.
func optional(t time.Time) *time.Time {
	if t.IsZero() {
		return nil
	}
	in := inMinsk(t)
	return &in
}

func inMinsk(t time.Time) time.Time { return t.In(order.Minsk()) }
