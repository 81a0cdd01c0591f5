package browser_test

import (
	"regexp"
	"testing"
	"time"

	"github.com/chromedp/chromedp"
	"github.com/stretchr/testify/require"

	"github.com/remote-issuance/remote-issuance/dev/browser"
	"github.com/remote-issuance/remote-issuance/dev/gateways"
	"github.com/remote-issuance/remote-issuance/dev/inbox"
	"github.com/remote-issuance/remote-issuance/dev/persons"
	"github.com/remote-issuance/remote-issuance/dev/stack"
	"github.com/remote-issuance/remote-issuance/internal/order"
	"github.com/remote-issuance/remote-issuance/internal/pki"
	"github.com/remote-issuance/remote-issuance/internal/pki/alg"
	"github.com/remote-issuance/remote-issuance/internal/pki/bpki"
	certpath "github.com/remote-issuance/remote-issuance/internal/pki/path"
	"github.com/remote-issuance/remote-issuance/internal/stb/bign"
)

const own = "own password of Vera"

// TestI2_FromThePortalsAddressToABignCertificate is what somebody does who has
// never seen the portal: nothing is read but the pages.
func TestI2_FromThePortalsAddressToABignCertificate(t *testing.T) {
	t.Parallel()
	s := whole(t)
	vera, director := sit(t, s, s.Holder(persons.Vera)), sit(t, s, s.Holder(persons.Director))
	begun := time.Now()

	vera.press("applicant.start.button")
	vera.choosesThemselves()
	vera.at("/orders")
	vera.begins("applicant.service.6.0.01.title")
	number := vera.makesRequest("Главный бухгалтер")
	vera.press("applicant.saved.go.waiting")
	vera.at("/orders/.*/waiting")

	director.confirms(number)
	director.paysByCard()
	director.reads("manager.progress.done")
	keep(t, director.tab, "real-progress-1280")

	vera.at("/orders/.*/certificate")
	certificate := vera.fetches()
	took := time.Since(begun)
	t.Logf("%d steps of the employee and %d of the manager in %s", vera.steps, director.steps, took.Round(time.Second))
	require.LessOrEqual(t, vera.steps+director.steps, 50, "a person does that in three minutes")

	key, err := bpki.OpenKey(vera.download("key.p8"), []byte(own))
	require.NoError(t, err)
	require.True(t, alg.SameKey(key.Public(), certificate.PublicKey), "the certificate is of the key that was made in the page")
	holds(t, s, certificate)
	vera.clean()
	director.clean()
}

// begins opens an order from the cabinet and accepts the terms.
func (p *person) begins(service string) {
	p.t.Helper()
	p.press("applicant.cabinet.new")
	p.at("/new-order")
	p.press(service)
	p.press("applicant.continue")
	p.at("/new-order/.*")
	p.press("applicant.how.open")
	p.at("/orders/.*/terms")
	p.press("applicant.terms.agreement")
	p.press("applicant.terms.contract")
	p.press("applicant.terms.accept")
	p.at("/orders/.*/request")
}

// makesRequest makes a key in the page, saves it, sends the request, and gives the number of the order.
func (p *person) makesRequest(position string) string {
	p.t.Helper()
	p.press("keys.new.title")
	p.at("/orders/.*/new-key")
	p.choose("#certificate-input", p.holder.ID+".cer")
	require.NoError(p.t, p.tab.Await(`!document.getElementById('keys-person').hidden`))
	require.Contains(p.t, p.text("#keys-person"), p.holder.Subject.PersonalNumber)
	if position != "" {
		p.fill("#position", position)
	}
	p.pressText(p.texts.Years(2))
	p.fill("#password", own)
	p.fill("#password-again", own)
	p.press("keys.new.make")
	require.NoError(p.t, p.tab.Await(`!document.getElementById('made').hidden`))
	p.press("keys.new.download")
	p.download("key.p8")
	p.fill("#email", p.holder.Subject.Email)
	p.fill("#phone", "12")
	_, err := browser.Read[bool](p.tab, "addEventListener('click', () => { window.clicked = performance.now() }, true), true")
	require.NoError(p.t, err)
	p.press("keys.new.send")
	p.reads("keys.problem.phone")
	// The button takes no second click within a second of the first.
	require.NoError(p.t, p.tab.Await("performance.now() - window.clicked > 1000"))
	p.fill("#phone", p.holder.Phone)
	p.press("keys.new.send")
	p.at("/orders/.*/saved")
	p.reads("applicant.saved.title")
	return p.text(".govuk-panel__body strong")
}

// confirms signs in, chooses the order of a number, and signs the list with the container of the head.
func (p *person) confirms(number string) {
	p.t.Helper()
	require.NoError(p.t, p.tab.Go(p.base+"/organisation", 1280))
	p.signsIn()
	p.at("/organisation")
	p.click(`//tr[th[normalize-space(.)='` + number + `']]//input`)
	p.press("manager.orders.make")
	p.at("/organisation/lists/.*/signature")
	p.choose("#container-input", p.holder.ID+".p8")
	p.choose("#certificate-input", p.holder.ID+".cer")
	p.fill("#password", persons.Password)
	p.press("manager.sign.here.button")
	p.at("/organisation/lists/.*/payment")
}

// paysByCard chooses the card and pays on the sandbox's page, which leads back.
func (p *person) paysByCard() {
	p.t.Helper()
	p.press("manager.pay.method.assist")
	p.press("manager.pay.go")
	p.reads("common.pay.card.title")
	p.press("common.pay.card.go")
	p.onTheCardPage("Approved")
	p.at("/organisation/lists/.*/(payment|progress)")
}

// onTheCardPage has the sandbox's page of the card answer, and goes back to the shop.
func (p *person) onTheCardPage(answer string) {
	p.t.Helper()
	p.at("/pay/pay.cfm")
	p.click(`button[value="` + answer + `"]`)
	require.NoError(p.t, p.tab.Await(`document.body.innerText.includes('Back to the shop')`))
	p.click(`//a[.='Back to the shop']`)
}

var (
	loginForm    = regexp.MustCompile(`RC-[0-9A-Z]{4}-[0-9A-Z]{4}`)
	passwordForm = regexp.MustCompile(`[0-9A-Z]{4}(?:-[0-9A-Z]{4}){3}`)
)

// fetches opens login and password, goes to the storage with them, and downloads the certificate.
func (p *person) fetches() *pki.Certificate {
	p.t.Helper()
	p.press("applicant.certificate.credentials")
	p.at("/orders/.*/credentials")
	page := p.text("main")
	login, password := loginForm.FindString(page), passwordForm.FindString(page)
	require.NotEmpty(p.t, login)
	require.NotEmpty(p.t, password)
	p.press("applicant.credentials.storage")
	p.at("/storage")
	p.fill("#login", login)
	p.fill("#password", password)
	violations, err := p.tab.Axe()
	require.NoError(p.t, err)
	require.Empty(p.t, violations)
	keep(p.t, p.tab, "real-storage-1280")
	p.click(`button[value="cer"]`)
	certificate, err := pki.ParseCertificate(p.download("certificate.cer"))
	require.NoError(p.t, err)
	return certificate
}

// holds verifies a certificate: bign, with its path and revocation lists, as of its first hour.
func holds(t *testing.T, s *stack.Stack, c *pki.Certificate) {
	t.Helper()
	require.IsType(t, &bign.PublicKey{}, c.PublicKey)
	trust, err := certpath.LoadTrust(s.Authorities().TrustDir())
	require.NoError(t, err)
	_, err = certpath.NewValidator(trust, certpath.Options{Revocation: certpath.RevocationAll}).Validate(c, c.NotBefore.Add(time.Hour))
	require.NoError(t, err)
}

// letter waits for a message that holds a form, and gives what has it.
func letter(t *testing.T, s *stack.Stack, to string, channel inbox.Channel, form *regexp.Regexp) string {
	t.Helper()
	var found string
	require.Eventually(t, func() bool {
		for _, m := range s.Inbox().Messages(to, channel) {
			if form.MatchString(m.Text) {
				found = form.FindString(m.Text)
				return true
			}
		}
		return false
	}, eventually, 50*time.Millisecond, "no message to %s", to)
	return found
}

// TestI1_CredentialsThatCameByLetterOpenTheStorage follows the letter and the SMS
// to an individual, who pays by ERIP and goes on with another device.
func TestI1_CredentialsThatCameByLetterOpenTheStorage(t *testing.T) {
	t.Parallel()
	s := whole(t)
	h := s.Holder(persons.Individual)
	phone := sit(t, s, h)
	phone.press("applicant.start.button")
	phone.choosesThemselves()
	phone.at("/orders")
	phone.begins("applicant.service.6.0.00.title")

	// The phone is put away; the computer goes on from the cabinet.
	desk := sit(t, s, h)
	desk.press("applicant.start.button")
	desk.choosesThemselves()
	desk.at("/orders")
	desk.press("applicant.cabinet.go.request")
	desk.at("/orders/.*/request")
	desk.makesRequest("")
	desk.press("applicant.saved.go.payment")
	desk.at("/orders/.*/payment")
	desk.press("applicant.payment.method.erip")
	desk.press("applicant.continue")
	desk.reads("applicant.payment.erip.title")
	number := desk.cell("applicant.payment.erip.number")
	asked := sit(t, s, h)
	asked.asksForMoney(number, "open")
	report, err := s.Gateways().PayERIP(t.Context(), gateways.ERIPPayment{Account: number})
	require.NoError(t, err)
	require.True(t, report.Paid, "%+v", report)

	// The page that shows how to pay moves on by itself.
	desk.at("/orders/.*/certificate")
	asked.asksForMoney(number, "paid")
	login := letter(t, s, h.Subject.Email, inbox.Mail, loginForm)
	password := letter(t, s, h.Phone, inbox.SMS, passwordForm)
	where := letter(t, s, h.Subject.Email, inbox.Mail, regexp.MustCompile(regexp.QuoteMeta(s.URLs.API+"/storage")))
	require.NoError(t, desk.tab.Do(chromedp.Navigate(where)))
	desk.at("/storage")
	desk.fill("#login", login)
	desk.fill("#password", password)
	desk.click(`button[value="cer"]`)
	certificate, err := pki.ParseCertificate(desk.download("certificate.cer"))
	require.NoError(t, err)
	holds(t, s, certificate)
	require.Equal(t, order.DateOf(time.Now()), order.DateOf(certificate.NotBefore))
	desk.clean()
}

// asksForMoney asks how a payment stands, signed in nowhere.
func (p *person) asksForMoney(number, state string) {
	p.t.Helper()
	require.NoError(p.t, p.tab.Go(p.base+"/payment-status", 360))
	p.fill("#number", number)
	p.press("manager.money.go")
	p.reads("manager.money.state." + state)
}

// TestP3_AManagerPaysFromTheBankForSeveral: the list is signed with a file of
// another program, the money comes with a statement.
func TestP3_AManagerPaysFromTheBankForSeveral(t *testing.T) {
	t.Parallel()
	s := whole(t)
	boss, staff := firm(t, s, 2)
	director := sit(t, s, boss)
	for _, h := range staff {
		ordered(t, s, h)
	}
	require.NoError(t, director.tab.Go(director.base+"/organisation", 1280))
	director.signsIn()
	director.at("/organisation")
	director.click(`(//tbody//input[@type='checkbox'])[1]`)
	director.click(`(//tbody//input[@type='checkbox'])[2]`)
	director.press("manager.orders.make")
	director.at("/organisation/lists/.*/signature")
	director.press("manager.sign.download")
	signature, err := boss.Sign(director.download("perechen-*.xml"), time.Now())
	require.NoError(t, err)
	director.upload("#file-input", "list.p7s", signature)
	director.press("manager.sign.send")
	director.at("/organisation/lists/.*/payment")
	director.press("manager.pay.method.client-bank")
	director.press("manager.pay.go")
	director.reads("manager.pay.bank.title")
	director.press("manager.pay.bank.invoice")
	credited(t, s, boss.Subject.UNP, kopecks(director.cell("manager.pay.total")), director.text("#purpose"))
	director.at("/organisation/lists/.*/progress")
	director.reads("manager.progress.done")
	director.reads("manager.progress.count", "issued", 2, "of", 2)
	director.clean()
}
