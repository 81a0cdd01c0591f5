package registers

import (
	"net/http"
	"strings"
)

// grpRow is the one row of a GRP answer, with keys in lower case.
func grpRow(o Organisation) record {
	row := record{"vunp": o.UNP, "vnaimp": o.FullName, "vnaimk": o.ShortName, "vpadres": "г. " + o.Town + ", ул. " + o.Street + ", " + o.House,
		"dreg": string(o.Registered), "nmns": o.TaxOfficeCode, "vmns": o.TaxOffice, "ckodsost": "1", "vkods": "Действующий"}
	if o.State != Active {
		row.put(record{"ckodsost": "2", "vkods": "Ликвидирован", "dlikv": string(o.Registered), "vlikv": stateText(o.State)})
	}
	return row
}

// grpOld answers /grp/getData with {"ROW":{…}} and keys in upper case; an unknown UNP has an empty body.
func (s *Server) grpOld(w http.ResponseWriter, r *http.Request) {
	o, ok := s.grpQuery(w, r, true)
	if !ok {
		return
	}
	upper := record{}
	for k, v := range grpRow(o) {
		upper[strings.ToUpper(k)] = v
	}
	writeJSON(w, record{"ROW": upper})
}

// grpNew answers /api/grp-public/data with {"row":{…}} and keys in lower case; an unknown UNP is 404.
func (s *Server) grpNew(w http.ResponseWriter, r *http.Request) {
	if o, ok := s.grpQuery(w, r, false); ok {
		writeJSON(w, record{"row": grpRow(o)})
	}
}

// grpQuery finds the organisation asked for; when it answers false, it has answered the request.
func (s *Server) grpQuery(w http.ResponseWriter, r *http.Request, emptyWhenUnknown bool) (Organisation, bool) {
	q := r.URL.Query()
	if q.Get("type") != "json" || !strings.EqualFold(q.Get("charset"), "UTF-8") {
		http.Error(w, "only type=json and charset=UTF-8 are spoken here", http.StatusBadRequest)
		return Organisation{}, false
	}
	o, ok := s.store.organisation(q.Get("unp"))
	if !ok && !emptyWhenUnknown {
		http.NotFound(w, r)
	}
	return o, ok
}
