package api

import (
	"net/http"
	"strconv"
	"time"

	"github.com/gin-gonic/gin"
	"github.com/hashicorp/golang-lru/v2/expirable"

	"github.com/remote-issuance/remote-issuance/api/web"
	"github.com/remote-issuance/remote-issuance/internal/pki/bpki"
)

const (
	// workWithin is how far the header Date of work may be from now.
	workWithin = 5 * time.Minute
	// workRemembered bounds the memory of work that was accepted; it is forgotten
	// once its date is too old anyway.
	workRemembered = 1 << 16
)

// seenWork remembers work that was accepted, so that one message does not keep the
// service busy any number of times.
type seenWork struct {
	nonces *expirable.LRU[string, struct{}]
}

func newSeenWork() seenWork {
	return seenWork{nonces: expirable.NewLRU[string, struct{}](workRemembered, nil, 2*workWithin)}
}

// first tells whether the work was not seen before.
func (s seenWork) first(n bpki.Nonce, body []byte) bool {
	id := bpki.RequestIDOf(body)
	key := string(n.Salt[:]) + string(id[:])
	// Between the two calls another with the same key may come: it costs one more look, no more.
	if s.nonces.Contains(key) {
		return false
	}
	s.nonces.Add(key, struct{}{})
	return true
}

// read reads the body of a process once its work was done (STB 34.101.78, 10.4).
func (r *renewals) read(c *gin.Context) ([]byte, error) {
	if err := web.MediaType(c, mediaTypeCMS); err != nil {
		return nil, err
	}
	body, err := web.Body(c)
	if err != nil {
		return nil, err
	}
	if r.Work > 0 {
		err = r.checkWork(c, body)
	}
	return body, err
}

func (r *renewals) checkWork(c *gin.Context, body []byte) error {
	refused := web.Refuse(web.ProblemWork, nil)
	c.Header("Nonce", strconv.Itoa(r.Work))
	nonces, dates := c.Request.Header.Values("Nonce"), c.Request.Header.Values("Date")
	if len(nonces) != 1 {
		return refused
	}
	if len(dates) != 1 {
		return web.Refuse(web.ProblemDate, nil)
	}
	at, err := http.ParseTime(dates[0])
	if err != nil || at.Sub(r.now()).Abs() > workWithin {
		return web.Refuse(web.ProblemDate, nil)
	}
	n, err := bpki.ParseNonce(nonces[0])
	if err != nil || n.Check(r.Work, dates[0], r.PublicURL+c.FullPath(), body) != nil || !r.seen.first(n, body) {
		return refused
	}
	c.Writer.Header().Del("Nonce")
	return nil
}
