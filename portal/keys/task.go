package keys

import (
	"github.com/remote-issuance/remote-issuance/portal/keys/operation"
	"github.com/remote-issuance/remote-issuance/portal/web"
)

// Task tells the script of a page what it is for; the page carries it as JSON in
// the element with the id keys.
type Task struct {
	// Task is "request" or "sign".
	Task    string `json:"task"`
	Worker  string `json:"worker"`
	Runtime string `json:"runtime"`
	Module  string `json:"module"`
	// Now is the time of the portal in milliseconds since 1970.
	Now            int64 `json:"now"`
	StartAfterDays int   `json:"startAfterDays"`
	// Document is the path of what is signed.
	Document string            `json:"document"`
	Texts    map[string]string `json:"texts"`
	// Script is the address of the script.
	Script string `json:"-"`
}

// problems are those that the script itself finds.
func problems() []string {
	return append(operation.Codes(), "browser", "network", "working", "password-differs", "shown-differs", "id-card",
		"missing-certificate", "missing-container", "email", "phone")
}

// NewTask prepares a page for one of the tasks.
func NewTask(v *web.Visit, a Addresses, task string) Task {
	t := Task{
		Task: task, Worker: a.Worker, Runtime: a.Runtime, Module: a.Module, Script: a.Script, Now: v.Now().UnixMilli(), Texts: map[string]string{},
	}
	for _, code := range problems() {
		t.Texts[code] = v.T("keys.problem." + code)
	}
	return t
}
