package registers

import (
	"encoding/json"
	"fmt"
	"net"
	"net/http"
	"time"
)

// Options describe the sandboxes; all of them listen on one address.
type Options struct {
	// Listen is the address, e.g. 127.0.0.1:8093; port 0 takes a free one.
	Listen string
	// Data are the contents at start.
	Data Data
}

// Server runs the sandboxes.
type Server struct {
	store *store
	gates map[Register]*gate
	minsk *time.Location
	url   string
	http  *http.Server
	ended chan struct{}
}

// Start checks the data and serves.
func Start(opts Options) (*Server, error) {
	st, err := newStore(opts.Data)
	if err != nil {
		return nil, fmt.Errorf("registers: %w", err)
	}
	minsk, err := time.LoadLocation(minskZone)
	if err != nil {
		return nil, fmt.Errorf("registers: %w", err)
	}
	l, err := net.Listen("tcp", opts.Listen)
	if err != nil {
		return nil, fmt.Errorf("registers: %w", err)
	}
	s := &Server{store: st, gates: map[Register]*gate{}, minsk: minsk, url: "http://" + l.Addr().String(), ended: make(chan struct{})}
	for _, name := range All() {
		s.gates[name] = &gate{}
	}
	s.http = &http.Server{Handler: s.routes(), ReadHeaderTimeout: 10 * time.Second}
	go func() {
		defer close(s.ended)
		_ = s.http.Serve(l)
	}()
	return s, nil
}

// URL is the address that every register's path is joined to: /api/v2/egr/… (EGR), /grp/getData and /api/grp-public/data (GRP),
// /population/v1/persons/…, /heads/v1/organisations/…, /subscribers/v1/organisations/….
func (s *Server) URL() string { return s.url }

// Close stops the server; answers that are being delayed are broken off.
func (s *Server) Close() error {
	err := s.http.Close()
	<-s.ended
	return err
}

// PutPerson adds or replaces an entry of the population register.
func (s *Server) PutPerson(p Person) error { return s.store.putPerson(p) }

// PutOrganisation adds or replaces an organisation in all registers.
func (s *Server) PutOrganisation(o Organisation) error { return s.store.putOrganisation(o) }

// Person is an entry of the population register by personal number.
func (s *Server) Person(number string) (Person, bool) { return s.store.person(number) }

// Organisation is an entry of the other registers.
func (s *Server) Organisation(unp string) (Organisation, bool) { return s.store.organisation(unp) }

// SetHead changes the head of an organisation; nil removes it. It returns ErrUnknown for an unknown organisation.
func (s *Server) SetHead(unp string, h *Head) error { return s.store.setHead(unp, h) }

// SetFault makes a register misbehave; the zero Fault heals it. It returns ErrUnknown for a register that is not there.
func (s *Server) SetFault(name Register, f Fault) error {
	g, ok := s.gates[name]
	if !ok {
		return ErrUnknown
	}
	g.set(f)
	return nil
}

// Calls is the number of requests a register has got since the start, refused ones included.
func (s *Server) Calls(name Register) int {
	if g, ok := s.gates[name]; ok {
		return g.count()
	}
	return 0
}

func (s *Server) routes() http.Handler {
	mux := http.NewServeMux()
	for pattern, r := range map[string]struct {
		register Register
		handler  http.HandlerFunc
	}{
		"GET /api/v2/egr/{method}/{unp}":          {EGR, s.egr},
		"GET /grp/getData":                        {GRP, s.grpOld},
		"GET /api/grp-public/data":                {GRP, s.grpNew},
		"GET /population/v1/persons/{number}":     {Population, s.population},
		"GET /heads/v1/organisations/{unp}":       {Heads, s.heads},
		"GET /subscribers/v1/organisations/{unp}": {Subscribers, s.subscribers},
	} {
		mux.HandleFunc(pattern, s.gates[r.register].wrap(r.handler))
	}
	s.adminRoutes(mux)
	return mux
}

func (s *Server) population(w http.ResponseWriter, r *http.Request) {
	p, ok := s.store.person(r.PathValue("number"))
	if !ok {
		http.NotFound(w, r)
		return
	}
	writeJSON(w, p)
}

func (s *Server) heads(w http.ResponseWriter, r *http.Request) {
	o, ok := s.store.organisation(r.PathValue("unp"))
	if !ok || o.Head == nil {
		http.NotFound(w, r)
		return
	}
	writeJSON(w, struct {
		UNP string `json:"unp"`
		Head
	}{o.UNP, *o.Head})
}

func (s *Server) subscribers(w http.ResponseWriter, r *http.Request) {
	o, ok := s.store.organisation(r.PathValue("unp"))
	if !ok || o.Contract == nil {
		http.NotFound(w, r)
		return
	}
	writeJSON(w, struct {
		UNP string `json:"unp"`
		Contract
	}{o.UNP, *o.Contract})
}

func writeJSON(w http.ResponseWriter, v any) {
	if w.Header().Get("Content-Type") == "" {
		w.Header().Set("Content-Type", "application/json")
	}
	_ = json.NewEncoder(w).Encode(v)
}
