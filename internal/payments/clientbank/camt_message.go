package clientbank

import (
	"fmt"
	"strings"

	"github.com/remote-issuance/remote-issuance/internal/payments"
)

// The parts of camt.053 that are needed; elements are matched by local name,
// so that every version of the message is read.
type camtDocument struct {
	Statements []camtStatement `xml:"BkToCstmrStmt>Stmt"`
}

type camtStatement struct {
	IBAN     string        `xml:"Acct>Id>IBAN"`
	Other    string        `xml:"Acct>Id>Othr>Id"`
	Balances []camtBalance `xml:"Bal"`
	Credits  string        `xml:"TxsSummry>TtlCdtNtries>Sum"`
	Debits   string        `xml:"TxsSummry>TtlDbtNtries>Sum"`
	Entries  []camtEntry   `xml:"Ntry"`
}

type camtBalance struct {
	Code      string     `xml:"Tp>CdOrPrtry>Cd"`
	Amount    camtAmount `xml:"Amt"`
	Direction string     `xml:"CdtDbtInd"`
}

type camtAmount struct {
	Currency string `xml:"Ccy,attr"`
	Text     string `xml:",chardata"`
}

type camtEntry struct {
	Raw          []byte     `xml:",innerxml"`
	Amount       camtAmount `xml:"Amt"`
	Direction    string     `xml:"CdtDbtInd"`
	Reversal     *string    `xml:"RvslInd"`
	Status       camtStatus `xml:"Sts"`
	BookedAt     camtDate   `xml:"BookgDt"`
	ValueAt      camtDate   `xml:"ValDt"`
	Reference    string     `xml:"NtryRef"`
	BankRef      string     `xml:"AcctSvcrRef"`
	Info         string     `xml:"AddtlNtryInf"`
	Transactions []camtTx   `xml:"NtryDtls>TxDtls"`
}

// camtSingle tells which elements may stand once: those that decide.
func camtSingle(parent, name string) bool {
	switch name {
	case "Amt", "CdtDbtInd", "RvslInd", "Sts", "AcctSvcrRef", "Acct", "IBAN", "Dbtr", "DbtrAcct", "CdtrAcct", "RltdPties", "Refs", "TxId":
		return parent != "Chrgs" && parent != "Avlbty"
	default:
		return false
	}
}

// camtStatus is a text in old versions of the message, a code or a word of the
// bank's own in new ones.
type camtStatus struct {
	Text string `xml:",chardata"`
	Code string `xml:"Cd"`
	Own  string `xml:"Prtry"`
}

type camtDate struct {
	Date     string `xml:"Dt"`
	DateTime string `xml:"DtTm"`
}

type camtTx struct {
	Amount     camtAmount `xml:"Amt"`
	TxAmount   camtAmount `xml:"AmtDtls>TxAmt>Amt"`
	Direction  string     `xml:"CdtDbtInd"`
	BankRef    string     `xml:"Refs>AcctSvcrRef"`
	TxID       string     `xml:"Refs>TxId"`
	EndToEnd   string     `xml:"Refs>EndToEndId"`
	Name       string     `xml:"RltdPties>Dbtr>Nm"`
	PartyName  string     `xml:"RltdPties>Dbtr>Pty>Nm"`
	Tax        []camtID   `xml:"RltdPties>Dbtr>Id>OrgId>Othr"`
	PartyTax   []camtID   `xml:"RltdPties>Dbtr>Pty>Id>OrgId>Othr"`
	Debtor     string     `xml:"RltdPties>DbtrAcct>Id>IBAN"`
	Creditor   string     `xml:"RltdPties>CdtrAcct>Id>IBAN"`
	Purpose    []string   `xml:"RmtInf>Ustrd"`
	Structured []string   `xml:"RmtInf>Strd>CdtrRefInf>Ref"`
}

type camtID struct {
	ID   string `xml:"Id"`
	Code string `xml:"SchmeNm>Cd"`
}

// pieces are the purpose: each element is one, and so is a structured
// reference, which is where ISO 20022 has the payer write an order's number.
func (tx camtTx) pieces() []string {
	return append(append([]string{}, tx.Purpose...), tx.Structured...)
}

// credit is the transaction as a part of its entry, and whether its amount in
// the entry's currency is told.
func (tx camtTx) credit(whole Credit, reference string) (Credit, bool, error) {
	c := whole
	unp, err := tx.unp()
	if err != nil {
		return Credit{}, false, err
	}
	c.PayerUNP, c.PayerName, c.Purpose = unp, firstOf(tx.Name, tx.PartyName), payments.JoinPurpose(tx.pieces()...)
	c.reference = reference
	c.details = strings.Join([]string{strings.TrimSpace(tx.EndToEnd), payments.AccountNumber(tx.Debtor)}, "|")
	// Who is the creditor of a reversal depends on the bank.
	if creditor := payments.AccountNumber(tx.Creditor); creditor != "" && creditor != c.Account && !c.Reversed {
		c.Foreign, c.Account = true, creditor
	}
	c.Amount = 0
	for _, a := range []camtAmount{tx.Amount, tx.TxAmount} {
		sum, negative, err := amount(plainZeros(a.Text))
		if strings.TrimSpace(a.Text) == "" || currency(a.Currency) != whole.Currency {
			continue
		}
		if err != nil && whole.Currency != payments.BYN {
			continue
		}
		if err != nil || negative {
			return Credit{}, false, fmt.Errorf("%w: amount of a transaction", ErrStatement)
		}
		c.Amount = sum
		break
	}
	switch strings.TrimSpace(tx.Direction) {
	case "", directionCredit:
		return c, c.Amount > 0, nil
	case directionDebit:
		return c, c.Amount > 0 && whole.Reversed, nil
	default:
		return Credit{}, false, fmt.Errorf("%w: CdtDbtInd of a transaction", ErrStatement)
	}
}

// unp is the debtor's tax number, by its scheme or by being the only number.
func (tx camtTx) unp() (string, error) {
	ids := append(append([]camtID{}, tx.Tax...), tx.PartyTax...)
	var taxes []string
	for _, id := range ids {
		if strings.TrimSpace(id.Code) == "TXID" {
			taxes = append(taxes, strings.TrimSpace(id.ID))
		}
	}
	if len(taxes) == 0 && len(ids) == 1 && ids[0].Code == "" {
		taxes = append(taxes, strings.TrimSpace(ids[0].ID))
	}
	return agreed(taxes...)
}
