package status

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/remote-issuance/remote-issuance/internal/order"
	"github.com/remote-issuance/remote-issuance/internal/payments"
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
	// BlockedWorkflow: orders and confirmations whose workflow runs and cannot go
	// on: its tasks fail.
	BlockedWorkflow Code = "blocked-workflow"
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
	// UnconfirmedBackup: keys in use whose backup nobody has tried, or not lately.
	UnconfirmedBackup Code = "unconfirmed-backup"
)

// advice says what a code means and what to do about it.
var advice = map[Code]struct{ what, next string }{
	UnappliedMoney:  {"payments wait for an operator", "issuance payments list, then assign, return or refund by reference or number"},
	PastDeadline:    {"orders or confirmations are open past their deadline", "look for their workflows in the Temporal UI"},
	NotStarted:      {"orders or confirmations have no workflow", "is a worker running? its log says why it cannot start them"},
	ClosedWorkflow:  {"orders or confirmations are open, and their workflow is not", "docs/operations.md says how a worker starts them anew"},
	BlockedWorkflow: {"workflows of orders or confirmations cannot go on", "its failed workflow task in the Temporal UI has the error; after a deploy roll back"},
	NotIssued:       {"orders are paid and not issued", "the workers' log says what keeps their certificates"},
	GateRefused:     {"certificates were asked for that nothing proves", "issuance audit show ORDER names what was missing; docs/operations.md says what to do"},
	SilentRegister:  {"registers do not answer", "tell whoever runs them; orders wait by themselves"},
	FailingChannel:  {"messages do not get through", "look at the mail server or the SMS gateway"},
	EndingCRL:       {"revocation lists end soon or have ended", "ours: is a worker running? others': does your job fetch them?"},
	UnreadableCRL:   {"files are no revocation lists", "issuance trust check names the mistake; fetch them again"},
	FailingWebhook:  {"webhooks do not get through", "tell their client; issuance webhooks list shows where they lead"},
	NotSealed:       {"entries of the audit log are not sealed", "AUDIT_KEY_FILE of the workers; issuance audit checkpoint seals now"},
	UnconfirmedBackup: {
		"keys have no backup that somebody has tried lately", "try their backups, then issuance keys backup confirm; docs/operations.md says how",
	},
}

// Known tells whether the code exists.
func (c Code) Known() bool { _, ok := advice[c]; return ok }

// Codes are all of them, in order.
func Codes() []Code { return slices.Sorted(maps.Keys(advice)) }

// Concern is something that needs a person.
type Concern struct {
	Code Code `json:"code"`
	// Total counts what is concerned; Items are the first of it, the oldest first.
	Total int64  `json:"total"`
	Items []Item `json:"items"`
	// Since is how long the oldest has been waiting, or when the first list ends.
	Since time.Time `json:"since"`
	// What says it in words, Next what to do, Runbook where to read more.
	What    string `json:"what"`
	Next    string `json:"next"`
	Runbook string `json:"runbook,omitempty"`
}

// Item is one of what is concerned.
type Item struct {
	// Name is what people and commands know it by: the number of an order, a
	// payment number, "list:" and the number of an order on a list that is not
	// signed, the reference of a payment, a register, a channel, a file, a key.
	Name string `json:"name"`
	// Payment says what money it is; nil for everything else.
	Payment *Payment `json:"payment,omitempty"`
	// Order is the number of an order, or the payment number of a confirmation,
	// that shows the cause, where the name is something else.
	Order string `json:"order,omitempty"`
	// Workflow is the id of its workflow, URL where the Temporal UI shows it;
	// empty where there is none.
	Workflow string `json:"workflow,omitempty"`
	URL      string `json:"url,omitempty"`
}

// Payment is money that pays nothing. Nothing in it tells who has paid.
type Payment struct {
	// Number is the payment number; empty when none was found.
	Number   string          `json:"number,omitempty"`
	Amount   order.Kopecks   `json:"amount"`
	Currency string          `json:"currency,omitempty"`
	Reason   payments.Reason `json:"reason,omitempty"`
}

// String tells sum, number and reason.
func (i Item) String() string {
	text := i.Name
	if p := i.Payment; p != nil {
		text += " (" + strings.Join(strings.Fields(p.Amount.String()+" "+p.Currency+" "+p.Number+" "+string(p.Reason)), " ") + ")"
	}
	if i.Order != "" {
		text += " (" + i.Order + ")"
	}
	if i.URL != "" {
		text += " " + i.URL
	}
	return text
}

// Named are items that have nothing but names.
func Named(names ...string) []Item {
	items := make([]Item, 0, len(names))
	for _, n := range names {
		items = append(items, Item{Name: n})
	}
	return items
}

// NewConcern gives the concern its words.
func NewConcern(code Code, total int64, since time.Time, items ...Item) Concern {
	a := advice[code]
	return Concern{Code: code, Total: total, Items: items, Since: since, What: a.what, Next: a.next}
}

// Names are those of the items.
func (c Concern) Names() []string {
	names := make([]string, 0, len(c.Items))
	for _, i := range c.Items {
		names = append(names, i.Name)
	}
	return names
}

// Line tells the concern in one line, in Minsk time.
func (c Concern) Line(at time.Time) string {
	var items []string
	for _, i := range c.Items {
		items = append(items, i.String())
	}
	if c.Total > int64(len(c.Items)) {
		items = append(items, "…")
	}
	next := c.Next
	if c.Runbook != "" {
		next += " (" + c.Runbook + ")"
	}
	return fmt.Sprintf("%s: %d %s, the first of %s (%s): %s; next: %s",
		c.Code, c.Total, c.What, c.Since.In(order.Minsk()).Format(time.DateTime), age(at.Sub(c.Since)), strings.Join(items, ", "), next)
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
