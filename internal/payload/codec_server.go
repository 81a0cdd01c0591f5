package payload

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"

	commonpb "go.temporal.io/api/common/v1"
	"google.golang.org/protobuf/encoding/protojson"
)

// maxDecodeBody bounds a request of the Temporal UI, which asks page by page.
const maxDecodeBody = 8 << 20

// Errors an Authorize function wraps where a plain "not signed in" (401) is
// not the answer.
var (
	// ErrForbidden: signed in, but not as an operator (403).
	ErrForbidden = errors.New("only an operator may read payloads")
	// ErrAuthorityUnavailable: nobody can be told apart at the moment (503).
	ErrAuthorityUnavailable = errors.New("the operator cannot be verified at the moment")
)

// CodecOptions are what a CodecHandler needs; all are required.
type CodecOptions struct {
	Cache *Cache
	// Origin is the Temporal UI's scheme, host and port: https://temporal.example.by.
	Origin string
	// Authorize names the operator who asks, or refuses.
	Authorize func(*http.Request) (operator string, err error)
	// Audit records a reading before anything is shown; its error (503) shows nothing.
	Audit func(context.Context, Reading) error
}

// CodecHandler is the remote codec of the Temporal UI: POST …/decode shows
// payloads to an authorised operator and records every reading. Encoding is
// refused: nobody puts values into an order by way of the UI.
type CodecHandler struct{ o CodecOptions }

// NewCodecHandler refuses incomplete options.
func NewCodecHandler(o CodecOptions) (*CodecHandler, error) {
	if o.Cache == nil || o.Authorize == nil || o.Audit == nil {
		return nil, errors.New("codec endpoint: cache, authorisation and audit are needed")
	}
	if o.Origin == "" || o.Origin == "*" || strings.HasSuffix(o.Origin, "/") {
		return nil, errors.New("codec endpoint: the origin of the Temporal UI is needed, without a closing slash")
	}
	return &CodecHandler{o: o}, nil
}

// ServeHTTP answers preflights, decodes, and refuses the rest as problem documents (RFC 9457).
func (h *CodecHandler) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	h.allowOrigin(w.Header(), r)
	switch {
	case r.Method == http.MethodOptions:
		w.WriteHeader(http.StatusNoContent)
	case strings.HasSuffix(r.URL.Path, "/encode"):
		problem(w, http.StatusForbidden, "payloads are not encoded here")
	case !strings.HasSuffix(r.URL.Path, "/decode"):
		problem(w, http.StatusNotFound, "only …/decode is served")
	case r.Method != http.MethodPost:
		w.Header().Set("Allow", "POST, OPTIONS")
		problem(w, http.StatusMethodNotAllowed, "use POST")
	default:
		h.decode(w, r)
	}
}

func (h *CodecHandler) allowOrigin(header http.Header, r *http.Request) {
	header.Add("Vary", "Origin")
	header.Set("Cache-Control", "no-store")
	if r.Header.Get("Origin") != h.o.Origin {
		return
	}
	header.Set("Access-Control-Allow-Origin", h.o.Origin)
	header.Set("Access-Control-Allow-Credentials", "true")
	header.Set("Access-Control-Allow-Methods", "POST, OPTIONS")
	header.Set("Access-Control-Allow-Headers", "Authorization, Authorization-Extras, Content-Type, X-Namespace")
	header.Set("Access-Control-Max-Age", "600")
}

func (h *CodecHandler) decode(w http.ResponseWriter, r *http.Request) {
	operator, err := h.o.Authorize(r)
	if err != nil || operator == "" {
		refuse(w, err)
		return
	}
	payloads, status, err := readPayloads(w, r)
	if err != nil {
		problem(w, status, err.Error())
		return
	}
	shown, items, err := h.o.Cache.show(r.Context(), payloads)
	if err != nil {
		problem(w, http.StatusServiceUnavailable, ErrKeysUnavailable.Error())
		return
	}
	reading := Reading{Operator: operator, Namespace: r.Header.Get("X-Namespace"), Items: items}
	if len(items) > 0 {
		if err := h.o.Audit(r.Context(), reading); err != nil {
			problem(w, http.StatusServiceUnavailable, "the reading could not be recorded, so nothing is shown")
			return
		}
	}
	body, err := protojson.Marshal(&commonpb.Payloads{Payloads: shown})
	if err != nil {
		problem(w, http.StatusInternalServerError, "the answer could not be written")
		return
	}
	w.Header().Set("Content-Type", "application/json")
	_, _ = w.Write(body)
}

func readPayloads(w http.ResponseWriter, r *http.Request) ([]*commonpb.Payload, int, error) {
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, maxDecodeBody))
	if tooLarge := (*http.MaxBytesError)(nil); errors.As(err, &tooLarge) {
		return nil, http.StatusRequestEntityTooLarge, fmt.Errorf("the body is larger than %d bytes", maxDecodeBody)
	}
	if err != nil {
		return nil, http.StatusBadRequest, errors.New("the body could not be read")
	}
	var in commonpb.Payloads
	if err := (protojson.UnmarshalOptions{DiscardUnknown: true}).Unmarshal(body, &in); err != nil {
		return nil, http.StatusBadRequest, errors.New("the body is not a list of Temporal payloads")
	}
	return in.GetPayloads(), http.StatusOK, nil
}

func refuse(w http.ResponseWriter, err error) {
	switch {
	case errors.Is(err, ErrForbidden):
		problem(w, http.StatusForbidden, ErrForbidden.Error())
	case errors.Is(err, ErrAuthorityUnavailable):
		problem(w, http.StatusServiceUnavailable, ErrAuthorityUnavailable.Error())
	default:
		w.Header().Set("WWW-Authenticate", "Bearer")
		problem(w, http.StatusUnauthorized, "an operator's bearer token is needed")
	}
}

func problem(w http.ResponseWriter, status int, detail string) {
	w.Header().Set("Content-Type", "application/problem+json")
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(map[string]any{
		"type": "about:blank", "title": http.StatusText(status), "status": status, "detail": detail,
	})
}
