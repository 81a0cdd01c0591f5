package applicant

import (
	"net/http"

	"github.com/remote-issuance/remote-issuance/api/contract"
	"github.com/remote-issuance/remote-issuance/internal/order"
	"github.com/remote-issuance/remote-issuance/portal/govuk"
	"github.com/remote-issuance/remote-issuance/portal/web"
)

// tick is one line of the checks; State is passed, waiting, silent or failed.
type tick struct{ Text, State, Status string }

// checks shows how the checks go on (S4, S7) and, when they are over, leads on.
func checks(v *web.Visit, o contract.Order) error {
	switch {
	case o.Stage.Draft():
		return v.Redirect(pathOf(o.ID, stepOf(o)))
	case stepOf(o) == stepEnded:
		return v.Redirect(pathOf(o.ID, stepEnded))
	}
	running := o.Stage == order.StageChecking
	if _, followed := v.After(); followed && !running {
		return v.Redirect(pathOf(o.ID, "saved"))
	}
	file := fileTicks(v, o)
	p := page(v, o, "checks", v.T("applicant.checks.title"), struct {
		// All sums the checks of the file up.
		All, File, Registers []tick
		Running, Silent      bool
		Changed              []difference
		Continue             govuk.Button
	}{
		[]tick{{v.T("applicant.checks.file"), "passed", v.Texts.Count("applicant.checks.file.count", len(file))}}, file, registerTicks(v, o), running, running && silent(o), changes(v, o),
		govuk.Button{Text: v.T("applicant.continue"), Href: pathOf(o.ID, "saved")},
	})
	if running {
		p = live(p, o, stepChecks)
	}
	return v.Render(http.StatusOK, p)
}

// fileTicks are the checks of the file, each code once: they were passed when it was uploaded.
func fileTicks(v *web.Visit, o contract.Order) []tick {
	var out []tick
	seen := map[string]bool{}
	for _, c := range o.Checks {
		if seen[c.Code] || ofRegisters(c.Code) || c.Verdict == order.VerdictFailed {
			continue
		}
		seen[c.Code] = true
		out = append(out, tick{Text: c.Title, State: "passed", Status: v.T("applicant.checks.state.done")})
	}
	return out
}

func ofRegisters(code string) bool {
	switch order.CheckCode(code) {
	case order.CheckPerson, order.CheckResident, order.CheckOrganisation, order.CheckTaxpayer, order.CheckContract:
		return true
	default:
		return false
	}
}

// registerTicks are the registers with what each has answered so far.
func registerTicks(v *web.Visit, o contract.Order) []tick {
	var out []tick
	for _, r := range o.Registers {
		state := "waiting"
		switch r.State {
		case order.RegisterAgrees:
			state = "passed"
		case order.RegisterDiffers:
			state = "failed"
		case order.RegisterSilent:
			state = "silent"
		case order.RegisterWaiting:
		}
		out = append(out, tick{Text: v.T("checks.register." + string(r.Register)), State: state, Status: v.T("applicant.checks.state." + state)})
	}
	return out
}

func silent(o contract.Order) bool {
	for _, r := range o.Registers {
		if r.State == order.RegisterSilent {
			return true
		}
	}
	return false
}

// changes are the fields that differ where they may; the manager confirms them (S4).
func changes(v *web.Visit, o contract.Order) []difference {
	var out []difference
	for _, c := range with(o.Checks, order.VerdictChanged) {
		out = append(out, difference{
			Title: v.T("checks.changed", "field", fieldName(v, c.Field)), FoundLabel: v.T("checks.found"), Found: shown(v, c.Code, c.Found),
			ExpectedLabel: v.T("checks.expected.certificate"), Expected: shown(v, c.Code, c.Expected),
		})
	}
	return out
}
