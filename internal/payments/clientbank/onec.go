package clientbank

import (
	"bytes"
	"fmt"
	"strings"
	"unicode/utf8"

	"github.com/remote-issuance/remote-issuance/internal/payments"
	"github.com/remote-issuance/remote-issuance/internal/payments/charset"
)

// oneC goes through a 1CClientBankExchange file line by line.
type oneC struct {
	data []byte
	// own are our accounts: of the file's head and of its account sections.
	own map[string]bool
	// document holds the keys of the document being read; nil outside.
	document  map[string]string
	start     int
	documents []oneCDocument
}

type oneCDocument struct {
	fields map[string]string
	raw    []byte
}

// decoder finds out the encoding. The file names it, but in itself.
func decoder(data []byte) func([]byte) string {
	if utf8.Valid(data) {
		return charset.Text
	}
	if !strings.Contains(charset.Windows1251(data), "Кодировка=") && strings.Contains(charset.CP866(data), "Кодировка=") {
		return charset.CP866
	}
	return charset.Windows1251
}

// parse1C reads 1CClientBankExchange in windows-1251, cp866 (DOS) or UTF-8.
// The field of the payer's ИНН carries the UNP in Belarus.
func parse1C(data []byte) ([]Credit, error) {
	r := &oneC{data: data, own: map[string]bool{}}
	decode := decoder(data)
	for from := 0; from < len(data); {
		to := len(data)
		if i := bytes.IndexByte(data[from:], '\n'); i >= 0 {
			to = from + i + 1
		}
		r.line(strings.TrimSpace(decode(data[from:to])), from, to)
		from = to
	}
	if r.document != nil {
		return nil, fmt.Errorf("%w: the last document has no end", ErrStatement)
	}
	if len(r.own) == 0 {
		// Without it a credit cannot be told from a debit.
		return nil, fmt.Errorf("%w: the file names no account", ErrStatement)
	}
	var credits []Credit
	for i, d := range r.documents {
		c, ok, err := r.credit(d)
		if err != nil {
			return nil, fmt.Errorf("document %d: %w", i+1, err)
		}
		if ok {
			credits = append(credits, c)
		}
	}
	return credits, nil
}

func (r *oneC) line(text string, from, to int) {
	key, value, _ := strings.Cut(text, "=")
	key, value = strings.TrimSpace(key), strings.TrimSpace(value)
	switch {
	case key == "СекцияДокумент":
		r.document, r.start = map[string]string{}, from
	case key == "КонецДокумента" && r.document != nil:
		r.documents = append(r.documents, oneCDocument{fields: r.document, raw: r.data[r.start:to]})
		r.document = nil
	case r.document != nil:
		r.document[key] = value
	case key == "РасчСчет" && value != "":
		r.own[value] = true
	}
}

// credit tells whether a document brought money to our account.
func (r *oneC) credit(d oneCDocument) (Credit, bool, error) {
	f := d.fields
	account := firstOf(f["ПолучательСчет"], f["ПолучательРасчСчет"])
	if !r.own[account] {
		return Credit{}, false, nil
	}
	sum, negative, err := amount(f["Сумма"])
	if err != nil {
		return Credit{}, false, fmt.Errorf("%w: sum", ErrStatement)
	}
	if sum == 0 {
		return Credit{}, false, nil
	}
	c := Credit{
		Amount: sum, Currency: payments.BYN, Reversed: negative, Account: account, Raw: d.raw, Purpose: purpose(f),
		PayerUNP: firstOf(f["ПлательщикИНН"], f["ПлательщикУНП"]), PayerName: firstOf(f["Плательщик1"], f["Плательщик"]),
	}
	for _, text := range []string{f["ДатаПоступило"], f["ДатаСписано"], f["Дата"]} {
		if c.BookedAt = day(text); !c.BookedAt.IsZero() {
			break
		}
	}
	c.OperationID = fallbackID(f["Номер"], f["Дата"], c.PayerUNP+f["ПлательщикСчет"], sum)
	return c, true, nil
}

// purpose is the whole purpose, or its numbered lines where it is not whole.
func purpose(f map[string]string) string {
	if whole := f["НазначениеПлатежа"]; whole != "" {
		return whole
	}
	var lines []string
	for i := 1; ; i++ {
		line, found := f[fmt.Sprintf("НазначениеПлатежа%d", i)]
		if !found {
			return strings.Join(lines, " ")
		}
		lines = append(lines, line)
	}
}

func firstOf(values ...string) string {
	for _, v := range values {
		if v != "" {
			return v
		}
	}
	return ""
}
