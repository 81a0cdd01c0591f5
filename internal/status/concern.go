package status

import (
	"fmt"
	"strings"
	"time"

	"github.com/remote-issuance/remote-issuance/internal/order"
)

// Code names what somebody has to look at; the codes are stable.
type Code string

// The codes.
const (
	// UnappliedMoney: payments that pay nothing wait for an operator (P4).
	UnappliedMoney Code = "unapplied-money"
	// PastDeadline: orders, drafts and lists whose term is over and that are open (D3, M3, S11).
	PastDeadline Code = "past-deadline"
	// NotStarted: orders and confirmations whose workflow was not started.
	NotStarted Code = "not-started"
	// ClosedWorkflow: orders and confirmations that are open while their workflow is not.
	ClosedWorkflow Code = "closed-workflow"
	// NotIssued: orders that are paid and have no certificate (I1).
	NotIssued Code = "not-issued"
	// GateRefused: certificates that were asked for and that nothing proves (I1, M6, P4).
	GateRefused Code = "gate-refused"
	// SilentRegister: state registers that do not answer (S7).
	SilentRegister Code = "silent-register"
	// FailingChannel: e-mail or SMS does not get through (I6).
	FailingChannel Code = "failing-channel"
	// EndingCRL: revocation lists that end soon, or have ended.
	EndingCRL Code = "ending-crl"
	// UnreadableCRL: files that are no revocation lists.
	UnreadableCRL Code = "unreadable-crl"
	// FailingWebhook: webhooks that only fail, or were disabled for it today.
	FailingWebhook Code = "failing-webhook"
	// NotSealed: the audit log has grown and was not sealed.
	NotSealed Code = "not-sealed"
)

// advice says what a code means and what to do about it.
var advice = map[Code]struct{ what, next string }{
	UnappliedMoney: {"payments wait for an operator", "issuance payments list"},
	PastDeadline:   {"orders or confirmations are open past their deadline", "look for their workflows in the Temporal UI"},
	NotStarted:     {"orders or confirmations have no workflow", "is a worker running? its log says why it cannot start them"},
	ClosedWorkflow: {"orders or confirmations are open, and their workflow is not", "docs/operations.md says how a worker starts them anew"},
	NotIssued:      {"orders are paid and not issued", "the workers' log says what keeps their certificates"},
	GateRefused:    {"certificates were asked for that nothing proves", "issuance audit show ORDER names what was missing; docs/operations.md says what to do"},
	SilentRegister: {"registers do not answer", "tell whoever runs them; orders wait by themselves"},
	FailingChannel: {"messages do not get through", "look at the mail server or the SMS gateway"},
	EndingCRL:      {"revocation lists end soon or have ended", "ours: is a worker running? others': does your job fetch them?"},
	UnreadableCRL:  {"files are no revocation lists", "issuance trust check names the mistake; fetch them again"},
	FailingWebhook: {"webhooks do not get through", "tell their client; issuance webhooks list shows where they lead"},
	NotSealed:      {"entries of the audit log are not sealed", "AUDIT_KEY_FILE of the workers; issuance audit checkpoint seals now"},
}

// Known tells whether the code exists.
func (c Code) Known() bool { _, ok := advice[c]; return ok }

// Concern is something that needs a person.
type Concern struct {
	Code Code `json:"code"`
	// Total counts what is concerned; Names are the first of them, the oldest
	// first: numbers of orders and payment numbers, ids of payments, names of
	// registers, channels, files.
	Total int64    `json:"total"`
	Names []string `json:"names"`
	// Since is how long the oldest has been waiting, or when the first list ends.
	Since time.Time `json:"since"`
	// What says it in words, Next what to do.
	What string `json:"what"`
	Next string `json:"next"`
}

// NewConcern gives the concern its words.
func NewConcern(code Code, total int64, since time.Time, names ...string) Concern {
	a := advice[code]
	return Concern{Code: code, Total: total, Names: names, Since: since, What: a.what, Next: a.next}
}

// Line tells the concern in one line, in Minsk time.
func (c Concern) Line(at time.Time) string {
	names := strings.Join(c.Names, ", ")
	if c.Total > int64(len(c.Names)) {
		names += ", …"
	}
	return fmt.Sprintf("%s: %d %s, the first of %s (%s): %s; next: %s",
		c.Code, c.Total, c.What, c.Since.In(order.Minsk()).Format(time.DateTime), age(at.Sub(c.Since)), names, c.Next)
}

func age(d time.Duration) string {
	ahead := d < 0
	text := d.Abs().Round(time.Minute).String()
	text = strings.TrimSuffix(text, "0s")
	if days := int(d.Abs() / (24 * time.Hour)); days > 1 {
		text = fmt.Sprintf("%d days", days)
	}
	if ahead {
		return "in " + text
	}
	return text + " ago"
}

// Report is the answer.
type Report struct {
	At       time.Time `json:"at"`
	Concerns []Concern `json:"concerns"`
	// Unseen names what was not looked at.
	Unseen []string `json:"unseen,omitempty"`
}

// Clear tells that nothing needs anybody.
func (r Report) Clear() bool { return len(r.Concerns) == 0 }
