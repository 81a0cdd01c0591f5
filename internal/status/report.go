package status

import (
	"net/url"
	"time"
)

// Report is the answer.
type Report struct {
	At       time.Time `json:"at"`
	Concerns []Concern `json:"concerns"`
	// Unseen names what was not looked at.
	Unseen []Unseen `json:"unseen,omitempty"`
}

// Clear tells that nothing needs anybody.
func (r Report) Clear() bool { return len(r.Concerns) == 0 }

// Unseen is something that was not looked at; the values are stable.
type Unseen string

// What may not be looked at.
const (
	UnseenWorkflows Unseen = "workflows"
	// UnseenMoreWorkflows: there are more than are asked for at once.
	UnseenMoreWorkflows Unseen = "more-workflows"
	UnseenLists         Unseen = "revocation-lists"
)

// Links are where people read more; empty fields give no links.
type Links struct {
	// TemporalUI is scheme, host and port of the Temporal UI, Namespace the
	// namespace of the workflows there.
	TemporalUI, Namespace string
	// Runbook is the address of docs/operations.md; each code is a heading of it.
	Runbook string
}

// Workflow is the page of a workflow: its pending activities and their failures.
func (l Links) Workflow(id string) string {
	if l.TemporalUI == "" || id == "" {
		return ""
	}
	return l.TemporalUI + "/namespaces/" + url.PathEscape(l.Namespace) + "/workflows/" + url.PathEscape(id)
}

func (l Links) add(concerns []Concern) {
	for i := range concerns {
		c := &concerns[i]
		if l.Runbook != "" {
			c.Runbook = l.Runbook + "#" + string(c.Code)
		}
		for j := range c.Items {
			c.Items[j].URL = l.Workflow(c.Items[j].Workflow)
		}
	}
}
