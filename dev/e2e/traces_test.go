package e2e_test

import (
	"io"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	collector "go.opentelemetry.io/proto/otlp/collector/trace/v1"
	v1 "go.opentelemetry.io/proto/otlp/trace/v1"
	"google.golang.org/protobuf/proto"

	"github.com/remote-issuance/remote-issuance/dev/caller"
	"github.com/remote-issuance/remote-issuance/internal/order"
)

// spans takes what the ordinary stack's processes send by OTLP.
type spans struct {
	mu     sync.Mutex
	server *httptest.Server
	traces map[string][]*v1.Span
}

func (s *spans) url() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.server == nil {
		s.traces = map[string][]*v1.Span{}
		s.server = httptest.NewServer(http.HandlerFunc(s.take))
	}
	return s.server.URL + "/v1/traces"
}

func (s *spans) take(w http.ResponseWriter, r *http.Request) {
	var sent collector.ExportTraceServiceRequest
	body, err := io.ReadAll(r.Body)
	if err != nil || proto.Unmarshal(body, &sent) != nil {
		w.WriteHeader(http.StatusBadRequest)
		return
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, resource := range sent.GetResourceSpans() {
		for _, scope := range resource.GetScopeSpans() {
			for _, span := range scope.GetSpans() {
				id := string(span.GetTraceId())
				s.traces[id] = append(s.traces[id], span)
			}
		}
	}
}

// of are the spans of every trace in which the text is an attribute.
func (s *spans) of(text string) []*v1.Span {
	s.mu.Lock()
	defer s.mu.Unlock()
	var out []*v1.Span
	for _, trace := range s.traces {
		if slices.ContainsFunc(trace, func(span *v1.Span) bool { return hasAttribute(span, text) }) {
			out = append(out, trace...)
		}
	}
	return out
}

func hasAttribute(span *v1.Span, text string) bool {
	for _, a := range span.GetAttributes() {
		if a.GetValue().GetStringValue() == text {
			return true
		}
	}
	return false
}

// The id of an order finds its traces, from the request over workflow and activities to the statements; none names a person.
func TestAnOrderIsFoundInTheTraces(t *testing.T) {
	w := newWorld(t, all.ordinary(t))
	p := w.private(order.KindIndividual)
	o := w.waiting(p, w.upload(p, 1))
	w.paid(p, caller.OfOrder(o.ID))
	w.issued(p, o.ID)
	workflowID := w.workflowOf(w.temporal(), o.Number)

	var found []*v1.Span
	wanted := []string{"POST /v1/orders/:id/request", "StartWorkflow:", "RunActivity:IssueCertificate", "population", "SELECT"}
	missing := func() []string {
		found = append(all.spans.of(o.ID.String()), all.spans.of(workflowID)...)
		return slices.DeleteFunc(slices.Clone(wanted), func(name string) bool {
			return slices.ContainsFunc(found, func(s *v1.Span) bool { return strings.HasPrefix(s.GetName(), name) })
		})
	}
	require.Eventually(t, func() bool { return len(missing()) == 0 }, 20*time.Second, 100*time.Millisecond, "spans are missing")
	for _, span := range found {
		text := span.String()
		for _, personal := range []string{p.Subject.PersonalNumber, p.Subject.Surname, p.Subject.Email, strings.TrimPrefix(p.Phone, "+")} {
			require.NotEmpty(t, personal)
			require.NotContains(t, text, personal, span.GetName())
		}
	}
}
