package web

import (
	"encoding/base64"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/remote-issuance/remote-issuance/internal/seal"
)

const (
	// cookiePart is the length of one cookie's value; browsers keep 4096 octets with name and attributes.
	cookiePart = 3800
	// cookieParts bounds how many cookies one value is spread over.
	cookieParts = 6
)

// jar reads and writes sealed cookies: values that browsers carry and cannot
// read or change.
type jar struct {
	keys *seal.Keyring
	// secure is false only where the portal is served without TLS, on one machine.
	secure bool
}

// name is the name of a cookie; the prefix makes browsers refuse it from subdomains (RFC 6265bis).
func (j jar) name(base string) string {
	if j.secure {
		return "__Host-" + base
	}
	return base
}

func (j jar) cookie(name, value string, lives time.Duration) *http.Cookie {
	c := &http.Cookie{
		Name: j.name(name), Value: value, Path: "/", HttpOnly: true, Secure: j.secure, SameSite: http.SameSiteLaxMode,
		MaxAge: int(lives / time.Second),
	}
	if c.MaxAge <= 0 {
		c.MaxAge = -1
	}
	return c
}

// put seals a value, bound to its name, and spreads it over as many cookies as it needs.
func (j jar) put(w http.ResponseWriter, r *http.Request, name string, value []byte, lives time.Duration) error {
	sealed, err := j.keys.Seal(value, []byte(name))
	if err != nil {
		return err
	}
	text := base64.RawURLEncoding.EncodeToString(sealed)
	if len(text) > cookiePart*cookieParts {
		return errTooLarge
	}
	n := 0
	for ; text != ""; n++ {
		part := text[:min(len(text), cookiePart)]
		text = text[len(part):]
		http.SetCookie(w, j.cookie(partName(name, n), part, lives))
	}
	j.drop(w, r, name, n)
	return nil
}

// get opens a value; false when there is none, or one that nobody here has sealed.
func (j jar) get(r *http.Request, name string) ([]byte, bool) {
	var text strings.Builder
	for n := range cookieParts {
		c, err := r.Cookie(j.name(partName(name, n)))
		if err != nil {
			break
		}
		text.WriteString(c.Value)
	}
	sealed, err := base64.RawURLEncoding.DecodeString(text.String())
	if err != nil || len(sealed) == 0 {
		return nil, false
	}
	value, err := j.keys.Open(sealed, []byte(name))
	return value, err == nil
}

// drop forgets the parts of a value from one on, as far as the browser sent them.
func (j jar) drop(w http.ResponseWriter, r *http.Request, name string, from int) {
	for n := from; n < cookieParts; n++ {
		if _, err := r.Cookie(j.name(partName(name, n))); err == nil {
			http.SetCookie(w, j.cookie(partName(name, n), "", 0))
		}
	}
}

func partName(name string, n int) string {
	if n == 0 {
		return name
	}
	return name + "-" + strconv.Itoa(n)
}
