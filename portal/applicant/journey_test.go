package applicant_test

import (
	"bytes"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/remote-issuance/remote-issuance/api/contract"
	"github.com/remote-issuance/remote-issuance/internal/order"
	"github.com/remote-issuance/remote-issuance/portal/portaltest"
)

func TestEveryStateHasItsPage(t *testing.T) {
	b := setup(t)
	broken := regexp.MustCompile(`\[[a-z]+(\.[A-Za-z0-9-]+)+\]|%!|&lt;no value|\{[a-z]+\}`)
	for _, s := range portaltest.States(time.Now()) {
		for _, language := range []string{"ru", "be", "en"} {
			t.Run(s.Name+" "+language, func(t *testing.T) {
				r := b.with(t).get(pathOf(s.Name)+s.Page, "Accept-Language", language).is(http.StatusOK).at(pathOf(s.Name) + s.Page)
				require.Empty(t, broken.FindString(r.body))
				require.Contains(t, r.body, `<html lang="`+language+`"`)
				require.Equal(t, 1, strings.Count(r.body, "<h1"))
				require.NotContains(t, r.body, "<script>alert")
				require.NotContains(t, r.body, "<img src=x")
				require.NotContains(t, r.body, "<b>")
			})
		}
	}
}

func TestWhereAnOrderIsFollowsFromTheOrderAlone(t *testing.T) {
	b := setup(t)
	steps := []string{"/terms", "/request", "/waiting", "/payment", "/issuing", "/certificate", "/ended"}
	for _, s := range portaltest.States(time.Now()) {
		want := s.Page
		if want == "/saved" {
			want = "/waiting"
		}
		for _, step := range steps {
			if s.Page == "/checks" && step != "/checks" || step != want {
				b.get(pathOf(s.Name) + step).is(http.StatusOK).at(pathOf(s.Name) + want)
			}
		}
	}
}

func TestS1_BothConsentsOrNothing(t *testing.T) {
	b := setup(t)
	versions := url.Values{"agreement-version": {"3"}, "contract-version": {"5"}}
	for name, ticked := range map[string][]string{"none": nil, "agreement": {"agreement"}, "contract": {"contract"}} {
		values := url.Values{}
		for k, v := range versions {
			values[k] = v
		}
		for _, box := range ticked {
			values.Set(box, "yes")
		}
		r := b.post(pathOf("terms")+"/terms", values).is(http.StatusUnprocessableEntity).has("govuk-error-summary", "Ошибка:")
		require.Equal(t, len(ticked), strings.Count(r.body, " checked"), name)
	}
	require.Zero(t, b.stack.API.Calls(http.MethodPost, "/terms"))

	outdated := url.Values{"agreement": {"yes"}, "contract": {"yes"}, "agreement-version": {"2"}, "contract-version": {"5"}}
	b.post(pathOf("terms")+"/terms", outdated).at(pathOf("terms") + "/terms").has("Документы обновились")
	require.NotContains(t, b.get(pathOf("terms")+"/terms").body, "Документы обновились", "a notice is shown once")

	accepted := url.Values{"agreement": {"yes"}, "contract": {"yes"}, "agreement-version": {"3"}, "contract-version": {"5"}}
	b.post(pathOf("terms")+"/terms", accepted).is(http.StatusOK).at(pathOf("terms") + "/request")
	// The second click, the other tab, the back button.
	b.post(pathOf("terms")+"/terms", accepted).is(http.StatusOK).at(pathOf("terms") + "/request")
	require.Equal(t, 2, b.stack.API.Calls(http.MethodPost, "/terms"))
}

func TestS2_WhatIsWrongWithTheFormIsToldAtOnceAndNothingTypedIsLost(t *testing.T) {
	b := setup(t)
	for name, c := range map[string]struct {
		file         []byte
		email, phone string
		want         []string
	}{
		"nothing":    {nil, "", "", []string{"Выберите файл запроса", "Введите адрес", "Введите номер"}},
		"no file":    {nil, "v@example.by", "+375290000002", []string{"Выберите файл запроса", `value="v@example.by"`}},
		"empty file": {[]byte{}, "v@example.by", "+375290000002", []string{"Выберите файл запроса"}},
		"contacts":   {[]byte("x"), `"><b>`, "12", []string{"Введите адрес", "Введите номер", `value="&#34;&gt;&lt;b&gt;"`, `value="12"`}},
		"10 MB":      {bytes.Repeat([]byte("x"), 10<<20), "v@example.by", "+375290000002", []string{"Файл больше 64 КиБ", `value="v@example.by"`}},
		"64 KiB + 1": {bytes.Repeat([]byte("x"), 64<<10+1), "v@example.by", "+375290000002", []string{"Файл больше 64 КиБ"}},
	} {
		t.Run(name, func(t *testing.T) {
			b := b.with(t)
			r := b.upload("request", c.file, url.Values{"email": {c.email}, "phone": {c.phone}}).is(http.StatusUnprocessableEntity).has(c.want...)
			require.NotContains(t, r.body, "<b>")
		})
	}
	require.Zero(t, b.stack.API.Calls(http.MethodPost, "/request"), "nothing of this reaches the API")
	b.get(pathOf("request") + "/request").has(`value="vera@example.by"`)
}

func TestS4_DifferencesAreShownFieldByFieldWithWhatToDo(t *testing.T) {
	b := setup(t)
	r := b.upload("request", []byte("differs"), contacts()).is(http.StatusUnprocessableEntity).has(
		`href="#difference-1"`, `id="difference-4"`, "Образцова-Пробная", "В действующем сертификате", "регистрационный центр",
		"сегодня плюс 10 календарных дней", "Создайте новый ключ", "&lt;img src=x", `value="vera@example.by"`,
	)
	require.NotContains(t, r.body, "<img src=x")
	b.get(pathOf("request")).is(http.StatusOK).has("Загрузить файл запроса")
}

func TestS8_WhoseRequestIsSavedAtOnceIsToldSo(t *testing.T) {
	b := setup(t)
	b.upload("request", []byte("at once"), contacts()).is(http.StatusOK).at(pathOf("request") + "/saved").has("Заказ сохранён")
}

func TestS7_TicksAppearAsTheyPassAndThePageGoesOn(t *testing.T) {
	b := setup(t)
	b.upload("request", bytes.Repeat([]byte("x"), 64<<10), contacts()).is(http.StatusOK).at(pathOf("request")+"/checks").
		has(`data-live="`+pathOf("request")+`/checks"`, `<noscript><meta http-equiv="refresh"`)
	version := regexp.MustCompile(`data-version="(\d+)"`)
	page := b.get(pathOf("request") + "/checks")
	known := version.FindStringSubmatch(page.body)[1]
	require.Equal(t, 4, strings.Count(page.body, "portal-tick--waiting"))

	id := portaltest.IDOf("request")
	answered := make(chan reply, 1)
	go func() { answered <- b.get(pathOf("request")+"/checks?after="+known, "X-Live", "1") }()
	select {
	case <-answered:
		t.Fatal("answered before anything was new")
	case <-time.After(150 * time.Millisecond):
	}
	b.stack.API.Change(id, func(s *portaltest.State) {
		s.Order.Registers[0].State, s.Order.Registers[1].State = order.RegisterAgrees, order.RegisterSilent
	})
	r := <-answered
	r.is(http.StatusOK).has("Не отвечает, спросим снова")
	require.Equal(t, 2, strings.Count(r.body, "portal-tick--waiting"))

	b.stack.API.Change(id, func(s *portaltest.State) { s.Order.Stage = order.StageAwaitingApproval })
	known = version.FindStringSubmatch(r.body)[1]
	r = b.get(pathOf("request")+"/checks?after="+known, "X-Live", "1").is(http.StatusNoContent)
	require.Equal(t, pathOf("request")+"/saved", r.header.Get("X-Go-To"))
	b.get(pathOf("request")+"/saved").is(http.StatusOK).has("govuk-panel__title", "Заказ сохранён", b.stack.URL+"/organisation", "mailto:?subject=")
	// The file was sent once; sending it again leads on.
	b.upload("request", []byte("again"), contacts()).is(http.StatusOK).at(pathOf("request") + "/waiting")
	require.Equal(t, 1, b.stack.API.Calls(http.MethodPost, "/request"))
}

func TestP1_PaymentOf6000(t *testing.T) {
	b := setup(t)
	page := pathOf("payment") + "/payment"
	b.get(page).has(`value="assist"`, `value="erip"`, "86,40")
	b.post(page, url.Values{}).is(http.StatusUnprocessableEntity).has("Выберите способ оплаты")
	b.post(page, url.Values{"method": {"cash"}}).is(http.StatusUnprocessableEntity).has("Выберите способ оплаты")
	b.post(page, url.Values{"method": {"erip"}}).is(http.StatusOK).at(page).has("30260000012", "Электронное правительство", "data:image/svg&#43;xml;base64,")
	b.get(page + "?choose").is(http.StatusOK).has(`value="erip" checked`)
	r := b.post(page, url.Values{"method": {"assist"}}).is(http.StatusOK).has(`action="https://pay.example.by/pay/order.cfm"`, `name="OrderNumber" value="30260000012"`)
	require.Contains(t, r.header.Get("Content-Security-Policy"), "form-action 'self' https://pay.example.by;")
	require.NotContains(t, b.get("/orders").header.Get("Content-Security-Policy"), "pay.example.by")

	// Back from the card page.
	b.get(page + "?card=paid").is(http.StatusOK).at(page + "?card=paid").has("Оплата проверяется")
	b.get(page + "?card=failed").is(http.StatusOK).at(page + "?choose").has("Оплата картой не завершена")
	b.stack.API.Change(portaltest.IDOf("payment"), func(s *portaltest.State) { s.Order.Stage, s.Payment = order.StageIssuing, nil })
	b.get(page + "?card=paid").is(http.StatusOK).at(pathOf("payment") + "/issuing")
	b.post(page, url.Values{"method": {"erip"}}).is(http.StatusOK).at(pathOf("payment") + "/issuing")
	live := b.get(page+"?after=1", "X-Live", "1").is(http.StatusNoContent)
	require.Equal(t, pathOf("payment")+"/issuing", live.header.Get("X-Go-To"))
}

func TestI4_CredentialsAreReadOnlyWhenAskedFor(t *testing.T) {
	b := setup(t)
	b.get(pathOf("issued")+"/certificate").is(http.StatusOK).has("Пользоваться сертификатом можно с", "Не доставлено")
	require.Zero(t, b.stack.API.Calls(http.MethodGet, "/credentials"))
	r := b.get(pathOf("issued")+"/credentials").is(http.StatusOK).has("c-7f3k9q2m", "fPq7-Xw2m-K9tz", "https://storage.example.by")
	require.Equal(t, "no-store", r.header.Get("Cache-Control"))
	b.get(pathOf("activated") + "/credentials").is(http.StatusOK).has("больше не показывается")
	b.get(pathOf("issued-now") + "/certificate").has("можно уже сейчас")
	b.stack.API.Fail(http.MethodGet, "/credentials", portaltest.Problem(http.StatusConflict, "credentials-missing"))
	b.get(pathOf("issued") + "/credentials").at(pathOf("issued") + "/certificate").has("Логина и пароля ещё нет")
}

func TestP7_PricesAndLossesStandBeforeTheOrder(t *testing.T) {
	b := setup(t)
	b.get("/new-order/6.0.00").is(http.StatusOK).has("физическому лицу на 1 год — 86,40", "90,00", "01.01.2199", "6.1.43", "https://portal.example.by/instruction")
	require.NotContains(t, b.get("/new-order/6.0.00").body, "79,80")
	b.get("/new-order/6.0.01").has("сотруднику организации на 2 года — 79,80")
	// Without them an order can be opened all the same.
	b.stack.API.Fail(http.MethodGet, "/tariff", portaltest.Problem(http.StatusServiceUnavailable, "unavailable"))
	b.stack.API.Fail(http.MethodGet, "/help", portaltest.Problem(http.StatusServiceUnavailable, "unavailable"))
	b.get("/new-order/6.0.00").is(http.StatusOK).has("Начать заказ")

	require.NotContains(t, b.get(pathOf("terms")+"/terms").is(http.StatusOK).body, "пропад")
	b.stack.API.Change(portaltest.IDOf("terms"), func(s *portaltest.State) {
		s.Order.Overlap = contract.Overlap{
			CurrentEnds: time.Date(2026, 3, 31, 20, 59, 59, 0, time.UTC), Starts: "2026-03-22", DaysLost: 10, OrderFrom: "2026-03-31",
		}
	})
	b.get(pathOf("terms")+"/terms").has("10 дней действия прежнего пропадут", "31.03.2026", "22.03.2026")
}

func TestR1_TheLinkOfAReminderOpensItsOrder(t *testing.T) {
	b := setup(t)
	b.get("/renew/good").is(http.StatusOK).has(`action="/renew/good"`, "Ссылка сработает один раз")
	require.Zero(t, b.stack.API.Calls(http.MethodPost, "/good"), "looking at it uses nothing up")
	b.post("/renew/good", url.Values{}).is(http.StatusOK).at(pathOf("terms") + "/terms")
	b.post("/renew/used", url.Values{}).is(http.StatusOK).at("/new-order").has("Эта ссылка уже использована")
}

func TestI4_WhoGotNoMessageCorrectsTheContacts(t *testing.T) {
	b := setup(t)
	page := pathOf("issued") + "/contacts"
	b.get(pathOf("issued")+"/certificate").has(page, "Не доставлено")
	b.get(page).is(http.StatusOK).has(`value="vera@example.by"`, "прежний пароль сразу перестанет действовать")
	b.post(page, url.Values{"email": {"nobody"}, "phone": {"12"}}).is(http.StatusUnprocessableEntity).has("govuk-error-summary", `value="nobody"`, "Ошибка:")
	require.Zero(t, b.stack.API.Calls(http.MethodPut, "/contacts"))
	b.post(page, url.Values{"email": {"new@example.by"}, "phone": {"+375291234567"}}).is(http.StatusOK).
		at(pathOf("issued") + "/certificate").has("Новый пароль создан")
	b.get(page).has(`value="new@example.by"`)
	// Before the certificate there is nothing to send.
	b.get(pathOf("payment") + "/contacts").at(pathOf("payment") + "/payment")
}

func TestS10_WithdrawnOnceAndNotAfterPayment(t *testing.T) {
	b := setup(t)
	b.get(pathOf("approval") + "/withdrawal").is(http.StatusOK).has("Отозвать заказ?")
	require.Zero(t, b.stack.API.Calls(http.MethodPost, "/withdrawal"))
	b.post(pathOf("approval")+"/withdrawal", url.Values{}).at(pathOf("approval") + "/ended").has("Заказ отозван")
	b.post(pathOf("approval")+"/withdrawal", url.Values{}).at(pathOf("approval") + "/ended")
	require.Equal(t, 1, b.stack.API.Calls(http.MethodPost, "/withdrawal"))
	b.get(pathOf("issuing") + "/withdrawal").at(pathOf("issuing") + "/issuing")
	b.post(pathOf("issuing")+"/withdrawal", url.Values{}).is(http.StatusOK).has("Заказ уже оплачен")
}

func TestA6_AnInterruptedOrderGoesOn(t *testing.T) {
	b := setup(t)
	b.get("/orders").has("Загрузить файл запроса")
	b.get("/new-order?asked=1").is(http.StatusOK).has("Выберите, для кого сертификат")
	b.get("/new-order?asked=1&service=6.0.01").at("/new-order/6.0.01")
	b.get("/new-order/6.0.02").is(http.StatusNotFound)
	b.post("/orders", url.Values{"service": {"6.0.01"}, "key": {"k"}}).is(http.StatusOK).has("Этот заказ уже был начат")
	b.post("/orders", url.Values{"service": {"6.0.00"}, "key": {"k"}}).is(http.StatusOK).has("Условия оказания услуги")
	b.post("/orders", url.Values{"service": {"6.0.02"}}).at("/new-order")
}
