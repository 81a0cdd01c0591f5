package applicant_test

import (
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/remote-issuance/remote-issuance/portal/portaltest"
)

func TestProblemsOfTheAPIAreToldInWords(t *testing.T) {
	for slug, c := range map[string]struct {
		status int
		text   string
	}{
		"id-card": {http.StatusForbidden, "С ID-картой услуга не оказывается"}, "representative": {http.StatusForbidden, "только сам владелец"},
		"too-many-open-orders": {http.StatusConflict, "слишком много заказов"}, "unavailable": {http.StatusServiceUnavailable, "Ничего не потеряно"},
		"nobody-knows-this-one": {http.StatusConflict, "title of nobody-knows-this-one"},
	} {
		t.Run(slug, func(t *testing.T) {
			b := setup(t)
			b.stack.API.Fail(http.MethodPost, "/v1/orders", portaltest.Problem(c.status, slug))
			b.post("/orders", url.Values{"service": {"6.0.01"}, "key": {"k"}}).is(c.status).has(c.text)
		})
	}
}

func TestFieldsThatTheAPIRefusesAreMarked(t *testing.T) {
	b := setup(t)
	p := portaltest.Problem(http.StatusUnprocessableEntity, "validation")
	p.Errors = append(p.Errors, struct {
		Detail string `json:"detail"`
		Field  string `json:"field"`
	}{"нужен другой адрес", "email"})
	b.stack.API.Fail(http.MethodPost, "/request", p)
	b.upload("request", []byte("x"), contacts()).is(http.StatusUnprocessableEntity).has("нужен другой адрес", `href="#email"`)
}

func TestAnUploadThatTheServiceCannotTakeLosesNothingTyped(t *testing.T) {
	for slug, status := range map[string]int{"unavailable": http.StatusServiceUnavailable, "too-many-requests": http.StatusTooManyRequests} {
		b := setup(t)
		b.stack.API.Fail(http.MethodPost, "/request", portaltest.Problem(status, slug))
		values := url.Values{"email": {"typed@example.by"}, "phone": {"+375291112233"}, "years": {"2"}}
		b.upload("request", []byte("x"), values).is(status).has(`value="typed@example.by"`, `value="2" checked`, "выберите файл ещё раз")
	}
}

func TestAnOrderThatExpiredMeanwhileShowsItsEnd(t *testing.T) {
	b := setup(t)
	token := b.token()
	b.stack.API.Change(portaltest.IDOf("request"), func(s *portaltest.State) {
		s.Order.Stage, s.Order.End, s.Order.Reason = "ended", "annulled", "not-finished"
	})
	values := contacts()
	values.Set("csrf", token)
	b.upload("request", []byte("x"), values).is(http.StatusOK).at(pathOf("request") + "/ended").has("Заказ не завершён в срок")
}

func TestTheAPIAwayIsToldAndNothingIsLost(t *testing.T) {
	b := setup(t)
	b.stack.CloseAPI()
	b.get("/orders").is(http.StatusServiceUnavailable).has("Сервис сейчас не отвечает", `href="/orders"`)
	b.get(pathOf("checking")+"/checks?after=1", "X-Live", "1").is(http.StatusServiceUnavailable)
}

func TestALostSessionKeepsWhatWasTyped(t *testing.T) {
	b := setup(t)
	token := b.token()
	kept := b.browser.Jar
	fresh, err := cookiejar.New(nil)
	require.NoError(t, err)
	b.browser.Jar = fresh
	values := url.Values{"email": {"new@example.by"}, "phone": {"+375291112233"}, "csrf": {token}}
	b.upload("request", []byte("x"), values).is(http.StatusUnauthorized).has("Время сеанса истекло", "/sign-in?to="+url.QueryEscape(pathOf("request")+"/request"))
	require.Zero(t, b.stack.API.Calls(http.MethodPost, "/request"))
	r := b.get("/sign-in?to=" + url.QueryEscape(pathOf("request")+"/request"))
	r.at(pathOf("request")+"/request").has(`value="new@example.by"`, "Введённое сохранено")
	b.get(pathOf("request") + "/request").has(`value="vera@example.by"`)

	// A form of the session before is refused, and sent again from a fresh page it goes through.
	b.upload("request", []byte("x"), url.Values{"email": {"new@example.by"}, "phone": {"+375291112233"}, "csrf": {token}}).
		is(http.StatusForbidden).has("Страница устарела")
	b.upload("request", []byte("x"), contacts()).is(http.StatusOK).at(pathOf("request") + "/checks")

	// A token that the API does not take any more ends the session the same way.
	b.browser.Jar = kept
	b.stack.API.Fail(http.MethodGet, "/v1/orders", portaltest.Problem(http.StatusUnauthorized, "token-invalid"))
	b.get("/orders").is(http.StatusUnauthorized).has("Войдите, чтобы продолжить")
}

func TestOrdersOfOthersAndNonsenseAreNotFound(t *testing.T) {
	b := setup(t)
	for _, path := range []string{
		"/orders/" + portaltest.IDOf("nobody").String(), "/orders/x", "/orders/x/terms", "/nothing", "/orders/" + portaltest.IDOf("terms").String() + "/nothing",
		"/orders/%00", "/language/xx",
	} {
		b.get(path).is(http.StatusNotFound).has("Такой страницы нет")
	}
}

func TestTheSessionEndsWithItsToken(t *testing.T) {
	b := setup(t)
	b.stack.Issuer.Lifetime = 2 * time.Second
	b.get("/sign-in").is(http.StatusOK)
	require.Eventually(t, func() bool { return b.get("/orders").status == http.StatusUnauthorized }, 8*time.Second, 200*time.Millisecond)
}
