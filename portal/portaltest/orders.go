package portaltest

import (
	"time"

	"github.com/remote-issuance/remote-issuance/api/contract"
	"github.com/remote-issuance/remote-issuance/internal/order"
)

// State is an order in one of its states.
type State struct {
	// Name names the state, Page the page it is shown at, after /orders/ID.
	Name, Page string
	Order      contract.Order
	// Payment is what is to be paid, for orders that are paid by their applicant.
	Payment *contract.Payment
	// Uploads counts the requests that were taken.
	Uploads int
}

// IDOf is the identifier of the order in a state.
func IDOf(name string) order.ID { return order.DerivedID("portaltest", []byte(name)) }

// States are orders in all states, as they stand at a time.
func States(now time.Time) []State {
	employee := func(name, page string, stage order.Stage, change func(*contract.Order)) State {
		return state(now, name, page, order.ServiceEmployee, order.KindEmployee, stage, change)
	}
	individual := func(name, page string, stage order.Stage, change func(*contract.Order)) State {
		return state(now, name, page, order.ServiceIndividual, order.KindIndividual, stage, change)
	}
	list := []State{
		employee("terms", "/terms", order.StageTerms, nil),
		employee("request", "/request", order.StageRequest, func(o *contract.Order) {
			o.Contacts = contract.Contacts{Email: "vera@example.by", Phone: "+375290000002"}
		}),
		employee("checking", "/checks", order.StageChecking, func(o *contract.Order) { o.Registers[1].State = order.RegisterWaiting }),
		employee("checking-silent", "/checks", order.StageChecking, func(o *contract.Order) { o.Registers[1].State = order.RegisterSilent }),
		employee("approval", "/waiting", order.StageAwaitingApproval, nil),
		employee("saved", "/saved", order.StageAwaitingApproval, nil),
		employee("position", "/waiting", order.StageAwaitingApproval, func(o *contract.Order) {
			o.Checks = append(o.Checks, contract.Check{
				Code: "subject", Verdict: order.VerdictChanged, Field: "position", Found: "Главный бухгалтер", Expected: "Бухгалтер",
				Title: "Данные совпадают с действующим сертификатом",
			})
		}),
		employee("employer-payment", "/waiting", order.StageAwaitingPayment, func(o *contract.Order) { o.ApprovedAt = now.Add(-time.Hour) }),
		employee("issuing", "/issuing", order.StageIssuing, nil),
		employee("issued", "/certificate", order.StageEnded, func(o *contract.Order) { issued(o, now.Add(9*24*time.Hour)) }),
		individual("issued-now", "/certificate", order.StageEnded, func(o *contract.Order) { issued(o, now.Add(-time.Minute)) }),
		individual("activated", "/certificate", order.StageEnded, func(o *contract.Order) {
			issued(o, now.Add(-2*time.Hour))
			o.Certificate.ActivatedAt = now.Add(-time.Hour)
		}),
		individual("payment", "/payment", order.StageAwaitingPayment, nil),
		individual("payment-erip", "/payment", order.StageAwaitingPayment, nil),
		individual("payment-card", "/payment", order.StageAwaitingPayment, nil),
	}
	for i := range list {
		list[i].Payment = paymentOf(list[i], now)
	}
	return append(list, endings(now)...)
}

func endings(now time.Time) []State {
	var out []State
	for _, e := range []struct {
		name   string
		end    order.End
		reason order.EndReason
		change func(*contract.Order)
	}{
		{"refused", order.EndRefused, order.ReasonRegistersDiffer, func(o *contract.Order) {
			o.Checks = append(o.Checks, contract.Check{
				Code: "organisation", Verdict: order.VerdictFailed, Cause: "differs", Found: `ООО "Пример"`, Expected: `ООО "Пример плюс"`,
				Title: "Данные организации расходятся с ЕГР",
			})
		}},
		{"not-allowed", order.EndRefused, order.ReasonNotAllowed, nil},
		{"revoked", order.EndRefused, order.ReasonRevoked, nil},
		{"not-saved", order.EndRefused, order.ReasonNotSaved, nil},
		{"rejected", order.EndRejected, order.ReasonByManager, func(o *contract.Order) {
			o.Note = "Сначала оформите перевод.\n<b>Потом закажите снова.</b>"
		}},
		{"withdrawn", order.EndWithdrawn, order.ReasonByApplicant, nil},
		{"not-finished", order.EndAnnulled, order.ReasonNotFinished, nil},
		{"not-confirmed", order.EndAnnulled, order.ReasonNotConfirmed, nil},
		{"not-paid", order.EndAnnulled, order.ReasonNotPaid, nil},
	} {
		out = append(out, state(now, e.name, "/ended", order.ServiceEmployee, order.KindEmployee, order.StageEnded, func(o *contract.Order) {
			o.End, o.Reason = e.end, e.reason
			if e.change != nil {
				e.change(o)
			}
		}))
	}
	return out
}

func state(now time.Time, name, page string, s order.Service, k order.Kind, stage order.Stage, change func(*contract.Order)) State {
	o := contract.Order{
		ID: IDOf(name), Number: number(name), Service: s, Kind: k, Stage: stage, Version: 3, OpenedAt: now.Add(-26 * time.Hour),
		Checks: []contract.Check{}, Next: contract.Next{WaitsFor: stage.WaitsFor(s), Text: nextText(stage)},
	}
	if stage.Open() {
		o.Next.Until = now.Add(4 * 24 * time.Hour)
	}
	if !stage.Draft() {
		uploaded(&o, now)
	}
	if change != nil {
		change(&o)
	}
	return State{Name: name, Page: page, Order: o}
}

// number is a number of an order that differs by name.
func number(name string) string {
	n := 1000
	for i, c := range name {
		n += (i + 1) * int(c)
	}
	return time.Unix(int64(n), 0).UTC().Format("405") + string(rune('0'+n%10)) + string(rune('0'+n/10%10))
}

func nextText(s order.Stage) string {
	return map[order.Stage]string{
		order.StageTerms: "Примите пользовательское соглашение и публичный договор.", order.StageRequest: "Загрузите файл запроса и укажите e-mail и мобильный телефон.",
		order.StageChecking: "Данные сверяются с государственными реестрами.", order.StageAwaitingApproval: "Попросите руководителя организации подтвердить заказ в услуге 6.0.02.",
		order.StageAwaitingPayment: "Заказ нужно оплатить в срок.", order.StageIssuing: "Сертификат издаётся.", order.StageEnded: "Заказ завершён.",
	}[s]
}

func uploaded(o *contract.Order, now time.Time) {
	o.UploadedAt, o.Years = now.Add(-25*time.Hour), 2
	o.Contacts = contract.Contacts{Email: "vera@example.by", Phone: "+375290000002"}
	for _, c := range []struct{ code, title string }{
		{"request-file", "Файл является запросом на сертификат"}, {"proof-of-possession", "Запрос подписан собственным ключом"},
		{"key-algorithm", "Тип и размер ключа допустимы"}, {"key-new", "Ключ новый"}, {"subject", "Данные совпадают с действующим сертификатом"},
		{"start-date", "Дата начала действия — ожидаемая"}, {"term", "Срок действия можно заказать"},
	} {
		o.Checks = append(o.Checks, contract.Check{Code: c.code, Title: c.title, Verdict: order.VerdictPassed})
	}
	registers := []contract.RegisterName{contract.Population, contract.Egr, contract.Taxpayers, contract.Subscribers}
	if !o.Service.NeedsApproval() {
		registers = registers[:1]
	}
	for _, r := range registers {
		o.Registers = append(o.Registers, contract.RegisterAnswer{Register: r, State: order.RegisterAgrees})
	}
	if o.Stage.Open() && o.Stage != order.StageChecking {
		o.PayBy = now.Add(9 * 24 * time.Hour)
	}
}

func issued(o *contract.Order, from time.Time) {
	o.End = order.EndIssued
	o.Certificate = contract.CertificateSummary{SerialNumber: "40E4B6A2C0D1E2F300112233", NotBefore: from, NotAfter: from.AddDate(2, 0, 0)}
	o.Messages = []contract.MessageOutcome{
		{Kind: string(order.NoticeIssued), Channel: contract.Email, State: contract.Sent, SentAt: o.UploadedAt},
		{Kind: string(order.NoticeIssued), Channel: contract.Sms, State: contract.Failed},
	}
}

// paymentOf is what is to be paid in a state; nil where its applicant pays nothing.
func paymentOf(s State, now time.Time) *contract.Payment {
	if s.Order.Service.NeedsApproval() || s.Order.Stage != order.StageAwaitingPayment {
		return nil
	}
	p := &contract.Payment{
		Number: "30260000012", Amount: "86.40", Currency: "BYN", State: contract.Open, PayBy: now.Add(9 * 24 * time.Hour),
		Methods: []contract.PaymentMethod{contract.PaymentMethodAssist, contract.PaymentMethodERIP},
		Lines:   []contract.PaymentLine{{OrderID: s.Order.ID, Name: "Сертификат физического лица", Years: 2, Amount: "86.40"}},
	}
	switch s.Name {
	case "payment-erip":
		choose(p, contract.PaymentMethodERIP)
	case "payment-card":
		choose(p, contract.PaymentMethodAssist)
	}
	return p
}

func choose(p *contract.Payment, m contract.PaymentMethod) {
	p.Method, p.Assist, p.ERIP = m, contract.AssistPayment{}, contract.ERIPPayment{}
	switch m {
	case contract.PaymentMethodERIP:
		p.ERIP = contract.ERIPPayment{Number: p.Number, Path: []string{"ЕРИП", "Электронное правительство", "ОАИС", "Электронные услуги ОАИС"}, QR: "00020", QRSVG: drawing}
	case contract.PaymentMethodAssist:
		p.Assist = contract.AssistPayment{URL: "https://pay.example.by/pay/order.cfm", Fields: map[string]string{
			"Merchant_ID": "123456", "OrderNumber": p.Number, "OrderAmount": p.Amount, "OrderCurrency": "BYN", "OrderComment": `"><script>alert(1)</script>`,
		}}
	case contract.PaymentMethodClientBank:
	}
}

// drawing stands for a QR code.
const drawing = `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 21 21"><rect width="21" height="21" fill="#fff"/>` +
	`<path d="M2 2h5v5H2zM14 2h5v5h-5zM2 14h5v5H2zM9 3h2v2H9zM10 9h3v1h-3zM14 10h2v3h-2zM9 12h2v4H9zM13 15h4v2h-4z"/></svg>`
