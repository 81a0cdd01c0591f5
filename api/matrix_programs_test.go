package api

import (
	"crypto/sha256"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/remote-issuance/remote-issuance/api/web"
	"github.com/remote-issuance/remote-issuance/internal/auth"
	"github.com/remote-issuance/remote-issuance/internal/order"
	"github.com/remote-issuance/remote-issuance/internal/pki/bpki"
	"github.com/remote-issuance/remote-issuance/internal/postgres"
	"github.com/remote-issuance/remote-issuance/internal/webhook"
)

// programs are those of integrators: asClient for no organisation, asTheirs the
// same program for E's, and others, who find neither one's webhook.
func programs(p *portal, c *cast) []identity {
	forbidden := locked(web.ProblemForbidden)
	client, theirs := c.is(asClient), c.is(asTheirs)
	program := func(subject string, organisation order.UNP, scopes ...auth.Scope) string {
		return p.token(auth.Caller{Subject: subject, UNP: organisation, Scopes: scopes})
	}
	return []identity{
		{name: "a program", token: p.token(client), may: forbidden.program().but(letIn, webhookOfClient)},
		{name: "a program of the organisation", token: p.token(theirs), may: forbidden.program().but(letIn, webhookOfTheirs)},
		{name: "a program that reads events", token: program(client.Subject, "", auth.ScopeEvents), may: forbidden.but(letIn, readEvents)},
		{name: "a program that manages webhooks", token: program(client.Subject, "", auth.ScopeWebhooks),
			may: forbidden.program().but(web.ProblemForbidden, readEvents).but(letIn, webhookOfClient)},
		{name: "the program of the organisation that reads events", token: program(theirs.Subject, theirs.UNP, auth.ScopeEvents),
			may: forbidden.but(letIn, readEvents)},
		{name: "another program", token: p.token(c.is(asOtherClient)), may: forbidden.program()},
		{name: "another program of the organisation", token: p.token(c.elsewhere(c.is(asOtherClient), unp)), may: forbidden.program()},
		{name: "the program of another organisation", token: p.token(c.elsewhere(client, otherUNP)), may: forbidden.program()},
		{name: "a program for an organisation that is none", token: p.token(c.elsewhere(client, "1")), may: locked(web.ProblemToken)},
		{name: "a program named in other letters", token: program(strings.ToUpper(client.Subject), "", client.Scopes...), may: forbidden.program()},
		{name: "a program with scopes that are near", token: p.changed(client, "scope", "events webhooks events:write webhooks Events:read webhooks:manage,events:read"),
			may: forbidden},
		{name: "a program with the gateway's scope", token: program(client.Subject, "", auth.ScopeGateway), may: forbidden.but(letIn, notify)},
		{name: "a program that calls itself an applicant", token: program(client.Subject, "", auth.ScopeEvents, auth.ScopeWebhooks, auth.ScopeApplicant),
			may: locked(web.ProblemToken)},
		{name: "a program that calls itself a manager", token: program(client.Subject, unp, auth.ScopeWebhooks, auth.ScopeManager), may: locked(web.ProblemToken)},
		{name: "the employee who is a program", token: p.token(c.is(asEmployee, auth.ScopeEvents, auth.ScopeWebhooks)), may: forbidden.program()},
		{name: "the head who is a program too", token: p.token(c.is(asManager, auth.ScopeManager, auth.ScopeEvents, auth.ScopeWebhooks)),
			may: forbidden.program().head()},
	}
}

// link is a reminder's link to the order of a sample, which has its id for a name.
func (m *matrix) link(t *testing.T, s *sample) {
	t.Helper()
	digest := sha256.Sum256([]byte(s.ID.String()))
	_, err := m.pool.Exec(t.Context(), "INSERT INTO renewal_links (digest, applicant_key, service, expires_at) VALUES ($1, $2, $3, $4)",
		digest[:], s.ApplicantKey, string(s.Service), m.now.AddDate(0, 1, 0))
	require.NoError(t, err)
}

// rearm puts back what those who may have used up.
func (m *matrix) rearm(t *testing.T) {
	t.Helper()
	_, err := m.pool.Exec(t.Context(), "UPDATE renewal_links SET used_at = NULL")
	require.NoError(t, err)
	webhooks, everyone := postgres.NewWebhooks(m.pool, m.ring), theirs(t)
	for id, token := range map[string]string{m.samples.ofClient: asClient, m.samples.ofTheirs: asTheirs} {
		caller := everyone.tokens[token]
		parsed, malformed := order.ParseID(id)
		require.NoError(t, malformed)
		owner := webhook.Client{Key: m.bundle.server.clientKey(caller), UNP: string(caller.UNP)}
		if _, err = webhooks.Get(t.Context(), owner, parsed); err == nil {
			continue
		}
		require.ErrorIs(t, err, order.ErrNotFound)
		_, _, err = webhooks.Create(t.Context(), webhook.Endpoint{ID: parsed, Client: owner, URL: "http://127.0.0.1:1/sample"}, webhook.NewSecret(), m.now)
		require.NoError(t, err)
	}
}

// rejection is the problem that a response of STB 34.101.78 tells.
func rejection(t *testing.T, r reply) web.Slug {
	t.Helper()
	response, _, err := bpki.OpenResponse(r.Body)
	require.NoError(t, err)
	require.Equal(t, bpki.StatusRejection, response.Status)
	texts, err := web.LoadCatalogue()
	require.NoError(t, err)
	for slug, said := range texts.Pick("").Problems {
		if strings.HasPrefix(response.Comments[0], said[0]+". ") {
			return slug
		}
	}
	t.Fatalf("a rejection for no reason: %q", response.Comments)
	return ""
}
