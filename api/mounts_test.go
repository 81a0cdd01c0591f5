package api

import (
	"net/http"
	"net/http/httptest"
	"testing"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"github.com/remote-issuance/remote-issuance/api/web"
	"github.com/remote-issuance/remote-issuance/internal/audit"
	"github.com/remote-issuance/remote-issuance/internal/auth"
	"github.com/remote-issuance/remote-issuance/internal/payload"
)

func TestOnlyOperatorsReadPayloads(t *testing.T) {
	b := setup(t)
	for token, want := range map[string]error{
		"": auth.ErrNoToken, "Bearer unknown": auth.ErrToken, "Bearer nobody-to-ask": payload.ErrAuthorityUnavailable,
		asManager: payload.ErrForbidden, asGateway: payload.ErrForbidden, asOperator: nil,
	} {
		r := httptest.NewRequest(http.MethodPost, "/codec/decode", nil)
		if token != "" {
			r.Header.Set("Authorization", token)
		}
		operator, err := operatorOf(r, b.deps)
		if want != nil {
			require.ErrorIs(t, err, want, token)
			require.Empty(t, operator)
			continue
		}
		require.NoError(t, err)
		require.Equal(t, hash("operator\x00operator"), operator, "a keyed hash, not the subject")
	}
}

func TestEveryReadingOfPayloadsIsAudited(t *testing.T) {
	b := setup(t)
	first, erased := uuid.New(), uuid.New()
	reading := payload.Reading{Operator: "somebody", Items: []payload.ReadItem{
		{KeyID: first, WorkflowID: "order-6.0.01-00ff", Payloads: 2, Shown: 2}, {KeyID: erased, Payloads: 1},
	}}
	require.NoError(t, auditPayload(t.Context(), b.deps, reading))
	var read []audit.Evidence
	for entry, err := range b.audit.Entries(t.Context()) {
		require.NoError(t, err)
		if entry.Action == audit.ActionPayloadRead {
			require.Equal(t, audit.Actor{Kind: audit.ActorOperator, ID: "somebody"}, entry.Actor)
			read = append(read, entry.Evidence)
		}
	}
	require.Equal(t, []audit.Evidence{{"key": first.String(), "workflow": "order-6.0.01-00ff"}, {"key": erased.String()}}, read)
}

func TestMountsTakeEverythingBelowTheirPath(t *testing.T) {
	b := setup(t)
	d := b.deps
	d.Mount = map[string]http.Handler{"/page": http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		_, _ = w.Write([]byte(r.Method + " " + r.URL.Path))
	})}
	b.serve(d)
	for _, path := range []string{"/page", "/page/", "/page/a/b"} {
		w := httptest.NewRecorder()
		b.handler.ServeHTTP(w, httptest.NewRequest(http.MethodPost, path, nil))
		require.Equal(t, http.StatusOK, w.Code)
		require.Equal(t, "POST "+path, w.Body.String())
		require.Equal(t, "nosniff", w.Header().Get("X-Content-Type-Options"))
	}
	b.get("/pages", "").problem(web.ProblemNotFound)
}
