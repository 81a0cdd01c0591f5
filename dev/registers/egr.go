package registers

import (
	"fmt"
	"net/http"
	"strconv"
	"time"
	_ "time/tzdata" // the EGR speaks of midnights in Minsk, and a machine need not know where that is
)

const minskZone = "Europe/Minsk"

// instant writes a date as the EGR does: the UTC instant of the midnight in Minsk at which it begins. Before 2011 the distance to
// UTC changed with the seasons, so that the same midnight is 21:00 or 22:00.
func instant(d Date, minsk *time.Location) (string, error) {
	t, err := d.in(minsk)
	if err != nil {
		return "", err
	}
	return t.UTC().Format("2006-01-02T15:04:05.000") + "+00:00", nil
}

func stateText(s State) string {
	return map[State]string{Active: "Действующий", Removed: "Исключен из ЕГР", Liquidation: "В процессе ликвидации",
		Bankruptcy: "В процедуре банкротства"}[s]
}

func kindText(k Kind) string {
	return map[Kind]string{LegalEntity: "Юридическое лицо", SoleProprietor: "Индивидуальный предприниматель"}[k]
}

// record is one element of an EGR answer.
type record map[string]any

// egrRecord makes the answer of a method; found is false for a method that does not apply to the organisation, unknown true for one
// that does not exist.
func egrRecord(method string, o Organisation, minsk *time.Location) (r record, found, unknown bool, err error) {
	from, err := instant(o.Registered, minsk)
	if err != nil {
		return nil, false, false, err
	}
	number, err := strconv.Atoi(o.UNP)
	if err != nil {
		return nil, false, false, fmt.Errorf("the EGR writes registration numbers as integers: %w", err)
	}
	r = record{"ngrn": number, "dfrom": from}
	legal := o.Kind == LegalEntity
	switch method {
	case "getShortInfoByRegNum":
		r.put(names(o)).put(state(o))
		return r, true, false, nil
	case "getBaseInfoByRegNum":
		r.put(state(o)).put(record{"nsi00211": record{"nsi00211": 3000 + int(o.Kind), "nkvob": int(o.Kind), "vnvobp": kindText(o.Kind)}})
		return r, true, false, nil
	case "getJurNamesByRegNum":
		return r.put(names(o)).put(record{"cact": "+"}), legal, false, nil
	case "getIPFIOByRegNum":
		return r.put(names(o)).put(record{"cact": "+"}), !legal, false, nil
	case "getAddressByRegNum":
		return r.put(address(o)), true, false, nil
	}
	return nil, false, true, nil
}

func (r record) put(more record) record {
	for k, v := range more {
		r[k] = v
	}
	return r
}

func names(o Organisation) record {
	if o.Kind == SoleProprietor {
		return record{"vfio": o.FullName}
	}
	return record{"vnaim": o.FullName, "vn": o.ShortName, "vfn": o.ShortName}
}

func state(o Organisation) record {
	return record{"nsi00219": record{"nsi00219": 33511 + int(o.State), "nksost": int(o.State), "vnsostk": stateText(o.State)}}
}

func address(o Organisation) record {
	return record{"cact": "+", "nindex": o.PostCode, "nsi00201": record{"nkstran": 112, "vnstranp": "Республика Беларусь"},
		"nsi00239": record{"vntnpk": "г."}, "vnp": o.Town, "nsi00226": record{"vntulk": "ул."}, "vulitsa": o.Street, "vdom": o.House}
}

// egr answers /api/v2/egr/{method}/{unp}: an array of one record, or an empty body when there is nothing.
func (s *Server) egr(w http.ResponseWriter, r *http.Request) {
	// The type stands on the empty answer too, as at the original.
	w.Header().Set("Content-Type", "application/json;charset=UTF-8")
	o, ok := s.store.organisation(r.PathValue("unp"))
	if !ok {
		return
	}
	rec, found, unknown, err := egrRecord(r.PathValue("method"), o, s.minsk)
	switch {
	case err != nil:
		http.Error(w, err.Error(), http.StatusInternalServerError)
	case unknown:
		http.NotFound(w, r)
	case found:
		writeJSON(w, []record{rec})
	}
}
