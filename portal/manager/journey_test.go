package manager_test

import (
	"html"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/remote-issuance/remote-issuance/api/contract"
	"github.com/remote-issuance/remote-issuance/internal/approval/list"
	"github.com/remote-issuance/remote-issuance/internal/order"
	"github.com/remote-issuance/remote-issuance/portal/portaltest"
)

const asManager = "openid applicant manager"

// list makes a list of the first two orders.
func (b *bench) list() string {
	b.t.Helper()
	page := b.get("/organisation")
	r := b.post("/organisation", url.Values{"order": {orderID("0"), orderID("1")}, "once": {once(page.body)}, "email": {""}}).is(http.StatusOK)
	path, ok := strings.CutSuffix(r.path, "/signature")
	require.True(b.t, ok, r.path)
	return path
}

func (b *bench) paying() string {
	b.t.Helper()
	path := b.list()
	b.upload(path+"/signature", "file", []byte("good")).is(http.StatusOK).at(path + "/payment")
	return path
}

func TestM2_OrdersStandByEmployeeWithTheColumnsOfTheFigure(t *testing.T) {
	b := setup(t, asManager)
	r := b.get("/organisation").is(http.StatusOK).says(
		"manager.column.number", "manager.column.position", "manager.column.term", "manager.column.received", "manager.column.pay-by",
		"manager.column.details", "manager.column.reject",
	).has("92239", "Образцова Вера Петровна", "Примеров Олег Янович", "1 год", "2 года", "Специалист → Начальник отдела &lt;&#34;связь&#34;&gt;")
	require.Equal(t, 5, strings.Count(r.body, `type="checkbox"`))
	require.Equal(t, 2, strings.Count(r.body, "<details"))
	require.Equal(t, 2, strings.Count(b.get("/organisation?page=2").body, `type="checkbox"`))
	require.Equal(t, 7, strings.Count(b.get("/organisation?size=10").body, `type="checkbox"`))
	// What no page of the portal sends is the first page, or the last one there is.
	for _, query := range []string{"?size=7", "?size=-1", "?page=0", "?page=x", "?order=no", "?page=99999999999999999999"} {
		require.Equal(t, 5, strings.Count(b.get("/organisation"+query).is(http.StatusOK).body, `type="checkbox"`), query)
	}
	b.get("/organisation?page=99").is(http.StatusOK).at("/organisation?page=2&size=5")
}

func TestM3_WhatIsChosenStaysChosenOnOtherPages(t *testing.T) {
	b := setup(t, asManager)
	r := b.post("/organisation", url.Values{"order": {orderID("0"), orderID("2")}, "go": {"2"}, "page": {"1"}, "size": {"5"}}).is(http.StatusOK)
	require.Contains(t, r.path, "page=2")
	r.has(`<input type="hidden" name="order" value="`+orderID("0")+`">`, "Ещё 2 заказа отмечены на других страницах.")
	resized := b.post("/organisation", url.Values{"order": {orderID("0"), orderID("2")}, "go": {"1"}, "page": {"2"}, "size": {"10"}}).is(http.StatusOK)
	require.Equal(t, 2, strings.Count(resized.body, " checked"), "another size keeps them too")
	r = b.get(r.path + "&order=" + orderID("0") + "&order=" + orderID("6"))
	require.Equal(t, 1, strings.Count(r.body, " checked"), "of this page")
	require.Equal(t, 1, strings.Count(r.body, `value="`+orderID("0")+`"`), "one box or hidden field, not both")
}

func TestM5_AFormThatIsSentTwiceMakesOneList(t *testing.T) {
	b := setup(t, asManager)
	key := once(b.get("/organisation").body)
	require.NotEmpty(t, key)
	values := url.Values{"order": {orderID("0")}, "once": {key}}
	first := b.post("/organisation", values).is(http.StatusOK)
	b.post("/organisation", values).is(http.StatusOK).at(first.path)
	require.Equal(t, 1, b.api.Lists())
	// Another form with the same order: it is on a list already.
	b.post("/organisation", url.Values{"order": {orderID("0")}, "once": {"another"}}).is(http.StatusConflict).says("manager.orders.held")
	b.post("/organisation", url.Values{"once": {"third"}}).is(http.StatusUnprocessableEntity).says("manager.orders.nothing-chosen")
	b.post("/organisation", url.Values{"order": {orderID("3")}, "email": {"no address"}, "once": {"x"}}).
		is(http.StatusUnprocessableEntity).says("manager.orders.email.wrong").has(`value="no address"`, `value="`+orderID("3")+`" checked`)
	require.Equal(t, 1, b.api.Lists())
}

func TestM4_RejectionWithAReason(t *testing.T) {
	b := setup(t, asManager)
	path := "/organisation/orders/" + orderID("1")
	b.get(path).is(http.StatusOK).says("manager.order.change").has("4010190A002PB9", "43,20", "92240")
	b.get(path + "/rejection").is(http.StatusOK).says("manager.reject.text")
	long := strings.Repeat("ў", 501)
	b.post(path+"/rejection", url.Values{"reason": {long}}).is(http.StatusUnprocessableEntity).says("manager.reject.reason.wrong").has(long)
	b.post(path+"/rejection", url.Values{"reason": {"a\x00b"}}).is(http.StatusUnprocessableEntity).says("manager.reject.reason.wrong")
	b.post(path+"/rejection", url.Values{"reason": {"Уволен"}}).is(http.StatusOK).at("/organisation").says("manager.notice.rejected").lacks(orderID("1"))
	b.post(path+"/rejection", url.Values{"reason": {""}}).is(http.StatusOK).says("manager.notice.decided")
	b.get(path).is(http.StatusNotFound)
	b.get("/organisation/orders/none").is(http.StatusNotFound)
}

func TestM6_TheListIsReadAndSigned(t *testing.T) {
	b := setup(t, asManager)
	path := b.list()
	r := b.get(path+"/signature").is(http.StatusOK).says("manager.sign.exact.text", "manager.sign.here.text").
		has("Вера Петровна", "&lt;ПереченьСведений", `"task":"sign"`, `"document":"`+path+`/list.xml"`)
	policy := r.header.Get("Content-Security-Policy")
	require.Contains(t, policy, "script-src 'self' 'wasm-unsafe-eval'")
	require.Contains(t, policy, "worker-src 'self'")
	require.NotContains(t, policy, "'unsafe-eval'")
	file := b.get(path + "/list.xml").is(http.StatusOK)
	require.Equal(t, `attachment; filename="perechen-1.xml"`, file.header.Get("Content-Disposition"))
	require.Equal(t, "application/xml", file.header.Get("Content-Type"))
	require.Equal(t, file.body, textOf(t, r.body), "what is shown is what is signed")
	said, err := list.Parse([]byte(file.body))
	require.NoError(t, err)
	shown := html.UnescapeString(r.body)
	for _, of := range append([][]list.Line{said.Lines()}, said.Entries[0].Lines(), said.Entries[1].Lines()) {
		for _, line := range of {
			require.Contains(t, shown, ">"+line.Label+"</dt>")
			require.Contains(t, shown, ">"+line.Value+"</dd>")
		}
	}
	pdf := b.get(path + "/list.pdf").is(http.StatusOK)
	require.True(t, strings.HasPrefix(pdf.body, "%PDF"))
	require.Equal(t, `attachment; filename="perechen-1.pdf"`, pdf.header.Get("Content-Disposition"))

	b.upload(path+"/signature", "file", nil).is(http.StatusUnprocessableEntity).says("manager.sign.file.missing")
	b.upload(path+"/signature", "file", make([]byte, 1<<20)).is(http.StatusUnprocessableEntity).says("manager.sign.file.too-large")
	b.upload(path+"/signature", "file", []byte("bad")).is(http.StatusUnprocessableEntity).says("manager.sign.rejected", "manager.sign.cause.digest-mismatch")
	b.upload(path+"/signature", "file", []byte("good")).is(http.StatusOK).at(path + "/payment")
	// The other tab and the back button lead to where the list is.
	b.upload(path+"/signature", "file", []byte("good")).is(http.StatusOK).at(path + "/payment")
	b.get(path + "/signature").at(path + "/payment")
	b.get(path).at(path + "/payment")
}

func TestM6_AListThatIsNotTheOneNamedIsNotShown(t *testing.T) {
	b := setup(t, asManager)
	path := b.list()
	b.api.Move(func(c *contract.Confirmation) { c.ListSha256 = strings.Repeat("00", 32) })
	b.get(path + "/signature").is(http.StatusInternalServerError)
	b.get(path + "/list.xml").is(http.StatusInternalServerError)
}

func TestM8_PaymentByEachMethod(t *testing.T) {
	b := setup(t, asManager)
	path := b.paying()
	b.get(path+"/payment").is(http.StatusOK).has("86,40", "NOAIS000092239", "2 сертификата").says("manager.pay.method")
	b.post(path+"/payment", url.Values{"method": {"cash"}}).is(http.StatusUnprocessableEntity).says("manager.pay.method.missing")

	r := b.post(path+"/payment", url.Values{"method": {"assist"}}).is(http.StatusOK).
		has(`action="https://pay.example.by/pay"`, `name="OrderNumber" value="NOAIS000092239"`)
	require.Contains(t, r.header.Get("Content-Security-Policy"), "form-action 'self' https://pay.example.by;")
	b.post(path+"/payment", url.Values{"method": {"erip"}}).is(http.StatusOK).
		has("NOAIS000092239", "ЕРИП → Электронное правительство → Услуги без сборного платежа", `src="data:image/svg`)
	b.post(path+"/payment", url.Values{"method": {"client-bank"}}).is(http.StatusOK).
		has(`id="purpose">ROAIS000092239 оплата услуг по изданию сертификатов</pre>`, "BY13NBRB3600900000002Z00AB00", path+"/invoice.pdf")
	invoice := b.get(path + "/invoice.pdf").is(http.StatusOK)
	require.Equal(t, "application/pdf", invoice.header.Get("Content-Type"))
	require.Contains(t, invoice.header.Get("Content-Disposition"), "invoice-NOAIS000092239.pdf")
	b.get(path + "/payment?choose").is(http.StatusOK).says("manager.pay.method")
}

func TestM10_ProgressGoesOnByItselfToTheLastCertificate(t *testing.T) {
	b := setup(t, asManager)
	path := b.paying()
	b.post(path+"/payment", url.Values{"method": {"erip"}}).has(`data-live="` + path + `/payment"`)
	b.get(path+"/payment?after=99", "X-Live", "1").is(http.StatusNoContent)
	b.api.Move(func(c *contract.Confirmation) { c.Stage = order.ConfirmationIssuing })
	moved := b.get(path+"/payment?after=1", "X-Live", "1").is(http.StatusNoContent)
	require.Equal(t, path+"/progress", moved.header.Get("X-Go-To"))
	b.get(path + "/progress").is(http.StatusOK).has("Издано 0 из 2").says("manager.progress.title")
	b.api.Move(func(c *contract.Confirmation) { c.Orders[0].State = contract.Issued })
	b.get(path + "/progress").has("Издано 1 из 2")
	b.api.Move(func(c *contract.Confirmation) { c.Stage, c.Orders[1].State = order.ConfirmationFinished, contract.Left })
	b.get(path+"/progress").has("Издано 1 из 1").says("manager.progress.done", "manager.progress.next.text").lacks("data-live")
	b.get("/organisation/lists").is(http.StatusOK).says("manager.lists.past", "manager.stage.finished")
	for _, stage := range []order.ConfirmationStage{order.ConfirmationLapsed, order.ConfirmationVoid} {
		b.api.Move(func(c *contract.Confirmation) { c.Stage = stage })
		b.get(path).is(http.StatusOK).at(path + "/ended").says("manager.ended." + string(stage))
	}
}

func TestM6_I1_TheManagerDownloadsTheCardOfAnIssuedOrder(t *testing.T) {
	b := setup(t, asManager)
	path := b.paying()
	b.api.Move(func(c *contract.Confirmation) {
		c.Stage, c.Orders[0].State = order.ConfirmationIssuing, contract.Issued
	})
	first, second := path+"/cards/"+orderID("0"), path+"/cards/"+orderID("1")
	b.get(path + "/progress").says("evidence.download.row").has(first).lacks(second)
	card := b.get(first).is(http.StatusOK)
	require.Equal(t, "application/pdf", card.header.Get("Content-Type"))
	require.Regexp(t, `^attachment; filename="karta-\d+\.pdf"$`, card.header.Get("Content-Disposition"))
	for _, nowhere := range []string{second, path + "/cards/" + orderID("6"), path + "/cards/x"} {
		b.get(nowhere).is(http.StatusNotFound)
	}
	b.api.Fail(http.MethodGet, "/card", portaltest.Problem(http.StatusConflict, "card-not-ready"))
	b.get(first).is(http.StatusOK).at(path + "/progress").says("evidence.not-ready")
	b.api.Fail(http.MethodGet, "/card", portaltest.Problem(http.StatusNotFound, "not-found"))
	b.get(first).is(http.StatusOK).at(path + "/progress").says("evidence.none")
}

func TestPaidBeforeTheListMovesOnAsksForNoMoney(t *testing.T) {
	b := setup(t, asManager)
	path := b.paying()
	b.api.Move(func(c *contract.Confirmation) { c.Stage = order.ConfirmationIssuing })
	b.api.Move(func(c *contract.Confirmation) { c.Stage = order.ConfirmationPayment })
	b.get(path + "/payment").is(http.StatusOK).says("manager.pay.arrived.text").lacks("<form method=\"post\" action=\"" + path)
}

func TestM1_TheAccountOfTheOrganisationIsChosenWhereOneSignsIn(t *testing.T) {
	b := setup(t, "openid applicant")
	for _, path := range []string{"/organisation", "/organisation/lists", "/organisation/orders/" + orderID("0")} {
		b.get(path).is(http.StatusForbidden).says("manager.account.text").has("/sign-in?to=" + url.QueryEscape(path))
	}
	b = setup(t, asManager)
	b.get("/organisation/account").is(http.StatusOK).says("manager.account.stay")
	b.api.Fail(http.MethodGet, "/organisation/orders", portaltest.Problem(http.StatusForbidden, "not-manager"))
	b.get("/organisation").is(http.StatusForbidden)
}
