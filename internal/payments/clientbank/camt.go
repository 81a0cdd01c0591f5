package clientbank

import (
	"bytes"
	"fmt"
	"strings"
	"time"

	"github.com/remote-issuance/remote-issuance/internal/order"
	"github.com/remote-issuance/remote-issuance/internal/payments/charset"
)

// The parts of camt.053 that are needed; elements are matched by local name,
// so that every version of the message is read.
type camtDocument struct {
	Statements []camtStatement `xml:"BkToCstmrStmt>Stmt"`
}

type camtStatement struct {
	IBAN    string      `xml:"Acct>Id>IBAN"`
	Other   string      `xml:"Acct>Id>Othr>Id"`
	Entries []camtEntry `xml:"Ntry"`
}

type camtAmount struct {
	Currency string `xml:"Ccy,attr"`
	Text     string `xml:",chardata"`
}

type camtEntry struct {
	Raw         []byte     `xml:",innerxml"`
	Amount      camtAmount `xml:"Amt"`
	Direction   string     `xml:"CdtDbtInd"`
	Reversal    string     `xml:"RvslInd"`
	Status      camtStatus `xml:"Sts"`
	BookedAt    camtDate   `xml:"BookgDt"`
	ValueAt     camtDate   `xml:"ValDt"`
	Reference   string     `xml:"NtryRef"`
	BankRef     string     `xml:"AcctSvcrRef"`
	Transaction []camtTx   `xml:"NtryDtls>TxDtls"`
}

// camtStatus is a text in old versions of the message and a code in new ones.
type camtStatus struct {
	Text string `xml:",chardata"`
	Code string `xml:"Cd"`
}

type camtDate struct {
	Date     string `xml:"Dt"`
	DateTime string `xml:"DtTm"`
}

type camtTx struct {
	Amount    camtAmount `xml:"Amt"`
	TxAmount  camtAmount `xml:"AmtDtls>TxAmt>Amt"`
	BankRef   string     `xml:"Refs>AcctSvcrRef"`
	TxID      string     `xml:"Refs>TxId"`
	EndToEnd  string     `xml:"Refs>EndToEndId"`
	Name      string     `xml:"RltdPties>Dbtr>Nm"`
	PartyName string     `xml:"RltdPties>Dbtr>Pty>Nm"`
	Tax       []camtID   `xml:"RltdPties>Dbtr>Id>OrgId>Othr"`
	PartyTax  []camtID   `xml:"RltdPties>Dbtr>Pty>Id>OrgId>Othr"`
	Purpose   []string   `xml:"RmtInf>Ustrd"`
}

type camtID struct {
	ID   string `xml:"Id"`
	Code string `xml:"SchmeNm>Cd"`
}

// parseCamt reads the booked credits of camt.053.
func parseCamt(data []byte) ([]Credit, error) {
	var doc camtDocument
	if err := charset.XMLDecoder(bytes.NewReader(data)).Decode(&doc); err != nil {
		return nil, fmt.Errorf("%w: xml", ErrStatement)
	}
	var credits []Credit
	for _, statement := range doc.Statements {
		account := firstOf(strings.TrimSpace(statement.IBAN), strings.TrimSpace(statement.Other))
		for i, entry := range statement.Entries {
			found, err := entry.credits(account)
			if err != nil {
				return nil, fmt.Errorf("entry %d: %w", i+1, err)
			}
			credits = append(credits, found...)
		}
	}
	return credits, nil
}

// credits is one credit for each transaction of the entry. The reversal of a
// debit is money coming back to us and no payment of anybody's.
func (e camtEntry) credits(account string) ([]Credit, error) {
	status := firstOf(strings.TrimSpace(e.Status.Code), strings.TrimSpace(e.Status.Text))
	if strings.TrimSpace(e.Direction) != "CRDT" || strings.TrimSpace(e.Reversal) == "true" || (status != "" && status != "BOOK") {
		return nil, nil
	}
	transactions := e.Transaction
	if len(transactions) == 0 {
		transactions = []camtTx{{}}
	}
	out := make([]Credit, 0, len(transactions))
	for i, tx := range transactions {
		sum := firstAmount(tx.TxAmount, tx.Amount)
		if len(transactions) == 1 {
			sum = e.Amount
		}
		value, _, err := amount(strings.TrimSpace(sum.Text))
		if err != nil || value <= 0 {
			return nil, fmt.Errorf("%w: amount", ErrStatement)
		}
		c := Credit{
			Amount: value, Currency: currency(firstOf(sum.Currency, e.Amount.Currency)), Account: account, Raw: e.Raw,
			PayerUNP: tx.unp(), PayerName: firstOf(tx.Name, tx.PartyName), Purpose: strings.Join(tx.Purpose, ""),
			BookedAt: e.bookedAt(),
		}
		c.OperationID = e.operationID(tx, i, len(transactions), c)
		out = append(out, c)
	}
	return out, nil
}

func firstAmount(amounts ...camtAmount) camtAmount {
	for _, a := range amounts {
		if strings.TrimSpace(a.Text) != "" {
			return a
		}
	}
	return camtAmount{}
}

func (e camtEntry) bookedAt() time.Time {
	for _, d := range []camtDate{e.BookedAt, e.ValueAt} {
		if t, err := time.Parse(time.RFC3339, strings.TrimSpace(d.DateTime)); err == nil {
			return t
		}
		if t, err := time.ParseInLocation("2006-01-02", strings.TrimSpace(d.Date), order.Minsk()); err == nil {
			return t
		}
	}
	return time.Time{}
}

// operationID prefers the bank's own reference to what the payer has given.
func (e camtEntry) operationID(tx camtTx, i, of int, c Credit) string {
	if of == 1 {
		if own := firstOf(e.BankRef, tx.BankRef, tx.TxID); own != "" {
			return own
		}
	}
	if own := firstOf(tx.BankRef, tx.TxID); own != "" && own != e.BankRef {
		return own
	}
	if e.BankRef != "" {
		return fmt.Sprintf("%s/%d", e.BankRef, i+1)
	}
	return fallbackID(firstOf(tx.EndToEnd, e.Reference), c.BookedAt.Format(time.DateOnly), c.PayerUNP, c.Amount)
}

// unp is the debtor's tax number, by its scheme or by being the only number.
func (tx camtTx) unp() string {
	ids := append(append([]camtID{}, tx.Tax...), tx.PartyTax...)
	for _, id := range ids {
		if strings.TrimSpace(id.Code) == "TXID" {
			return strings.TrimSpace(id.ID)
		}
	}
	if len(ids) == 1 && ids[0].Code == "" {
		return strings.TrimSpace(ids[0].ID)
	}
	return ""
}
