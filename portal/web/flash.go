package web

import (
	"encoding/json"
	"net/http"
	"net/url"
	"time"
)

const (
	flashCookie = "portal-note"
	flashLives  = 15 * time.Minute
	// maxKept bounds what is kept of a form, in octets.
	maxKept = 8 << 10
)

// Flash is what one answer leaves for the next page: a notice, and what the
// person had typed before the session was lost.
type Flash struct {
	// Notice is the key of a text.
	Notice string `json:"n,omitempty"`
	// Path is the page that Form belongs to.
	Path string     `json:"p,omitempty"`
	Form url.Values `json:"f,omitempty"`
}

func (j jar) putFlash(w http.ResponseWriter, r *http.Request, f Flash) {
	raw, err := json.Marshal(f)
	if err != nil || len(raw) > maxKept {
		raw, err = json.Marshal(Flash{Notice: f.Notice})
	}
	if err == nil {
		// What cannot be kept is typed again: nothing else depends on it.
		_ = j.put(w, r, flashCookie, raw, flashLives)
	}
}

// peekFlash reads what the last answer left.
func (j jar) peekFlash(r *http.Request) Flash {
	var f Flash
	if raw, ok := j.get(r, flashCookie); ok {
		_ = json.Unmarshal(raw, &f)
	}
	return f
}

// takeFlash reads what the last answer left for this page and forgets it. What
// is kept for the form of another page stays.
func (j jar) takeFlash(w http.ResponseWriter, r *http.Request) Flash {
	f := j.peekFlash(r)
	if f.Path != "" && f.Path != r.URL.Path {
		return Flash{}
	}
	j.drop(w, r, flashCookie, 0)
	return f
}
