package portaltest

import (
	"net/http"
	"strings"
)

// words are the texts of the made-up answers in Russian, Belarusian and English.
var words = [][3]string{
	{"Срок вышел.", "Тэрмін выйшаў.", "The term is over."},
	{"Перечень пуст.", "Пералік пусты.", "The list is empty."},
	{"Подпишите перечень.", "Падпішыце пералік.", "Sign the list."},
	{"Оплатите перечень.", "Аплаціце пералік.", "Pay for the list."},
	{"Сертификаты издаются.", "Сертыфікаты выдаюцца.", "The certificates are being issued."},
	{"Все сертификаты изданы.", "Усе сертыфікаты выдадзены.", "All certificates are issued."},
	{"Оплатите заказ до указанного срока.", "Аплаціце заказ да ўказанага тэрміну.", "Pay for the order by the date above."},
	{"Часть денег пришла: оператор свяжется с плательщиком.", "Частка грошай прыйшла: аператар звяжацца з плацельшчыкам.", "Part of the money has come: an operator will contact the payer."},
	{"Платить больше не нужно.", "Плаціць больш не трэба.", "Nothing more is to be paid."},
	{"Заказ оплачен, лишнее вернут плательщику.", "Заказ аплачаны, лішняе вернуць плацельшчыку.", "The order is paid; the payer gets the rest back."},
	{"Заказ завершён без оплаты.", "Заказ завершаны без аплаты.", "The order ended without a payment."},
	{"Заказ завершён, деньги вернут плательщику.", "Заказ завершаны, грошы вернуць плацельшчыку.", "The order is over; the payer gets the money back."},
	{"Примите пользовательское соглашение и публичный договор.", "Прыміце карыстальніцкае пагадненне і публічны дагавор.", "Accept the user agreement and the public contract."},
	{"Загрузите файл запроса и укажите e-mail и мобильный телефон.", "Загрузіце файл запыту і ўкажыце e-mail і мабільны тэлефон.", "Upload the request file and give e-mail and mobile phone."},
	{"Данные сверяются с государственными реестрами.", "Даныя звяраюцца з дзяржаўнымі рэестрамі.", "The data are compared with the state registers."},
	{"Попросите руководителя организации подтвердить заказ в услуге 6.0.02.", "Папрасіце кіраўніка арганізацыі пацвердзіць заказ у паслузе 6.0.02.", "Ask the head of the organisation to confirm the order in service 6.0.02."},
	{"Заказ нужно оплатить в срок.", "Заказ трэба аплаціць у тэрмін.", "The order has to be paid in time."},
	{"Сертификат издаётся.", "Сертыфікат выдаецца.", "The certificate is being issued."},
	{"Заказ завершён.", "Заказ завершаны.", "The order is over."},
	{"Файл является запросом на сертификат", "Файл з'яўляецца запытам на сертыфікат", "The file is a request for a certificate"},
	{"Запрос подписан собственным ключом", "Запыт падпісаны ўласным ключом", "The request is signed with its own key"},
	{"Тип и размер ключа допустимы", "Тып і памер ключа дапушчальныя", "Type and size of the key are allowed"},
	{"Ключ новый", "Ключ новы", "The key is new"},
	{"Данные совпадают с действующим сертификатом", "Даныя супадаюць з дзейным сертыфікатам", "The data agree with the present certificate"},
	{"Данные совпадают с ЕГР", "Даныя супадаюць з ЕДР", "The data agree with the state register"},
	{"Дата начала действия — ожидаемая", "Дата пачатку дзеяння — чаканая", "The first day is the one expected"},
	{"Срок действия можно заказать", "Тэрмін дзеяння можна заказаць", "The term can be ordered"},
	{"Сертификат физического лица", "Сертыфікат фізічнай асобы", "Certificate of an individual"},
	{"Подпись верна", "Подпіс правільны", "The signature is good"},
}

// translators put the words into the other languages.
var translators = map[string]*strings.Replacer{"be": replacer(1), "en": replacer(2)}

func replacer(language int) *strings.Replacer {
	var pairs []string
	for _, w := range words {
		pairs = append(pairs, w[0], w[language])
	}
	return strings.NewReplacer(pairs...)
}

// inLanguage answers in the language asked for, as the service does.
func inLanguage(w http.ResponseWriter, language string) http.ResponseWriter {
	if t, ok := translators[language]; ok {
		return &translated{w, t}
	}
	return w
}

// translated writes answers, each of which comes in one piece.
type translated struct {
	http.ResponseWriter
	words *strings.Replacer
}

func (t *translated) Write(content []byte) (int, error) {
	if !strings.Contains(t.Header().Get("Content-Type"), "json") {
		return t.ResponseWriter.Write(content)
	}
	if _, err := t.ResponseWriter.Write([]byte(t.words.Replace(string(content)))); err != nil {
		return 0, err
	}
	return len(content), nil
}
