package api

import (
	"bytes"
	"encoding/json"
	"io"
	"mime"
	"net/http"
	"path"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/remote-issuance/remote-issuance/internal/payments/charset"
)

// recorder keeps what the handlers answer for the examples of the contract: of
// each name that the contract refers to the first exchange that has it.
type recorder struct {
	t      *testing.T
	wanted map[string]bool
	stable *stable
	// found are the examples by name: what a JSON body says, or a text.
	found map[string]any
}

func newRecorder(t *testing.T, wanted map[string]bool, now time.Time) *recorder {
	t.Helper()
	return &recorder{t: t, wanted: wanted, found: map[string]any{}, stable: newStable(now)}
}

// exchange sends a request of somebody who reads English.
func (r *recorder) exchange(h http.Handler, req *http.Request) reply {
	r.t.Helper()
	if req.Header.Get("Accept-Language") == "" {
		req.Header.Set("Accept-Language", "en")
	}
	asked := r.asked(req)
	out := exchange(r.t, h, req)
	c, err := compiled()
	require.NoError(r.t, err)
	id, known := c.Operation(req.Method, req.URL.Path)
	if asked != nil && out.Status < http.StatusBadRequest {
		r.keep(id+"-request", asked)
	}
	mediaType, _, _ := mime.ParseMediaType(out.Header.Get("Content-Type"))
	answer := r.read(mediaType, out.Body)
	if answer == nil {
		return out
	}
	if mediaType == "application/problem+json" {
		kind, _ := answer.(map[string]any)["type"].(string)
		r.keep("problem-"+path.Base(kind), answer)
	}
	if known {
		r.keep(exampleName(id, strconv.Itoa(out.Status), mediaType), answer)
		r.holds(req, out, asked, answer)
	}
	return out
}

// exampleName is how the contract calls the example of a response.
func exampleName(operation, status, mediaType string) string {
	name := operation + "-" + status
	if suffix := strings.NewReplacer("text/", "", "application/", "").Replace(mediaType); suffix != "json" && suffix != "problem+json" {
		name += "-" + suffix
	}
	return name
}

// asked is the JSON body of a request that can be read twice.
func (r *recorder) asked(req *http.Request) any {
	r.t.Helper()
	if req.Header.Get("Content-Type") != "application/json" || req.GetBody == nil {
		return nil
	}
	again, err := req.GetBody()
	require.NoError(r.t, err)
	raw, err := io.ReadAll(again)
	require.NoError(r.t, err)
	if !json.Valid(raw) {
		return nil
	}
	return r.read("application/json", raw)
}

// beginning is how much of a document that is no text is shown.
const beginning = 3

// styles and rows are what is long in a page, and what nobody looks for in a contract.
var (
	styles = regexp.MustCompile(`(?s)<style>.*</style>`)
	rows   = regexp.MustCompile(`(?s)((?:<li>[^\n]*</li>\n){2})<li>.*</li>`)
)

// read is a body as an example has it; nil for what has none. Of pages styles
// and most rows are left out, of other documents all but the first lines.
func (r *recorder) read(mediaType string, body []byte) any {
	r.t.Helper()
	switch mediaType {
	case "application/json", "application/problem+json":
		d := json.NewDecoder(bytes.NewReader(body))
		d.UseNumber()
		var v any
		require.NoError(r.t, d.Decode(&v), "%s", body)
		return v
	case "text/xml", "application/xml", "text/plain":
		return strings.TrimSpace(charset.Text(body))
	case "text/html":
		return rows.ReplaceAllString(styles.ReplaceAllString(string(body), "<style>…</style>"), "$1<li>…</li>")
	case "application/yaml":
		return strings.Join(strings.SplitN(string(body), "\n", beginning+1)[:beginning], "\n") + "\n…"
	case "application/pdf":
		first, _, _ := strings.Cut(string(body), "\n")
		return strings.TrimSpace(first) + "…"
	default:
		return nil
	}
}

func (r *recorder) keep(name string, v any) {
	if _, already := r.found[name]; r.wanted[name] && !already {
		r.found[name] = r.stable.value("", v)
	}
}

// holds holds the examples that stand for an exchange against the contract, as
// the exchange itself was: what was made stable is still as documented.
func (r *recorder) holds(req *http.Request, out reply, asked, answer any) {
	r.t.Helper()
	if _, text := answer.(string); text {
		return
	}
	again := req.Clone(req.Context())
	if asked != nil {
		raw := r.written(asked)
		again.GetBody = func() (io.ReadCloser, error) { return io.NopCloser(bytes.NewReader(raw)), nil }
	}
	c, err := compiled()
	require.NoError(r.t, err)
	body := r.written(answer)
	require.NoError(r.t, c.Check(again, &http.Response{StatusCode: out.Status, Header: out.Header}, body), "%s", body)
}

// written is a value as JSON once it was made stable.
func (r *recorder) written(v any) []byte {
	r.t.Helper()
	raw, err := json.Marshal(newStable(r.stable.now).value("", v))
	require.NoError(r.t, err)
	return raw
}

// stable puts the same in the place of what is another in every run: ids,
// digests, secrets, and instants that the database's own clock gave.
type stable struct {
	now, began time.Time
	ids        map[string]string
}

func newStable(now time.Time) *stable {
	return &stable{now: now, began: time.Now(), ids: map[string]string{}}
}

// fixed are members whose values are random, and what is shown instead.
var fixed = map[string]string{
	"login":    "RC-7K3M-0V9Q",
	"password": "4T8W-K2HN-91CX-M5RD",
	"secret":   "whsec_VGhlIHNlY3JldCBvZiBhbiBleGFtcGxlLCAzMiBvLg==",
	"instance": "urn:uuid:00000000-0000-4000-8000-000000000000",
	"qrSvg":    `<svg xmlns="http://www.w3.org/2000/svg">…</svg>`,
	// The certificate of the renewal's service; that of an order is an object.
	"certificate": "dGhlIGNlcnRpZmljYXRlIG9mIHRoZSBzZXJ2aWNlLCBpbiBERVI=",
}

var (
	randomUUID   = regexp.MustCompile(`\b[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[0-9a-f]{4}-[0-9a-f]{12}\b`)
	randomDigest = regexp.MustCompile(`\b[0-9a-f]{64}\b`)
	randomSerial = regexp.MustCompile(`\b[0-9a-f]{32}\b`)
	randomEvent  = regexp.MustCompile(`\bevt_(\d+)_[0-9a-f]{8}\b`)
)

func (s *stable) value(member string, v any) any {
	switch v := v.(type) {
	case map[string]any:
		out := make(map[string]any, len(v))
		for _, name := range sortedNames(v) {
			out[name] = s.value(name, v[name])
		}
		return out
	case []any:
		out := make([]any, 0, len(v))
		for _, e := range v {
			out = append(out, s.value(member, e))
		}
		return out
	case json.Number:
		n, err := v.Int64()
		if err != nil {
			return v.String()
		}
		return n
	case string:
		if text, random := fixed[member]; random {
			return text
		}
		return s.text(v)
	default:
		return v
	}
}

func (s *stable) text(v string) string {
	if at, err := time.Parse(time.RFC3339Nano, v); err == nil {
		if at.After(s.began.Add(-time.Hour)) && at.Before(s.began.Add(time.Hour)) {
			at = s.now
		}
		return at.In(s.now.Location()).Format(time.RFC3339)
	}
	v = randomUUID.ReplaceAllStringFunc(v, func(id string) string { return s.numbered(id, "00000000-0000-4000-8000-%012d") })
	v = randomSerial.ReplaceAllStringFunc(v, func(serial string) string { return s.numbered(serial, "%032d") })
	v = randomDigest.ReplaceAllStringFunc(v, func(digest string) string { return s.numbered(digest, "%064d") })
	return randomEvent.ReplaceAllString(v, "evt_${1}_3f9a1c22")
}
