package card

import (
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/remote-issuance/remote-issuance/internal/approval/list"
	"github.com/remote-issuance/remote-issuance/internal/audit"
	"github.com/remote-issuance/remote-issuance/internal/order"
	"github.com/remote-issuance/remote-issuance/internal/wording"
)

// part is a heading with what stands under it: names with values.
type part struct {
	title string
	lines [][2]string
}

// text is what the pages of a card say, in Russian.
func text(f Facts) []part {
	parts := []part{orderPart(f), approvalPart(f)}
	parts = append(parts, paymentPart(f.Payment), certificatePart(f), logPart(f.Entries))
	return parts
}

func orderPart(f Facts) part {
	lines := [][2]string{
		{"Услуга", string(f.Service)},
		{"Владелец", fullName(f.Subject)},
		{"Идентификационный номер", f.Subject.PersonalNumber},
		{"Организация", f.Subject.Organisation}, {"УНП", f.Subject.UNP}, {"Должность", f.Subject.Position},
		{"Файл запроса, хэш", plainDigest(f.Request)},
		{"Открытый ключ, хэш", f.KeyID},
	}
	return part{"Заказ №\u00a0" + strconv.FormatInt(f.Number, 10), given(lines)}
}

func approvalPart(f Facts) part {
	a := f.Approval
	if a == nil {
		return part{"Подтверждение", [][2]string{{"", "По услуге " + string(f.Service) + " перечень не составляется и руководитель его не подписывает."}}}
	}
	return part{"Перечень и подпись руководителя", given([][2]string{
		{"Перечень", "№\u00a0" + strconv.FormatInt(a.List.Number, 10) + " от " + stamp(a.List.MadeAt)},
		{"Организация", a.List.Organisation + ", УНП " + a.List.UNP},
		{"Сотрудников", strconv.Itoa(len(a.List.Entries))},
		{"В перечне", strings.Join(strings.Fields(a.Entry.Surname+" "+a.Entry.GivenName+" "+a.Entry.Patronymic), " ") +
			", заказ №\u00a0" + strconv.FormatInt(a.Entry.Number, 10)},
		{"Место работы", workplace(a.Entry)},
		{"Срок", wording.Years.Count("ru", a.Entry.Years)},
		{"Цена", wording.Money("ru", a.Entry.Price)},
		{"Перечень, хэш", plainDigest(a.ListDigest)},
		{"Подписал", strings.Join(filled(fullName(a.Signer), a.Signer.Position), ", ")},
		{"Подпись проверена", stamp(a.SignedAt)},
	})}
}

func workplace(e list.Entry) string {
	if e.NewPosition == "" {
		return e.Position
	}
	return strings.TrimPrefix("было: "+e.Position+"; станет: "+e.NewPosition, "было: ; ")
}

func paymentPart(p Payment) part {
	return part{"Оплата", given([][2]string{
		{"Поступило", p.Amount.Grouped() + "\u00a0" + p.Currency},
		{"Зачтено", stamp(p.At)},
		{"Откуда", p.By},
		{"Платёж", p.ID},
		{"Сообщение, хэш", plainDigest(p.Message)},
	})}
}

func certificatePart(f Facts) part {
	return part{"Сертификат", given([][2]string{
		{"Серийный номер", f.Serial},
		{"Издатель", f.Issuer},
		{"Действует", "с " + stamp(f.NotBefore) + " до " + stamp(f.NotAfter)},
		{"Сертификат, хэш", plainDigest(f.Certificate)},
	})}
}

// deeds tell the entries that a card has.
var deeds = map[audit.Action]string{
	audit.ActionRequestChecked:    "запрос проверен",
	audit.ActionRequestSaved:      "заказ сохранён",
	audit.ActionListSigned:        "перечень подписан",
	audit.ActionApproved:          "заказ подтверждён",
	audit.ActionPaymentApplied:    "платёж зачтён",
	audit.ActionCertificateIssued: "сертификат издан",
}

func logPart(entries []audit.Entry) part {
	p := part{title: "Журнал аудита"}
	for _, e := range entries {
		p.lines = append(p.lines, [2]string{fmt.Sprintf("№\u00a0%d", e.Sequence), stamp(e.At) + ", " + deeds[e.Action] + ", " + e.Hash.String()})
	}
	return p
}

// given leaves out what has no value.
func given(lines [][2]string) [][2]string {
	var out [][2]string
	for _, l := range lines {
		if l[1] != "" {
			out = append(out, l)
		}
	}
	return out
}

func filled(texts ...string) []string {
	var out []string
	for _, t := range texts {
		if t != "" {
			out = append(out, t)
		}
	}
	return out
}

func fullName(s order.Subject) string {
	if name := strings.Join(filled(s.Surname, s.GivenName, s.Patronymic), " "); s.Surname != "" {
		return name
	}
	return s.CommonName
}

func plainDigest(digest string) string { return strings.TrimPrefix(digest, "sha256:") }

func stamp(t time.Time) string { return t.In(order.Minsk()).Format("02.01.2006 15:04:05") }
