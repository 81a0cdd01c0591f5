package applicant

import (
	"cmp"
	"strconv"
	"time"

	"github.com/remote-issuance/remote-issuance/api/contract"
	"github.com/remote-issuance/remote-issuance/internal/order"
	"github.com/remote-issuance/remote-issuance/portal/web"
)

// difference is one check that was not passed, with what to do about it.
type difference struct {
	ID, Title               string
	FoundLabel, Found       string
	ExpectedLabel, Expected string
	WhyLabel, Why           string
	ToDoLabel, ToDo         string
}

func failedOf(all []contract.Check) []contract.Check { return with(all, order.VerdictFailed) }

func with(all []contract.Check, verdict order.Verdict) []contract.Check {
	var out []contract.Check
	for _, c := range all {
		if c.Verdict == verdict {
			out = append(out, c)
		}
	}
	return out
}

// checkTitle names a check: for a compared field, the field; else as the API does.
func checkTitle(v *web.Visit, c contract.Check) string {
	if c.Field != "" {
		return v.T("checks.differs", "field", fieldName(v, c.Field))
	}
	return cmp.Or(c.Title, c.Code)
}

func fieldName(v *web.Visit, field string) string {
	if key := "checks.field." + field; v.Texts.Has(key) {
		return v.T(key)
	}
	return field
}

// differences explains checks that failed: the two values, why, and what to do.
func differences(v *web.Visit, o contract.Order, failed []contract.Check) []difference {
	var out []difference
	for i, c := range failed {
		d := difference{
			ID: "difference-" + strconv.Itoa(i+1), Title: checkTitle(v, c), Found: shown(v, c.Code, c.Found), Expected: shown(v, c.Code, c.Expected),
			WhyLabel: v.T("checks.why"), ToDoLabel: v.T("checks.todo"), ToDo: toDo(v, o, c),
		}
		compared := c.Found != "" || c.Expected != ""
		if compared {
			d.FoundLabel, d.ExpectedLabel = v.T("checks.found"), v.T("checks.expected."+against(c.Code))
		}
		// Two values say more than that they differ.
		if key := "checks.cause." + c.Cause; v.Texts.Has(key) && !(compared && c.Cause == "differs") {
			d.Why = v.T(key)
		}
		out = append(out, d)
	}
	return out
}

// shown is a value as people write it: days and terms come in forms of the contract.
func shown(v *web.Visit, code, value string) string {
	if value == "" {
		return v.T("checks.empty")
	}
	switch order.CheckCode(code) {
	case order.CheckStart:
		if day, err := time.ParseInLocation(time.DateOnly, value, order.Minsk()); err == nil {
			return v.Texts.Date(day)
		}
	case order.CheckTerm:
		if n, err := strconv.Atoi(value); err == nil {
			return v.Texts.Years(n)
		}
	default:
	}
	return value
}

// against names what a value was compared with.
func against(code string) string {
	switch order.CheckCode(code) {
	case order.CheckSubject:
		return "certificate"
	case order.CheckStart, order.CheckTerm, order.CheckKeyAlgorithm:
		return "rule"
	default:
		return "register"
	}
}

// toDo is what helps: for the cause, else for the check, else for all.
func toDo(v *web.Visit, o contract.Order, c contract.Check) string {
	service := "individual"
	if o.Service.NeedsApproval() {
		service = "employee"
	}
	for _, key := range []string{
		"checks.todo." + c.Code + "." + c.Cause, "checks.todo." + c.Code + "." + service, "checks.todo." + c.Code,
	} {
		if v.Texts.Has(key) {
			return v.T(key)
		}
	}
	return v.T("checks.todo.other")
}
