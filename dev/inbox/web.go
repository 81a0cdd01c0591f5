package inbox

import (
	"embed"
	"encoding/json"
	"html/template"
	"net/http"
	"strconv"
	"strings"
)

// maxBody bounds the body of a request, in bytes.
const maxBody = 64 << 10

//go:embed list.html message.html
var pageFiles embed.FS

func parsePages() (*template.Template, error) {
	return template.New("pages").Funcs(template.FuncMap{"join": strings.Join}).ParseFS(pageFiles, "*.html")
}

// routes are the pages, and for scripts:
//
//	GET    /api/messages?to=&channel=   the messages, newest first
//	DELETE /api/messages                forget them all
//	GET    /api/faults                  the faults that are on
//	PUT    /api/faults                  set them; {} ends all
func (s *Server) routes() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("POST /simple/send", s.smsSend)
	mux.HandleFunc("GET /simple/status", s.smsStatus)
	mux.HandleFunc("GET /api/messages", func(w http.ResponseWriter, r *http.Request) {
		writeJSON(w, s.store.list(r.URL.Query().Get("to"), Channel(r.URL.Query().Get("channel"))))
	})
	mux.HandleFunc("DELETE /api/messages", func(w http.ResponseWriter, _ *http.Request) {
		if err := s.store.clear(); err != nil {
			http.Error(w, err.Error(), http.StatusInternalServerError)
			return
		}
		w.WriteHeader(http.StatusNoContent)
	})
	mux.HandleFunc("GET /api/faults", func(w http.ResponseWriter, _ *http.Request) { writeJSON(w, s.faults.get()) })
	mux.HandleFunc("PUT /api/faults", s.putFaults)
	mux.HandleFunc("GET /{$}", s.showList)
	mux.HandleFunc("GET /messages/{id}", s.showMessage)
	mux.HandleFunc("GET /messages/{id}/html", s.showHTML)
	return mux
}

func (s *Server) putFaults(w http.ResponseWriter, r *http.Request) {
	var f Faults
	dec := json.NewDecoder(http.MaxBytesReader(w, r.Body, maxBody))
	dec.DisallowUnknownFields()
	if err := dec.Decode(&f); err != nil {
		http.Error(w, err.Error(), http.StatusBadRequest)
		return
	}
	s.faults.set(f)
	w.WriteHeader(http.StatusNoContent)
}

func (s *Server) find(id string) (Message, bool) {
	n, err := strconv.Atoi(id)
	if err != nil {
		return Message{}, false
	}
	return s.store.get(n)
}

func (s *Server) showList(w http.ResponseWriter, r *http.Request) {
	to := r.URL.Query().Get("to")
	s.render(w, "list.html", struct {
		To       string
		Messages []Message
	}{to, s.store.list(to, "")})
}

func (s *Server) showMessage(w http.ResponseWriter, r *http.Request) {
	m, ok := s.find(r.PathValue("id"))
	if !ok {
		http.NotFound(w, r)
		return
	}
	s.render(w, "message.html", m)
}

// showHTML gives the mail's own HTML to the frame of the message's page. The policy keeps it from running scripts and from loading
// anything, also when it is opened by itself.
func (s *Server) showHTML(w http.ResponseWriter, r *http.Request) {
	m, ok := s.find(r.PathValue("id"))
	if !ok || m.HTML == "" {
		http.NotFound(w, r)
		return
	}
	w.Header().Set("Content-Security-Policy", "sandbox; default-src 'none'; style-src 'unsafe-inline'; img-src data:")
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	_, _ = w.Write([]byte(m.HTML))
}

func (s *Server) render(w http.ResponseWriter, page string, data any) {
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	w.Header().Set("Cache-Control", "no-store")
	_ = s.pages.ExecuteTemplate(w, page, data)
}
