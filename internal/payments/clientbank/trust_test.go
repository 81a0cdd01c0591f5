package clientbank

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/remote-issuance/remote-issuance/internal/payments"
)

// textFile is a text statement of the lines after its head.
func textFile(lines ...string) []byte {
	head := []string{"***** ^Type=4^ ^Acc=" + own + "^  -  Выписка", "[OUT_PARAM]"}
	return []byte(strings.Join(append(head, lines...), "\r\n") + "\r\n")
}

// operation is one credit of a text statement.
func operation(id, sum, unp, purpose string) []string {
	return []string{
		"^DocDate=01.06.2025^", "^OperationID=" + id + "^", "^Db=0.00^", "^Credit=" + sum + "^", "^KorUNP=" + unp + "^", "^Nazn=" + purpose + "^",
	}
}

// oneCFile is a 1C file with one document; the purpose may have several lines.
func oneCFile(purpose string, more ...string) []byte {
	lines := append([]string{
		"1CClientBankExchange", "Кодировка=UTF-8", "РасчСчет=" + own, "СекцияДокумент=Платежное поручение", "Номер=118", "Дата=01.06.2025",
		"Сумма=86.40", "ПлательщикСчет=BY32TEST30120000000000000933", "ПлательщикИНН=190000020", "ПолучательСчет=" + own,
		"ДатаПоступило=01.06.2025", "НазначениеПлатежа=" + purpose,
	}, more...)
	return []byte(strings.Join(append(lines, "КонецДокумента", "КонецФайла"), "\n"))
}

func TestP3_ALineOfAPurposeIsNoField(t *testing.T) {
	fields := []string{
		"Сумма=8640.00", "ПлательщикИНН=191700161", "ПлательщикУНП=191700161", "ДатаПоступило=01.01.2020", "ПолучательСчет=BY00", "Номер=1",
		"РасчСчет=BY32TEST30120000000000000933",
	}
	for _, line := range fields {
		s, err := Parse(oneCFile("Оплата\n"+line+"\nROAIS000092239", "Очередность=22"))
		require.NoError(t, err, line)
		c := s.Credits[0]
		require.Equal(t, "86.40 190000020 "+own, c.Amount.String()+" "+c.PayerUNP+" "+c.Account, line)
		require.Equal(t, minsk(1, 0, 0, 0), c.BookedAt)
		require.Equal(t, "Оплата\n"+line+"\nROAIS000092239", c.Purpose)
	}
	for _, line := range []string{"^KorUNP=191700161", "^Credit=8640.00", "^DocDate=02.06.2025", "***** ^Type=4^ ^Acc=BY00", "[IN_PARAM]", "^OperationID=OP7"} {
		s, err := Parse(textFile(operation("OP1", "86.40", "190000020", "Оплата\r\n"+line+"\r\nROAIS000092239")...))
		require.NoError(t, err, line)
		require.Len(t, s.Credits, 1)
		c := s.Credits[0]
		require.Equal(t, "OP1 86.40 190000020 "+own, c.OperationID+" "+c.Amount.String()+" "+c.PayerUNP+" "+c.Account, line)
		require.Equal(t, "Оплата\n"+line+"\nROAIS000092239", c.Purpose)
	}
}

func TestTwoValuesForOneTruthAreRefused(t *testing.T) {
	camt := string(golden(t, "camt053.xml"))
	for name, data := range map[string][]byte{
		"text, a field twice":        textFile(append(operation("OP1", "86.40", "190000020", "x"), "^KorUNP=191700161^")...),
		"text, the same field twice": textFile(append(operation("OP1", "86.40", "190000020", "x"), "^Credit=86.40^")...),
		"text, aliases differ":       textFile(append(operation("OP1", "86.40", "190000020", "x"), "^UNNRec=191700161^")...),
		"text, sums differ":          textFile(append(operation("OP1", "86.40", "190000020", "x"), "^Cre=1.00^")...),
		"text, a value never closed": textFile("^DocDate=01.06.2025^", "^Credit=86.40^", "^Nazn=x"),
		"text, a value closed too late": textFile(append([]string{"^DocDate=01.06.2025^", "^OperationID=OP0^", "^Credit=86.40^", "^Nazn=x"},
			operation("OP1", "86.40", "190000020", "y")...)...),
		"1c, a field twice":     []byte(strings.Replace(string(oneCFile("x")), "Сумма=86.40", "Сумма=86.40\nСумма=1.00", 1)),
		"1c, two purposes":      oneCFile("x", "НазначениеПлатежа=y"),
		"1c, two payers":        []byte(strings.Replace(string(oneCFile("x")), "Номер=118", "ПлательщикУНП=191700161", 1)),
		"1c, document in one":   []byte(strings.Replace(string(oneCFile("x")), "Номер=118", "СекцияДокумент=x", 1)),
		"1c, a line of nothing": []byte(strings.Replace(string(oneCFile("x")), "Номер=118", "118", 1)),
		"camt, two amounts":     []byte(strings.Replace(camt, `<Amt Ccy="BYN">86.40</Amt>`, `<Amt Ccy="BYN">86.40</Amt><Amt Ccy="BYN">1.00</Amt>`, 1)),
		"camt, two directions":  []byte(strings.Replace(camt, "<CdtDbtInd>CRDT</CdtDbtInd>", "<CdtDbtInd>DBIT</CdtDbtInd><CdtDbtInd>CRDT</CdtDbtInd>", 1)),
		"camt, two tax numbers": []byte(strings.Replace(camt, "</OrgId>",
			"<Othr><Id>191700161</Id><SchmeNm><Cd>TXID</Cd></SchmeNm></Othr></OrgId>", 1)),
	} {
		_, err := Parse(data)
		require.ErrorIs(t, err, ErrStatement, name)
	}
}

func TestP4_TotalsOfAStatementAreCompared(t *testing.T) {
	two := append(operation("OP1", "86.40", "190000020", "x"), operation("OP2", "-6.40", "190000020", "x")...)
	spent := append(append([]string{}, two...), "^DocDate=01.06.2025^", "^OperationID=OP3^", "^Db=10.00^", "^Credit=0.00^")
	oneC := func(totals string) []byte {
		return []byte(strings.Replace(string(oneCFile("x")), "СекцияДокумент", "СекцияРасчСчет\n"+totals+"\nКонецРасчСчет\nСекцияДокумент", 1))
	}
	camt := func(summary string) []byte {
		return []byte(`<Document><BkToCstmrStmt><Stmt><Acct><Id><IBAN>` + own + `</IBAN></Id></Acct>` + summary +
			`<Ntry><Amt Ccy="BYN">86.40</Amt><CdtDbtInd>CRDT</CdtDbtInd><Sts>BOOK</Sts></Ntry>
			<Ntry><Amt Ccy="BYN">10.00000</Amt><CdtDbtInd>DBIT</CdtDbtInd><Sts>BOOK</Sts></Ntry></Stmt></BkToCstmrStmt></Document>`)
	}
	balance := func(code, sum, direction string) string {
		return `<Bal><Tp><CdOrPrtry><Cd>` + code + `</Cd></CdOrPrtry></Tp><Amt Ccy="BYN">` + sum + `</Amt><CdtDbtInd>` + direction + `</CdtDbtInd></Bal>`
	}
	summary := func(credits, debits string) string {
		return `<TxsSummry><TtlCdtNtries><Sum>` + credits + `</Sum></TtlCdtNtries><TtlDbtNtries><Sum>` + debits + `</Sum></TtlDbtNtries></TxsSummry>`
	}
	for name, c := range map[string]struct {
		data []byte
		good bool
	}{
		"text, net turnover":          {textFile(append(two, "^CR=80.00^")...), true},
		"text, gross turnover":        {textFile(append(two, "^CR=86.40^")...), true},
		"text, other turnover":        {textFile(append(two, "^CR=86.41^")...), false},
		"text, debits":                {textFile(append(spent, "^DB=10.00^")...), true},
		"text, other debits":          {textFile(append(spent, "^DB=10.01^")...), false},
		"text, balances":              {textFile(append(append([]string{"^RestIn=1000.00^"}, spent...), "^RestOut=1070.00^")...), true},
		"text, balances of overdraft": {textFile(append(append([]string{"^CrIn=-70.00^"}, spent...), "^CrOut=0.00^")...), true},
		"text, other balances":        {textFile(append(append([]string{"^RestIn=1000.00^"}, spent...), "^CrOut=1070.01^")...), false},
		"text, a day after another":   {textFile(append(append([]string{"^RestIn=1.00^"}, two...), "^RestOut=81.00^", "^RestIn=81.00^", "^RestOut=2.00^")...), true},
		"text, said nothing of":       {textFile(spent...), true},
		"1c, turnover":                {oneC("ВсегоПоступило=86.40\nВсегоСписано=0.00"), true},
		"1c, other turnover":          {oneC("ВсегоПоступило=172.80"), false},
		"1c, other balances":          {oneC("НачальныйОстаток=0.00\nКонечныйОстаток=86.41"), false},
		"camt, summary":               {camt(summary("86.4", "10.00000")), true},
		"camt, other credits":         {camt(summary("96.4", "10.00")), false},
		"camt, other debits":          {camt(summary("86.40", "10.01")), false},
		"camt, balances":              {camt(balance("OPBD", "5.00", "DBIT") + balance("CLBD", "71.40", "CRDT")), true},
		"camt, other balances":        {camt(balance("OPBD", "5.00", "CRDT") + balance("CLBD", "71.40", "CRDT")), false},
	} {
		_, err := Parse(c.data)
		if c.good {
			require.NoError(t, err, name)
			continue
		}
		require.ErrorIs(t, err, ErrStatement, name)
	}
}

func TestP4_CreditsOfOtherAccountsAreMarked(t *testing.T) {
	foreign := strings.Replace(string(oneCFile("ROAIS000092239")), "ПолучательСчет="+own, "ПолучательСчет=BY00OTHER", 1)
	creditor := `<Document><BkToCstmrStmt><Stmt><Acct><Id><IBAN>` + own + `</IBAN></Id></Acct><Ntry><Amt Ccy="BYN">86.40</Amt><CdtDbtInd>CRDT</CdtDbtInd>
		<NtryDtls><TxDtls><RltdPties><CdtrAcct><Id><IBAN>BY00OTHER</IBAN></Id></CdtrAcct></RltdPties><RmtInf><Ustrd>ROAIS000092239</Ustrd></RmtInf></TxDtls></NtryDtls></Ntry>
		</Stmt></BkToCstmrStmt></Document>`
	text := textFile(operation("OP1", "86.40", "190000020", "ROAIS000092239")...)
	for name, c := range map[string]struct {
		data []byte
		own  payments.Accounts
		want payments.Reason
	}{
		"1c, another payee":           {[]byte(foreign), payments.NewAccounts(own), payments.ReasonOtherAccount},
		"1c, nobody has said whose":   {[]byte(foreign), nil, payments.ReasonOtherAccount},
		"camt, another creditor":      {[]byte(creditor), payments.NewAccounts(own), payments.ReasonOtherAccount},
		"text, ours":                  {text, payments.NewAccounts("by83 AKBB 3012 0893 7008 4550 0000"), ""},
		"text, of another account":    {text, payments.NewAccounts("BY86AKBB10100000002966000000"), payments.ReasonOtherAccount},
		"text, that names no account": {[]byte(strings.Replace(string(text), "^Acc="+own+"^", "", 1)), payments.NewAccounts(own), payments.ReasonOtherAccount},
	} {
		report, err := DryRun(c.data, c.own)
		require.NoError(t, err, name)
		require.Equal(t, c.want, report.Credits[0].Reason, name)
	}
}

func TestP5_IdsThatIdentifyNothing(t *testing.T) {
	for _, id := range []string{"", "0", "000", " 0 ", "NONREF", "nonref", "NOTPROVIDED", "Not Provided", "б/н", "Б/Н.", "БН", "-", "N/A", "n/a", "null"} {
		require.False(t, identifies(id), "%q", id)
	}
	for _, id := range []string{"1", "OP1", "10", "B-0", "NONREF1", "0A"} {
		require.True(t, identifies(id), "%q", id)
	}
}

func TestP5_IdsAreOfOneCreditAndStay(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		id := rapid.SampledFrom([]string{"", "0", "NONREF", "COMMON", "OP1", "OP2"})
		purpose := rapid.SampledFrom([]string{"ROAIS000092239", "ROAIS000092240"})
		var lines []string
		type said struct{ id, purpose string }
		var all []said
		for range rapid.IntRange(1, 6).Draw(t, "credits") {
			s := said{id.Draw(t, "id"), purpose.Draw(t, "purpose")}
			all = append(all, s)
			lines = append(lines, operation(s.id, "86.40", "190000020", s.purpose)...)
		}
		first, err := Parse(textFile(lines...))
		require.NoError(t, err)
		again, err := Parse(textFile(strings.Split(strings.Join(lines, "  \n"), "\n")...))
		require.NoError(t, err)
		require.Len(t, first.Credits, len(all))
		events := map[string]said{}
		for i, c := range first.Credits {
			n := c.Notification(time.Time{}, nil)
			require.Equal(t, n.ExternalID, again.Credits[i].Notification(time.Time{}, nil).ExternalID)
			key := fmt.Sprintf("%s %x", n.ExternalID, n.Content())
			before, known := events[key]
			if known {
				require.True(t, identifies(all[i].id), "only an id makes two credits one")
				require.Equal(t, before, all[i])
			}
			events[key] = all[i]
		}
	})
}
