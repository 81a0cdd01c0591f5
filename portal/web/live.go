package web

import (
	"errors"
	"net/http"
	"strconv"
	"time"
)

const (
	// liveHeader is sent by the script that keeps a page up to date.
	liveHeader = "X-Live"
	// goToHeader tells that script which page to go to.
	goToHeader = "X-Go-To"
	// LiveWait is how long a request for a change is kept waiting.
	LiveWait = 25 * time.Second
)

// ErrUnchanged answers the script of a page that nothing is new.
var ErrUnchanged = errors.New("nothing is new")

// After is the version that the script of the page knows; false for a request
// of a person, who wants the page now.
func (v *Visit) After() (int64, bool) {
	if v.Request.Header.Get(liveHeader) == "" {
		return 0, false
	}
	after, err := strconv.ParseInt(v.Request.URL.Query().Get("after"), 10, 64)
	return after, err == nil && after >= 0
}

// goTo tells the script of a page to leave it.
func (v *Visit) goTo(path string) error {
	v.Writer.Header().Set(goToHeader, path)
	v.Writer.WriteHeader(http.StatusNoContent)
	return nil
}
