package clientbank

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/remote-issuance/remote-issuance/internal/payments"
)

// sums in every form that a bank, a spreadsheet or an attacker writes: what
// each format makes of them, "" for a refusal of the file, "zero" and "reversed"
// for what is no payment.
var sums = map[string]struct{ text, oneC, camt string }{
	"86.40": {"86.40", "86.40", "86.40"}, "86,40": {"86.40", "86.40", "86.40"}, "86.4": {"86.40", "86.40", "86.40"}, "86": {"86.00", "86.00", "86.00"},
	"086.40": {"86.40", "86.40", "86.40"}, "1 086.40": {"1086.40", "1086.40", "1086.40"}, "1\u00a0086,40": {"1086.40", "1086.40", "1086.40"},
	"1\u202f086.4": {"1086.40", "1086.40", "1086.40"}, "1\u2009086.40": {"1086.40", "1086.40", "1086.40"}, "12 345 678.90": {"12345678.90", "12345678.90", "12345678.90"},
	" 86.40\u00a0": {"86.40", "86.40", "86.40"},
	// Two values in one, or a number that only looks like one.
	"8 6.40": {}, "10 86.40": {}, "1 0861.40": {}, "1234 567.00": {}, "86 .40": {}, "86. 40": {}, "86.40 86.40": {},
	"1e2": {}, "8.64e1": {}, "0x56": {}, "NaN": {}, "Infinity": {}, "+86.40": {}, "--1": {}, "(86.40)": {}, "86.40-": {}, "86-40": {}, "86=40": {},
	"１２": {}, "٨٦.40": {}, "86\u066b40": {}, "86\uff0e40": {}, "\u200b86.40": {}, "86.40\u200b": {}, "\u202e86.40": {}, "\ufeff86.40": {},
	"1'086.40": {}, "1,086.40": {}, "1.086,40": {}, "86..40": {}, "86.4.0": {}, ".40": {}, "86.": {}, "86.40 BYN": {}, "86.405": {},
	"99999999999999999999": {}, "92233720368547758.08": {},
	// ISO 20022 has five decimals; they count when they are nothing.
	"86.400": {camt: "86.40"}, "86.40000": {camt: "86.40"}, "86.40001": {}, "86.400000000000000000000001": {},
	// The text formats mark what went back with a sign, ISO 20022 has a field for it.
	"-86.40": {"reversed", "reversed", ""}, "- 86.40": {"reversed", "reversed", ""}, "-1 086.40": {"reversed", "reversed", ""},
	"0": {"zero", "zero", "zero"}, "0.00": {"zero", "zero", "zero"}, "-0.00": {"zero", "zero", ""}, "0,0": {"zero", "zero", "zero"},
}

func TestP3_P4_SumsInEveryForm(t *testing.T) {
	camt := `<Document><BkToCstmrStmt><Stmt><Acct><Id><IBAN>` + own + `</IBAN></Id></Acct><Ntry><Amt Ccy="BYN">SUM</Amt><CdtDbtInd>CRDT</CdtDbtInd>
		<Sts>BOOK</Sts><AcctSvcrRef>B1</AcctSvcrRef><NtryDtls><TxDtls><RmtInf><Ustrd>ROAIS000092239</Ustrd></RmtInf></TxDtls></NtryDtls></Ntry></Stmt></BkToCstmrStmt></Document>`
	for sum, want := range sums {
		for format, c := range map[string]struct {
			file string
			want string
		}{
			"text": {string(textFile(operation("OP1", sum, "190000020", "ROAIS000092239")...)), want.text},
			"1c":   {strings.Replace(string(oneCFile("ROAIS000092239")), "Сумма=86.40", "Сумма="+sum, 1), want.oneC},
			"camt": {strings.Replace(camt, "SUM", sum, 1), want.camt},
		} {
			report, err := DryRun([]byte(c.file), payments.NewAccounts(own))
			if c.want == "" {
				require.ErrorIs(t, err, ErrStatement, "%s: %q", format, sum)
				continue
			}
			require.NoError(t, err, "%s: %q", format, sum)
			switch c.want {
			case "zero":
				require.Empty(t, report.Credits, "%s: %q", format, sum)
				require.Equal(t, 1, report.Passed[SkipZero])
			case "reversed":
				require.Len(t, report.Credits, 1)
				require.Equal(t, payments.ReasonReversed, report.Credits[0].Reason, "%s: %q", format, sum)
			default:
				require.Len(t, report.Credits, 1)
				require.Equal(t, c.want, report.Credits[0].Amount, "%s: %q", format, sum)
				require.Equal(t, payments.ReasonNone, report.Credits[0].Reason)
			}
		}
	}
}

// What else an unseen statement may hold: each is refused with its line, or kept.
func TestP3_P4_UnseenStatements(t *testing.T) {
	credit := func(purpose string) string {
		return string(textFile(operation("OP1", "86.40", "190000020", purpose)...))
	}
	for name, c := range map[string]struct {
		file   string
		number string
		reason payments.Reason
	}{
		"CR line ends":                       {strings.ReplaceAll(credit("ROAIS000092239"), "\r\n", "\r"), "ROAIS000092239", ""},
		"LF line ends":                       {strings.ReplaceAll(credit("ROAIS000092239"), "\r\n", "\n"), "ROAIS000092239", ""},
		"a byte order mark":                  {"\ufeff" + credit("ROAIS000092239"), "ROAIS000092239", ""},
		"blank lines before it":              {"\r\n\r\n" + credit("ROAIS000092239"), "ROAIS000092239", ""},
		"number in full width":               {credit("ＲＯＡＩＳ000092239"), "", payments.ReasonNoNumber},
		"digits of another alphabet":         {credit("ROAIS00009223٩"), "", payments.ReasonNoNumber},
		"zero width inside of the number":    {credit("RO\u200bAIS000092239"), "ROAIS000092239", ""},
		"a bidi override around the number":  {credit("\u202eROAIS000092239\u202c"), "ROAIS000092239", ""},
		"two numbers, one wrapped in a word": {credit("ROAIS000092239 xROAIS000092240"), "ROAIS000092239", ""},
		"two numbers in two alphabets":       {credit("ROAIS000092239 NOAIS000092240"), "", payments.ReasonSeveralNumbers},
		"the same number in both alphabets":  {credit("ROAIS000092239 RОАIS000092239"), "ROAIS000092239", ""},
		"both kinds of one number":           {credit("ROAIS000092239 NOAIS000092239"), "ROAIS000092239", ""},
		"a digit too many":                   {credit("ROAIS0000922390"), "", payments.ReasonNoNumber},
		"a digit too few":                    {credit("ROAIS00009223"), "", payments.ReasonNoNumber},
		"a purpose of 64 KiB":                {credit(strings.Repeat("оплата ", 9000) + "ROAIS000092239"), "ROAIS000092239", ""},
		"purpose in capitals of Cyrillic":    {credit("РОАІЅ000092239"), "", payments.ReasonNoNumber},
		"look-alike letters":                 {credit("RОАIS000092239"), "ROAIS000092239", ""},
	} {
		t.Run(name, func(t *testing.T) {
			report, err := DryRun([]byte(c.file), payments.NewAccounts(own))
			require.NoError(t, err)
			require.Len(t, report.Credits, 1)
			require.Equal(t, c.reason, report.Credits[0].Reason)
			require.Equal(t, c.number, report.Credits[0].Number)
		})
	}
}

// What decides about an entry of ISO 20022 is said in the standard's words or
// the file is refused: a word that nobody knows must not make money vanish, nor
// pay with money that went back.
func TestP4_WordsThatDecideAboutAnEntry(t *testing.T) {
	file := func(amount, words, tx, after string) []byte {
		return []byte(`<Document><BkToCstmrStmt><Stmt><Acct><Id><IBAN>` + own + `</IBAN></Id></Acct><Ntry>` + amount + words +
			`<AcctSvcrRef>B1</AcctSvcrRef><NtryDtls><TxDtls>` + tx + `<RmtInf><Ustrd>ROAIS000092239</Ustrd></RmtInf></TxDtls></NtryDtls></Ntry></Stmt></BkToCstmrStmt></Document>` + after)
	}
	const amount, credit, booked = `<Amt Ccy="BYN">86.40</Amt>`, "<CdtDbtInd>CRDT</CdtDbtInd>", "<Sts>BOOK</Sts>"
	reversal := func(word string) []byte { return file(amount, credit+"<RvslInd>"+word+"</RvslInd>"+booked, "", "") }
	for name, c := range map[string]struct {
		file []byte
		// want is "paid", a skip, or "" for a refusal.
		want string
	}{
		"plain":                        {file(amount, credit+booked, "", ""), "paid"},
		"blanks around words":          {file(amount, "<CdtDbtInd> CRDT\n</CdtDbtInd><RvslInd> 0 </RvslInd><Sts> BOOK </Sts>", "", "\n<!-- end -->\n"), "paid"},
		"a code of new versions":       {file(amount, credit+"<Sts><Cd>BOOK</Cd></Sts>", "", ""), "paid"},
		"no status":                    {file(amount, credit, "", ""), "paid"},
		"reversal 1":                   {reversal("1"), string(SkipOwnReversal)},
		"reversal true, wrapped":       {reversal("\n true "), string(SkipOwnReversal)},
		"reversal false":               {reversal("false"), "paid"},
		"reversal TRUE":                {reversal("TRUE"), ""},
		"reversal yes":                 {reversal("yes"), ""},
		"reversal of nothing":          {reversal(""), ""},
		"reversal with an element":     {reversal("<x>true</x>"), ""},
		"direction in small letters":   {file(amount, "<CdtDbtInd>crdt</CdtDbtInd>"+booked, "", ""), ""},
		"no direction":                 {file(amount, booked, "", ""), ""},
		"another direction":            {file(amount, "<CdtDbtInd>CREDIT</CdtDbtInd>"+booked, "", ""), ""},
		"Cyrillic direction":           {file(amount, "<CdtDbtInd>СRDT</CdtDbtInd>"+booked, "", ""), ""},
		"direction of the transaction": {file(amount, credit+booked, "<CdtDbtInd>dbit</CdtDbtInd>", ""), ""},
		"announced":                    {file(amount, credit+"<Sts>PDNG</Sts>", "", ""), string(SkipNotBooked)},
		"information":                  {file(amount, credit+"<Sts><Cd>INFO</Cd></Sts>", "", ""), string(SkipNotBooked)},
		"status in small letters":      {file(amount, credit+"<Sts>book</Sts>", "", ""), ""},
		"status of the bank's own":     {file(amount, credit+"<Sts><Prtry>DONE</Prtry></Sts>", "", ""), ""},
		"no currency":                  {file("<Amt>86.40</Amt>", credit+booked, "", ""), ""},
		"an element in the amount":     {file(`<Amt Ccy="BYN">8<x>9</x>6.40</Amt>`, credit+booked, "", ""), ""},
		"text beside elements":         {file(amount, credit+booked+"CRDT", "", ""), ""},
		"text after the document":      {file(amount, credit+booked, "", " junk"), ""},
		"a second document":            {file(amount, credit+booked, "", "<Document/>"), ""},
	} {
		t.Run(name, func(t *testing.T) {
			report, err := DryRun(c.file, payments.NewAccounts(own))
			if c.want == "" {
				require.ErrorIs(t, err, ErrStatement)
				return
			}
			require.NoError(t, err)
			if c.want != "paid" {
				require.Empty(t, report.Credits)
				require.Equal(t, map[Skip]int{Skip(c.want): 1}, report.Passed)
				return
			}
			require.Len(t, report.Credits, 1)
			require.Equal(t, "86.40", report.Credits[0].Amount)
			require.Equal(t, "ROAIS000092239", report.Credits[0].Number)
		})
	}
}
