package web

import (
	"errors"
	"io"
	"net/http"
	"time"

	"github.com/gin-gonic/gin"
)

// Deadlines of one exchange; those of the header and of idle connections are
// the server's (see Serve).
const (
	// bodyWithin is how long a body may take to arrive.
	bodyWithin = 20 * time.Second
	// largeBody is the size in octets from which largeBodyWithin holds.
	largeBody       = 1 << 20
	largeBodyWithin = 2 * time.Minute
	// answerWithin is how long an answer may take to be made and read; longer
	// than anybody can wait for a change.
	answerWithin = maxWait + time.Minute
)

// Deadlines give up a caller whose body comes too slowly, or who does not read
// the answer: 200 of them hold nothing for long.
func Deadlines() gin.HandlerFunc { return deadlines(bodyWithin, largeBodyWithin, answerWithin) }

func deadlines(body, large, answer time.Duration) gin.HandlerFunc {
	return func(c *gin.Context) {
		connection := http.NewResponseController(c.Writer)
		// Where the connection knows no deadlines (a recorder of tests) there are none.
		_ = connection.SetWriteDeadline(time.Now().Add(answer))
		if c.Request.ContentLength == 0 {
			return
		}
		within := body
		if c.Request.ContentLength > largeBody {
			within = large
		}
		_ = connection.SetReadDeadline(time.Now().Add(within))
		c.Request.Body = &timedBody{ReadCloser: c.Request.Body, connection: connection}
	}
}

// timedBody lifts the deadline of reading at the end of the body: one that
// passes later would end the request's context.
type timedBody struct {
	io.ReadCloser
	connection *http.ResponseController
	done       bool
}

// Read reads on until the deadline.
func (b *timedBody) Read(p []byte) (int, error) {
	n, err := b.ReadCloser.Read(p)
	if errors.Is(err, io.EOF) && !b.done {
		b.done = true
		_ = b.connection.SetReadDeadline(time.Time{})
	}
	return n, err
}

// LimitBody refuses a body that says it is too large before any of it is
// read, and one that does not say so when it turns out to be.
func (r *Responder) LimitBody(limit int64) gin.HandlerFunc {
	return func(c *gin.Context) {
		if c.Request.ContentLength > limit {
			r.Fail(c, Refuse(ProblemTooLarge, nil))
			return
		}
		c.Request.Body = http.MaxBytesReader(c.Writer, c.Request.Body, limit)
	}
}
