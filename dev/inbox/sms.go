package inbox

import (
	"crypto/md5"
	"crypto/subtle"
	"encoding/hex"
	"net/http"
	"regexp"
	"strings"
	"unicode/utf8"
)

// maxSMS bounds the text of an SMS, in characters: ten parts of 67, as a Cyrillic text is counted.
const maxSMS = 670

var phonePattern = regexp.MustCompile(`^375(25|29|33|44)[0-9]{7}$`)

// smsSend answers POST /simple/send in the format of rocketsms.by: username, password (hex MD5 of it), phone (375…, no plus), text,
// sender; {"id":…,"status":…} or {"error":…}, both with status 200.
func (s *Server) smsSend(w http.ResponseWriter, r *http.Request) {
	s.faults.wait(r.Context().Done())
	faults := s.faults.get()
	if faults.SMSDown {
		http.Error(w, "service unavailable", http.StatusServiceUnavailable)
		return
	}
	r.Body = http.MaxBytesReader(w, r.Body, maxBody)
	if err := r.ParseForm(); err != nil {
		http.Error(w, "bad request", http.StatusBadRequest)
		return
	}
	if code := s.smsProblem(r, faults); code != "" {
		writeJSON(w, map[string]string{"error": code})
		return
	}
	m, err := s.store.add(Message{Channel: SMS, From: r.PostFormValue("sender"), To: []string{r.PostFormValue("phone")},
		Text: r.PostFormValue("text")})
	if err != nil {
		http.Error(w, "the message cannot be stored", http.StatusInternalServerError)
		return
	}
	if s.faults.losesAnswer(SMS) {
		// The server closes the connection of a handler that ends like this, without an answer and without a log line.
		panic(http.ErrAbortHandler)
	}
	writeJSON(w, map[string]any{"id": m.ID, "status": "QUEUED", "cost": map[string]any{"credits": 1, "money": 0.05}})
}

// smsProblem is the gateway's error code, "" for none.
func (s *Server) smsProblem(r *http.Request, faults Faults) string {
	sum := md5.Sum([]byte(s.opts.SMSPassword)) // the gateway's own format, not a choice
	password := strings.ToLower(r.PostFormValue("password"))
	text := r.PostFormValue("text")
	switch {
	case r.PostFormValue("username") != s.opts.SMSUsername,
		subtle.ConstantTimeCompare([]byte(password), []byte(hex.EncodeToString(sum[:]))) != 1:
		return "ACCESS_DENIED"
	case !phonePattern.MatchString(r.PostFormValue("phone")):
		return "WRONG_PHONE"
	case matches(faults.RejectPhones, r.PostFormValue("phone")):
		return "PHONE_BLOCKED"
	case text == "" || utf8.RuneCountInString(text) > maxSMS:
		return "WRONG_TEXT"
	case len(r.PostFormValue("sender")) > 11:
		return "WRONG_SENDER"
	}
	return ""
}

// smsStatus answers GET /simple/status?id=.
func (s *Server) smsStatus(w http.ResponseWriter, r *http.Request) {
	m, ok := s.find(r.URL.Query().Get("id"))
	if !ok || m.Channel != SMS {
		writeJSON(w, map[string]string{"error": "WRONG_ID"})
		return
	}
	writeJSON(w, map[string]any{"id": m.ID, "status": "DELIVERED"})
}
