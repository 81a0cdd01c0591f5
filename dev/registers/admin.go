package registers

import (
	"encoding/json"
	"errors"
	"net/http"
)

// maxBody bounds the body of an admin request, in bytes.
const maxBody = 1 << 20

// adminRoutes are the switches for scripts and tests in another process:
//
//	PUT /admin/persons                      a Person
//	PUT /admin/organisations                an Organisation
//	PUT /admin/organisations/{unp}/head     a Head, or null for none
//	PUT /admin/faults/{register}            a Fault; {} heals
//	GET /admin/calls                        {"egr": 3, …}
//
// They answer 204, 400 for a body that makes no sense, and 404 for what is not there.
func (s *Server) adminRoutes(mux *http.ServeMux) {
	mux.HandleFunc("PUT /admin/persons", change(func(_ *http.Request, p Person) error { return s.PutPerson(p) }))
	mux.HandleFunc("PUT /admin/organisations", change(func(_ *http.Request, o Organisation) error { return s.PutOrganisation(o) }))
	mux.HandleFunc("PUT /admin/organisations/{unp}/head", change(func(r *http.Request, h *Head) error {
		return s.SetHead(r.PathValue("unp"), h)
	}))
	mux.HandleFunc("PUT /admin/faults/{register}", change(func(r *http.Request, f Fault) error {
		return s.SetFault(Register(r.PathValue("register")), f)
	}))
	mux.HandleFunc("GET /admin/calls", func(w http.ResponseWriter, _ *http.Request) {
		calls := map[Register]int{}
		for _, name := range All() {
			calls[name] = s.Calls(name)
		}
		writeJSON(w, calls)
	})
}

// change decodes the body into a T and applies it.
func change[T any](apply func(*http.Request, T) error) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		var v T
		dec := json.NewDecoder(http.MaxBytesReader(w, r.Body, maxBody))
		dec.DisallowUnknownFields()
		err := dec.Decode(&v)
		if err == nil {
			err = apply(r, v)
		}
		switch {
		case errors.Is(err, ErrUnknown):
			http.Error(w, err.Error(), http.StatusNotFound)
		case err != nil:
			http.Error(w, err.Error(), http.StatusBadRequest)
		default:
			w.WriteHeader(http.StatusNoContent)
		}
	}
}
