package worker_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/stretchr/testify/mock"
	"github.com/stretchr/testify/require"
	"go.temporal.io/sdk/testsuite"

	"github.com/remote-issuance/remote-issuance/activities"
	"github.com/remote-issuance/remote-issuance/internal/order"
	"github.com/remote-issuance/remote-issuance/internal/postgres"
	"github.com/remote-issuance/remote-issuance/internal/postgres/pgtest"
	"github.com/remote-issuance/remote-issuance/internal/registers"
	"github.com/remote-issuance/remote-issuance/workflows"
)

// spoiled stands where a hostile value will.
const spoiled = "the value that is replaced"

// hostileAnswers are the values on the wire: every kind that once broke a
// database, a payload or a comparison.
var hostileAnswers = []string{
	`"\u0000"`, `"a\u0000b"`, `"\u0007\u001b[2J"`, `"\ud800"`, `"\udc00\ud800"`, "\"\xff\xfe\"", "\"\xed\xa0\x80\"", `"\u202eabc"`, `"\u2066a"`, `"\ufffe"`,
	`"\u200b"`, `""`, `"   "`, `"a\nb"`, `"{{.}}%s"`, `"` + strings.Repeat(`\u0000`, 30<<10) + `"`, `"e` + strings.Repeat("\u0301", 20<<10) + `"`, `null`, `{}`, `1e999`,
}

// ministry is every register behind one address, of which one answer is spoiled
// for so many questions.
type ministry struct {
	mu      sync.Mutex
	answers map[string]string
	path    string
	body    string
	left    int
}

func newMinistry(t *testing.T, files map[string]string) *ministry {
	t.Helper()
	m := &ministry{answers: map[string]string{}}
	for path, file := range files {
		content, err := os.ReadFile(filepath.Join("../internal/registers/testdata", file))
		require.NoError(t, err)
		m.answers[path] = string(content)
	}
	return m
}

// ServeHTTP answers by path.
func (m *ministry) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	m.mu.Lock()
	defer m.mu.Unlock()
	answer, ok := m.answers[r.URL.Path]
	if r.URL.Path == m.path && m.left > 0 {
		answer, m.left = m.body, m.left-1
	}
	if !ok {
		http.NotFound(w, r)
		return
	}
	_, _ = w.Write([]byte(answer))
}

// spoil lets one register answer something else for the next questions.
func (m *ministry) spoil(path, body string, questions int) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.path, m.body, m.left = path, body, questions
}

// checker is what the worker asks the registers with.
func (m *ministry) checker(t *testing.T) *registers.Service {
	t.Helper()
	server := httptest.NewServer(m)
	t.Cleanup(server.Close)
	options := func(path string) registers.Options { return registers.Options{BaseURL: server.URL + path} }
	population, err := registers.NewPopulation(options(""))
	require.NoError(t, err)
	egr, err := registers.NewEGR(options("/api/v2/egr"))
	require.NoError(t, err)
	grp, err := registers.NewGRP(options("/grp/getData"), "2")
	require.NoError(t, err)
	subscribers, err := registers.NewSubscribers(options(""))
	require.NoError(t, err)
	return &registers.Service{Population: population, EGR: egr, Taxpayers: grp, Subscribers: subscribers}
}

// templates give a JSON text once for each value in it, with the mark in its place.
func templates(t *testing.T, raw string) (out []string) {
	t.Helper()
	var whole any
	require.NoError(t, json.Unmarshal([]byte(raw), &whole))
	var walk func(v any, set func(any))
	walk = func(v any, set func(any)) {
		switch v := v.(type) {
		case map[string]any:
			for name, inner := range v {
				walk(inner, func(x any) { v[name] = x })
			}
		case []any:
			for i, inner := range v {
				walk(inner, func(x any) { v[i] = x })
			}
		default:
			set(spoiled)
			text, err := json.Marshal(whole)
			require.NoError(t, err)
			set(v)
			out = append(out, string(text))
		}
	}
	walk(whole, func(any) {})
	return out
}

// secondChecks are orders that wait for their second check, over PostgreSQL.
type secondChecks struct {
	pool    *pgxpool.Pool
	orders  *postgres.Orders
	checker *registers.Service
	made    int
}

// order brings a new order to its second check.
func (c *secondChecks) order(t *testing.T, service order.Service, kind order.Kind, now time.Time) order.Record {
	t.Helper()
	c.made++
	subject := order.Subject{
		Surname: "Образцова", GivenName: "Проба", Patronymic: "Примеровна", CommonName: "Образцова Проба", PersonalNumber: "3010190A001PB9",
		Organisation: "Общество с ограниченной ответственностью «Пример»", Position: "инженер", UNP: "190000020",
	}
	draft, _, err := c.orders.OpenDraft(t.Context(), order.Record{
		ID: order.NewID(), Service: service, Kind: kind, ApplicantKey: fmt.Sprintf("applicant-%d", c.made), UNP: subject.UNP, CertificateID: order.NewID(),
		Language: "ru", StartedAt: now, Policy: order.DefaultPolicy(), Stage: order.StageTerms, Until: order.DefaultPolicy().FinishBy(now),
	})
	require.NoError(t, err)
	_, err = c.orders.Decide(t.Context(), draft.ID, order.AcceptTerms(order.Consent{AgreementVersion: "1", ContractVersion: "2", AcceptedAt: now}))
	require.NoError(t, err)
	id := order.NewID()
	rec, err := c.orders.TakeUpload(t.Context(), draft.ID, order.Upload{
		Request: order.CheckedRequest{
			ID: id, OrderID: draft.ID, Subject: subject, Current: subject, Years: 1, KeyID: fmt.Sprintf("%064x", c.made), CheckedAt: now,
			RequestedStart: order.DateOf(now).AddDays(10), Report: order.Report{{Code: order.CheckFile, Verdict: order.VerdictPassed}},
		},
		Contacts: order.Contacts{Email: "proba@example.by", Phone: "+375291234567"},
	}, order.Document{ID: id, Kind: order.DocumentRequest, MediaType: "application/pkcs10", OwnerKey: draft.ApplicantKey, Content: []byte("request")})
	require.NoError(t, err)
	return rec
}

// run plays the order's workflow, with its real steps, to its end.
func (c *secondChecks) run(t *testing.T, rec order.Record, now time.Time, about string) workflows.OrderResult {
	t.Helper()
	var suite testsuite.WorkflowTestSuite
	suite.SetLogger(quiet{})
	env := suite.NewTestWorkflowEnvironment()
	env.SetStartTime(now)
	env.SetTestTimeout(time.Minute)
	env.RegisterWorkflow(workflows.Order)
	env.RegisterActivity(&activities.Registers{Checker: c.checker, Orders: c.orders, Now: env.Now})
	env.RegisterActivity(&activities.Orders{Store: c.orders, Unapplied: postgres.NewPayables(c.pool)})
	env.OnUpsertTypedSearchAttributes(mock.Anything).Return(nil).Maybe()
	env.ExecuteWorkflow(workflows.Order, workflows.OrderInput{OrderID: rec.ID, Service: rec.Service, Policy: rec.Policy, CheckBy: rec.Until})
	require.True(t, env.IsWorkflowCompleted(), about)
	require.NoError(t, env.GetWorkflowError(), about)
	var res workflows.OrderResult
	require.NoError(t, env.GetWorkflowResult(&res), about)
	return res
}

// quiet drops what workflows and activities log.
type quiet struct{}

func (quiet) Debug(string, ...any) {}
func (quiet) Info(string, ...any)  {}
func (quiet) Warn(string, ...any)  {}
func (quiet) Error(string, ...any) {}

// Every value of every register's answer is once every hostile one, for a few
// questions; then the register is itself again. No task of the workflow fails:
// the order is refused for what differs, or goes on to its next wait, whose term
// passes. What PostgreSQL holds afterwards can be shown.
func TestS7_NoAnswerOfARegisterStopsAWorkflow(t *testing.T) {
	const person, short, grp, subscriber = "/population/v1/persons/3010190A001PB9", "/api/v2/egr/getShortInfoByRegNum/190000020", "/grp/getData", "/subscribers/v1/organisations/190000020"
	tariff, err := order.NewTariff([]order.Price{
		{Service: order.ServiceEmployee, Kind: order.KindEmployee, Years: 1, From: "2020-01-01", Amount: 4320},
		{Service: order.ServiceIndividual, Kind: order.KindIndividual, Years: 1, From: "2020-01-01", Amount: 4320},
	})
	require.NoError(t, err)
	pool := pgtest.New(t)
	m := newMinistry(t, map[string]string{person: "person.json", short: "egr-short-legal.json", grp: "grp-lower.json", subscriber: "subscriber.json"})
	c := &secondChecks{pool: pool, orders: postgres.NewOrders(pool, tariff), checker: m.checker(t)}
	now := time.Now().UTC().Truncate(time.Second)
	good := c.run(t, c.order(t, order.ServiceEmployee, order.KindEmployee, now), now, "nothing hostile")
	require.Equal(t, workflows.OrderResult{End: order.EndAnnulled, Reason: order.ReasonNotConfirmed}, good, "the registers agree")

	ends := map[order.EndReason]int{}
	for path, answer := range m.answers {
		for i, template := range templates(t, answer) {
			for _, value := range hostileAnswers {
				m.spoil(path, strings.Replace(template, `"`+spoiled+`"`, value, 1), 2)
				service, kind := order.ServiceEmployee, order.KindEmployee
				if path == person && i%2 == 0 {
					service, kind = order.ServiceIndividual, order.KindIndividual
				}
				res := c.run(t, c.order(t, service, kind, now), now, fmt.Sprintf("%s with %.40s", path, value))
				require.Contains(t, []order.End{order.EndAnnulled, order.EndRefused}, res.End)
				ends[res.Reason]++
			}
		}
	}
	require.Positive(t, ends[order.ReasonRegistersDiffer], "some hostile values are differences")
	require.Positive(t, ends[order.ReasonNotConfirmed], "some are silence, after which the order goes on")
	require.Positive(t, ends[order.ReasonNotPaid])
	var open int
	require.NoError(t, pool.QueryRow(t.Context(), "SELECT count(*) FROM orders WHERE stage <> 'ended'").Scan(&open))
	require.Zero(t, open)
	pgtest.NothingHostileIsStored(t, pool)
}
