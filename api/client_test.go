package api

import (
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/remote-issuance/remote-issuance/api/contract"
	"github.com/remote-issuance/remote-issuance/api/web"
	"github.com/remote-issuance/remote-issuance/internal/events"
	"github.com/remote-issuance/remote-issuance/internal/order"
	"github.com/remote-issuance/remote-issuance/internal/postgres"
	"github.com/remote-issuance/remote-issuance/internal/webhook"
)

func (b *bundle) events(path, token string) contract.EventPage {
	b.t.Helper()
	var page contract.EventPage
	b.get(path, token).is(http.StatusOK, &page)
	return page
}

func TestProgramsReadWhatHasChanged(t *testing.T) {
	b := setup(t)
	require.Empty(t, b.events("/v1/events", asClient).Events)
	s := b.at(order.StageAwaitingApproval, asEmployee)
	b.at(order.StageTerms, asIndividual)
	var all []contract.Event
	for page := b.events("/v1/events?limit=2", asClient); len(page.Events) > 0; page = b.events(fmt.Sprintf("/v1/events?limit=2&after=%d", page.Next), asClient) {
		all = append(all, page.Events...)
	}
	require.Len(t, all, 5)
	last := all[3]
	require.Equal(t, events.TypeOrderAwaitingApproval, last.Type)
	require.Equal(t, s.ID, last.Data.ID)
	require.Equal(t, b.get(s.path(), asEmployee).order(http.StatusOK).Version, last.Data.Version)
	theirs := b.events("/v1/events", asTheirs)
	require.Equal(t, all[:4], theirs.Events, "those of the organisation")
	require.EqualValues(t, 5, theirs.Next)

	for _, query := range []string{"limit=0", "limit=501", "limit=x", "after=-1", "after=x", "wait=1h", "after=99999999999999999999"} {
		b.get("/v1/events?"+query, asClient).problem(web.ProblemValidation)
	}
	b.get("/v1/events?after=6", asClient).problem(web.ProblemEventsForgotten)
}

func TestProgramsWaitForWhatChanges(t *testing.T) {
	b := setup(t)
	answers := make(chan contract.EventPage, 1)
	go func() { answers <- b.events("/v1/events?wait=30s", asClient) }()
	require.Equal(t, string(postgres.ChannelEvents), <-b.changes.subscribed)
	b.changes.wake(string(postgres.ChannelEvents)) // nothing yet
	b.at(order.StageTerms, asIndividual)
	b.changes.wake(string(postgres.ChannelEvents))
	page := <-answers
	require.Len(t, page.Events, 1)
	require.EqualValues(t, 1, page.Next)
	require.Empty(t, b.events("/v1/events?wait=10ms&after=1", asClient).Events)
}

func (b *bundle) webhook(token, body string) contract.CreatedWebhook {
	b.t.Helper()
	var made contract.CreatedWebhook
	b.post("/v1/webhooks", token, body).is(http.StatusCreated, &made)
	return made
}

func TestTheLifeOfAWebhook(t *testing.T) {
	b := setup(t)
	made := b.webhook(asClient, `{"url":"http://127.0.0.1:1/hook","types":["order.issued"],"description":"архив"}`)
	require.True(t, strings.HasPrefix(made.Secret, "whsec_"))
	require.Equal(t, contract.WebhookEnabled, made.Webhook.State)
	path := "/v1/webhooks/" + made.Webhook.ID.String()
	var got contract.Webhook
	b.get(path, asClient).is(http.StatusOK, &got)
	require.Equal(t, made.Webhook, got)
	require.NotContains(t, string(b.get(path, asClient).Body), made.Secret[6:])

	b.post("/v1/webhooks", asClient, `{"url":"http://127.0.0.1:1/hook"}`).problem(web.ProblemWebhookExists)
	var rotated contract.WebhookSecret
	b.post(path+"/secret", asClient, "").is(http.StatusOK, &rotated)
	require.NotEqual(t, made.Secret, rotated.Secret)
	require.WithinDuration(t, b.now.Add(webhook.Overlap), rotated.OldSecretUntil, time.Second)

	b.ask(http.MethodPatch, path, asClient, "application/json", `{"types":[],"enabled":false}`).is(http.StatusOK, &got)
	require.Empty(t, got.Types)
	require.Equal(t, contract.WebhookCauseClient, got.Cause)
	require.Equal(t, "архив", got.Description, "what is not named stays")
	b.post(path+"/test", asClient, "").problem(web.ProblemWebhookDisabled)
	b.ask(http.MethodPatch, path, asClient, "application/json", `{"enabled":true}`).is(http.StatusOK, &got)
	require.Equal(t, contract.WebhookEnabled, got.State)
	b.post(path+"/test", asClient, "").is(http.StatusAccepted)
	var list contract.WebhookDeliveries
	b.get(path+"/deliveries", asClient).is(http.StatusOK, &list)
	require.Len(t, list.Deliveries, 1)
	require.Equal(t, events.TypeTest, list.Deliveries[0].Event.Type)
	require.Equal(t, contract.DeliveryPending, list.Deliveries[0].State)

	var all contract.WebhookList
	b.get("/v1/webhooks", asClient).is(http.StatusOK, &all)
	require.Len(t, all.Webhooks, 1)
	b.ask(http.MethodDelete, path, asClient, "", "").is(http.StatusNoContent)
	b.get(path, asClient).problem(web.ProblemNotFound)
}

func TestEventsAreReplayedToAWebhook(t *testing.T) {
	b := setup(t)
	b.at(order.StageAwaitingApproval, asEmployee)
	page := b.events("/v1/events", asClient)
	path := "/v1/webhooks/" + b.webhook(asClient, `{"url":"http://127.0.0.1:1/hook"}`).Webhook.ID.String()
	var replay contract.WebhookReplay
	b.post(path+"/replay?after=1", asClient, "").is(http.StatusAccepted, &replay)
	require.Equal(t, contract.WebhookReplay{Queued: 3, Until: 4}, replay)
	b.post(path+"/events/"+page.Events[0].ID+"/replay", asClient, "").is(http.StatusAccepted, &replay)
	require.Equal(t, contract.WebhookReplay{Queued: 1, Until: 1}, replay)
	var list contract.WebhookDeliveries
	b.get(path+"/deliveries?state=pending&limit=2&before=4", asClient).is(http.StatusOK, &list)
	require.Len(t, list.Deliveries, 2)
	require.EqualValues(t, 3, list.Deliveries[0].Event.Position)

	b.post(path+"/replay?after=9", asClient, "").problem(web.ProblemEventsForgotten)
	for _, bad := range []string{"/replay", "/replay?after=-1", "/replay?after=x"} {
		b.post(path+bad, asClient, "").problem(web.ProblemValidation)
	}
	for _, id := range []string{"evt_1_ffffffff", "evt_99_" + page.Events[0].ID[6:], "1", "evt_01_00000000"} {
		b.post(path+"/events/"+id+"/replay", asClient, "").problem(web.ProblemNotFound)
	}
	for _, query := range []string{"state=lost", "limit=0", "limit=101", "before=0", "before=x"} {
		b.get(path+"/deliveries?"+query, asClient).problem(web.ProblemValidation)
	}
}

func TestWebhooksOfOthersAreNotThere(t *testing.T) {
	b := setup(t)
	path := "/v1/webhooks/" + b.webhook(asClient, `{"url":"http://127.0.0.1:1/hook"}`).Webhook.ID.String()
	for _, token := range []string{asOtherClient, asTheirs} {
		for _, route := range []string{
			"GET ", "DELETE ", "PATCH ", "POST /secret", "POST /test", "POST /replay?after=0", "POST /events/evt_1_00000000/replay", "GET /deliveries",
		} {
			method, rest, _ := strings.Cut(route, " ")
			b.ask(method, path+rest, token, "", "").problem(web.ProblemNotFound)
		}
	}
	b.get(path, asClient).is(http.StatusOK)
}

func TestWhatIsWrongWithAWebhookIsNamed(t *testing.T) {
	b := setup(t)
	for body, field := range map[string]string{
		`{}`:                                                    "url",
		`{"url":"http://example.by/"}`:                          "url",
		`{"url":"https://10.0.0.1/"}`:                           "url",
		`{"url":"https://[::ffff:a00:1]/"}`:                     "url",
		`{"url":"https://169.254.169.254/"}`:                    "url",
		`{"url":"https://127.0.0.1/","types":["order.lost"]}`:   "types",
		`{"url":"https://127.0.0.1/","types":["webhook.test"]}`: "types",
		`{"url":"https://127.0.0.1/","types":["payment.paid","payment.paid"]}`:          "types",
		`{"url":"https://127.0.0.1/","description":"` + strings.Repeat("я", 201) + `"}`: "description",
		`{"url":"https://127.0.0.1/\u0000"}`:                                            "url",
	} {
		p := b.post("/v1/webhooks", asClient, body).problem(web.ProblemValidation)
		require.Len(t, p.Errors, 1, body)
		require.Equal(t, field, p.Errors[0].Field, body)
		require.NotEmpty(t, p.Errors[0].Detail)
	}
	path := "/v1/webhooks/" + b.webhook(asClient, `{"url":"https://127.0.0.1/"}`).Webhook.ID.String()
	b.ask(http.MethodPatch, path, asClient, "application/json", `{"types":["x"]}`).problem(web.ProblemValidation)
	b.ask(http.MethodPatch, path, asClient, "application/json", `{"url":"https://127.0.0.1/2"}`).problem(web.ProblemMalformed)
	for i := range webhook.MostEndpoints - 1 {
		b.webhook(asClient, fmt.Sprintf(`{"url":"https://127.0.0.1/%d"}`, i))
	}
	b.post("/v1/webhooks", asClient, `{"url":"https://127.0.0.1/one-more"}`).problem(web.ProblemTooManyWebhooks)
}
