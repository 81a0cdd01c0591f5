package clientbank

import (
	"fmt"
	"regexp"
	"strings"

	"github.com/remote-issuance/remote-issuance/internal/payments"
	"github.com/remote-issuance/remote-issuance/internal/payments/charset"
)

// purposeKey begins the keys of the purpose: as a whole, or in numbered lines.
const purposeKey = "НазначениеПлатежа"

// purposeLine is one of the numbered lines.
var purposeLine = regexp.MustCompile(`^НазначениеПлатежа[0-9]*$`)

// oneCTail are the keys that may follow the purpose. Any other line there is
// text of the purpose, even when it looks like a field: fields that decide about
// money all stand before it.
var oneCTail = map[string]bool{
	"Очередность": true, "ВидОплаты": true, "ВидПлатежа": true, "СтатусСоставителя": true, "ПоказательКБК": true, "ОКАТО": true,
	"ПоказательОснования": true, "ПоказательПериода": true, "ПоказательНомера": true, "ПоказательДаты": true, "ПоказательТипа": true,
	"СрокПлатежа": true, "СрокАкцепта": true, "ВидАккредитива": true, "УсловиеОплаты1": true, "УсловиеОплаты2": true,
	"УсловиеОплаты3": true, "ПлатежПоПредст": true, "ДополнУсловия": true, "НомерСчетаПоставщика": true, "ДатаОтсылкиДок": true,
	"Код": true, "КодНазПлатежа": true, "КодДоходов": true,
}

// oneC goes through a 1CClientBankExchange file line by line.
type oneC struct {
	data []byte
	out  *Statement
	// own are the accounts of the file: of its head and its account sections.
	own map[string]bool
	// document holds the keys of the document being read; nil outside.
	document  *oneCDocument
	documents []oneCDocument
	totals    totals
}

type oneCDocument struct {
	fields map[string]string
	place  block
	// purpose holds the pieces of the purpose in the order in which they stand;
	// last is the key they belong to.
	purpose map[string][]string
	last    string
}

// oneCEncoding finds out the encoding: that in which the file can be read to
// name it, as the word for it is Cyrillic.
func oneCEncoding(data []byte) func([]byte) string {
	for _, decode := range []func([]byte) string{charset.UTF8, charset.Windows1251, charset.CP866} {
		for b := range lines(data) {
			key, _, found := strings.Cut(decode(data[b.start:b.end]), "=")
			if found && strings.TrimSpace(key) == "Кодировка" {
				return decode
			}
		}
	}
	return charset.Guess(data)
}

// parse1C reads 1CClientBankExchange in windows-1251, cp866 (DOS) or UTF-8.
// The field of the payer's ИНН carries the UNP in Belarus.
func parse1C(data []byte, out *Statement) error {
	r := &oneC{data: data, out: out, own: map[string]bool{}}
	decode, number := oneCEncoding(data), 0
	for b := range lines(data) {
		number++
		if err := r.line(strings.TrimSpace(decode(data[b.start:b.end])), b); err != nil {
			return fmt.Errorf("line %d: %w", number, err)
		}
	}
	if r.document != nil {
		return fmt.Errorf("%w: the last document has no end", ErrStatement)
	}
	if len(r.own) == 0 {
		// Without it a credit cannot be told from a debit.
		return fmt.Errorf("%w: the file names no account", ErrStatement)
	}
	for i, d := range r.documents {
		if err := r.entry(d); err != nil {
			return fmt.Errorf("document %d: %w", i+1, err)
		}
	}
	return r.totals.check()
}

func (r *oneC) line(text string, b block) error {
	key, value, found := strings.Cut(text, "=")
	key, value = strings.TrimSpace(key), strings.TrimSpace(value)
	switch {
	case key == "СекцияДокумент" && r.document != nil:
		return fmt.Errorf("%w: a document begins inside of another", ErrStatement)
	case key == "СекцияДокумент":
		r.document = &oneCDocument{fields: map[string]string{}, purpose: map[string][]string{}, place: b}
	case text == "КонецДокумента" && r.document != nil:
		r.document.place.end = b.end
		r.documents, r.document = append(r.documents, *r.document), nil
	case text == "КонецДокумента":
		return fmt.Errorf("%w: a document ends that has not begun", ErrStatement)
	case r.document != nil:
		return r.document.line(key, value, text, found)
	case text != "":
		r.head(key, value)
	}
	return nil
}

// head takes a line outside of documents.
func (r *oneC) head(key, value string) {
	switch key {
	case "РасчСчет":
		if value != "" {
			r.own[payments.AccountNumber(value)] = true
		}
	case "НачальныйОстаток":
		r.totals.opening.read(value)
	case "КонечныйОстаток":
		r.totals.closing.read(value)
	case "ВсегоПоступило":
		r.totals.credits.read(value)
	case "ВсегоСписано":
		r.totals.debits.read(value)
	}
}

// line takes a line inside of a document. Payers write the purpose: a further
// line of it opens no field that decides, and no field stands there twice.
func (d *oneCDocument) line(key, value, text string, found bool) error {
	_, known := d.fields[key]
	switch {
	case text == "":
		return nil
	case found && purposeLine.MatchString(key):
		if _, twice := d.purpose[key]; twice {
			return fmt.Errorf("%w: a field stands twice in one document", ErrStatement)
		}
		d.last = key
		d.purpose[key] = []string{value}
	case d.last != "" && !oneCTail[key]:
		d.purpose[d.last] = append(d.purpose[d.last], text)
	case !found:
		return fmt.Errorf("%w: a line of a document that is no field", ErrStatement)
	case known:
		return fmt.Errorf("%w: a field stands twice in one document", ErrStatement)
	default:
		d.fields[key] = value
	}
	return nil
}

// entry keeps what a document has moved.
func (r *oneC) entry(d oneCDocument) error {
	f := d.fields
	account, err := agreed(payments.AccountNumber(f["ПолучательСчет"]), payments.AccountNumber(f["ПолучательРасчСчет"]))
	if err != nil {
		return err
	}
	sum, negative, err := amount(f["Сумма"])
	if err != nil {
		return fmt.Errorf("%w: sum", ErrStatement)
	}
	signed := sum
	if negative {
		signed = -sum
	}
	payer := payments.AccountNumber(firstOf(f["ПлательщикСчет"], f["ПлательщикРасчСчет"]))
	if r.own[payer] {
		r.totals.debit(signed)
	}
	switch {
	case !r.own[account] && r.own[payer]:
		r.out.Passed[SkipDebit]++
		return nil
	case sum == 0:
		r.out.Passed[SkipZero]++
		return nil
	}
	foreign := !r.own[account]
	if !foreign {
		r.totals.credit(signed)
	}
	c := Credit{
		Foreign: foreign,
		Amount:  sum, Currency: payments.BYN, Reversed: negative, Account: account, Raw: r.data[d.place.start:d.place.end],
		Purpose: payments.JoinPurpose(d.pieces()...), PayerName: firstOf(f["Плательщик1"], f["Плательщик"]),
		details: strings.Join([]string{f["Номер"], f["Дата"], payer}, "|"),
	}
	if c.PayerUNP, err = agreed(f["ПлательщикИНН"], f["ПлательщикУНП"]); err != nil {
		return err
	}
	for _, text := range []string{f["ДатаПоступило"], f["ДатаСписано"], f["Дата"]} {
		if c.BookedAt = day(text); !c.BookedAt.IsZero() {
			break
		}
	}
	r.out.Credits = append(r.out.Credits, c)
	return nil
}

// pieces is the whole purpose, or its numbered lines where it is not whole.
func (d oneCDocument) pieces() []string {
	whole := d.purpose[purposeKey]
	if strings.TrimSpace(strings.Join(whole, "")) != "" {
		return whole
	}
	var out []string
	for i := 1; ; i++ {
		piece, found := d.purpose[fmt.Sprintf("%s%d", purposeKey, i)]
		if !found {
			return out
		}
		out = append(out, piece...)
	}
}

// agreed is the one value of several fields that mean the same.
func agreed(values ...string) (string, error) {
	value := firstOf(values...)
	for _, v := range values {
		if v = strings.TrimSpace(v); v != "" && v != value {
			return "", fmt.Errorf("%w: two fields contradict each other", ErrStatement)
		}
	}
	return value, nil
}
