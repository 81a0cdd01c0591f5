package e2e_test

import (
	"bytes"
	"io"
	"net/http"
	"testing"

	"github.com/stretchr/testify/require"
	commonpb "go.temporal.io/api/common/v1"
	"google.golang.org/protobuf/encoding/protojson"

	"github.com/remote-issuance/remote-issuance/internal/audit"
	"github.com/remote-issuance/remote-issuance/internal/postgres"
)

// An operator reads payloads of the Temporal UI, and every reading is audited; nobody else reads any.
func TestOperatorReadsPayloadsAndIsAudited(t *testing.T) {
	w := newWorld(t, all.ordinary(t))
	p := w.employee()
	o := w.waiting(p, w.upload(p, 1))
	temporal := w.temporal()
	events := w.history(temporal, w.workflowOf(temporal, o.Number))
	input := events[0].GetWorkflowExecutionStartedEventAttributes().GetInput()

	before := w.readings()
	status, body := w.decode(w.stack.URLs.Codec, "", input)
	require.Equal(t, http.StatusOK, status, string(body))
	var shown commonpb.Payloads
	require.NoError(t, protojson.Unmarshal(body, &shown))
	require.Contains(t, string(shown.GetPayloads()[0].GetData()), o.ID.String())
	require.Equal(t, before+1, w.readings())

	status, body = w.decode(w.stack.URLs.API+"/codec", p.Token, input)
	require.Equal(t, http.StatusForbidden, status, string(body))
	status, _ = w.decode(w.stack.URLs.API+"/codec", "", input)
	require.Equal(t, http.StatusUnauthorized, status)
	require.Equal(t, before+1, w.readings(), "what is refused is not read")
}

func (w *world) decode(endpoint, token string, payloads *commonpb.Payloads) (int, []byte) {
	w.t.Helper()
	body, err := protojson.Marshal(payloads)
	require.NoError(w.t, err)
	request, err := http.NewRequestWithContext(w.t.Context(), http.MethodPost, endpoint+"/decode", bytes.NewReader(body))
	require.NoError(w.t, err)
	request.Header.Set("Content-Type", "application/json")
	if token != "" {
		request.Header.Set("Authorization", "Bearer "+token)
	}
	response, err := http.DefaultClient.Do(request)
	require.NoError(w.t, err)
	defer func() { _ = response.Body.Close() }()
	answer, err := io.ReadAll(response.Body)
	require.NoError(w.t, err)
	return response.StatusCode, answer
}

// readings counts what the audit log says was decrypted.
func (w *world) readings() int {
	w.t.Helper()
	pool, err := postgres.Connect(w.t.Context(), w.stack.URLs.Database)
	require.NoError(w.t, err)
	defer pool.Close()
	n := 0
	for entry, err := range postgres.NewAudit(pool).Entries(w.t.Context()) {
		require.NoError(w.t, err)
		if entry.Action == audit.ActionPayloadRead {
			n++
		}
	}
	return n
}
