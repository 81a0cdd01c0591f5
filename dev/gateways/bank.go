package gateways

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"time"

	"github.com/remote-issuance/remote-issuance/internal/order"
	"github.com/remote-issuance/remote-issuance/internal/payments/charset"
)

// Credit is a transfer that came to the beneficiary's account.
type Credit struct {
	PayerUNP  string `json:"payerUnp"`
	PayerName string `json:"payerName,omitempty"`
	Amount    string `json:"amount"`
	Purpose   string `json:"purpose"`
	// OperationID is made up when empty; a repeated one plays a repetition.
	OperationID string `json:"operationId,omitempty"`
	// At is the posting time, now when zero.
	At time.Time `json:"at,omitzero"`
}

// StatementFormat is a format the bank writes.
type StatementFormat string

// The formats of statements.
const (
	StatementText StatementFormat = "text"
	Statement1C   StatementFormat = "1c"
)

// AddCredit books a transfer. A caret would break the statement's lines and is left out.
func (s *Server) AddCredit(c Credit) (Credit, error) {
	amount, err := order.ParseKopecks(strings.TrimSpace(c.Amount))
	if err != nil {
		return Credit{}, err
	}
	if amount == 0 {
		return Credit{}, errors.New("a transfer of nothing")
	}
	c.Amount = amount.String()
	clean := strings.NewReplacer("^", " ", "\r", " ", "\n", " ")
	c.Purpose, c.PayerName, c.PayerUNP = clean.Replace(c.Purpose), clean.Replace(c.PayerName), clean.Replace(c.PayerUNP)
	if c.At.IsZero() {
		c.At = s.opts.Now()
	}
	if c.OperationID == "" {
		c.OperationID = fmt.Sprintf("OP%d", s.nextID())
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.credits = append(s.credits, c)
	return c, nil
}

// Credits are all transfers booked since the start.
func (s *Server) Credits() []Credit {
	s.mu.Lock()
	defer s.mu.Unlock()
	return append([]Credit(nil), s.credits...)
}

// Statement writes all transfers in windows-1251.
func (s *Server) Statement(format StatementFormat) ([]byte, error) {
	return s.statementOf(format, s.Credits())
}

func (s *Server) statementOf(format StatementFormat, credits []Credit) ([]byte, error) {
	var lines []string
	switch format {
	case StatementText:
		lines = s.textStatement(credits)
	case Statement1C:
		lines = s.oneCStatement(credits)
	default:
		return nil, fmt.Errorf("unknown statement format %q", format)
	}
	return charset.ToWindows1251(strings.Join(lines, "\r\n") + "\r\n"), nil
}

func (s *Server) textStatement(credits []Credit) []string {
	day := s.opts.Now().In(order.Minsk()).Format("02.01.2006")
	lines := []string{
		"***** ^Type=4^ ^Acc=" + s.opts.BankAccount + "^  -  Выписка по счету за период",
		"[IN_PARAM]", "^DateBegin=" + day + "^", "^DateEnd=" + day + "^", "[OUT_PARAM]", "^DateIn=" + day + "^", "^RestIn=0.00^",
	}
	var total order.Kopecks
	for i, c := range credits {
		// Amounts were checked when they were added.
		sum, _ := order.ParseKopecks(c.Amount)
		total += sum
		at := c.At.In(order.Minsk())
		// Banks cut long purposes in two.
		first, second := []rune(c.Purpose), []rune(nil)
		if len(first) > 120 {
			first, second = first[:120], first[120:]
		}
		lines = append(lines, "^DocDate="+at.Format("02.01.2006")+"^", fmt.Sprintf("^Num=%d^", i+1), "^Code=TESTBY2X^",
			"^Acc=BY32TEST30120000000000000933^", "^OperationID="+c.OperationID+"^", "^Db=0.00^", "^Credit="+c.Amount+"^",
			"^KorUNP="+c.PayerUNP+"^", "^KorName="+c.PayerName+"^", "^Nazn="+string(first)+"^", "^Nazn2="+string(second)+"^",
			"^OpDate="+at.Format("02.01.2006 15:04:05")+"^")
	}
	return append(lines, "^CR="+total.String()+"^", "^CrOut="+total.String()+"^")
}

func (s *Server) oneCStatement(credits []Credit) []string {
	lines := []string{"1CClientBankExchange", "ВерсияФормата=1.03", "Кодировка=Windows", "РасчСчет=" + s.opts.BankAccount}
	for _, c := range credits {
		day := c.At.In(order.Minsk()).Format("02.01.2006")
		lines = append(lines, "СекцияДокумент=Платежное поручение", "Номер="+c.OperationID, "Дата="+day, "Сумма="+c.Amount,
			"ПлательщикСчет=BY32TEST30120000000000000933", "Плательщик1="+c.PayerName, "ПлательщикИНН="+c.PayerUNP,
			"ПолучательСчет="+s.opts.BankAccount, "ДатаПоступило="+day, "НазначениеПлатежа="+c.Purpose, "КонецДокумента")
	}
	return append(lines, "КонецФайла")
}

// UploadStatement posts the statement to the system, with faults.
func (s *Server) UploadStatement(ctx context.Context, format StatementFormat, f Faults) ([]Answer, error) {
	return s.UploadCredits(ctx, s.Credits(), format, f)
}

// UploadCredits posts a statement of some transfers, as of an hour of the day.
func (s *Server) UploadCredits(ctx context.Context, credits []Credit, format StatementFormat, f Faults) ([]Answer, error) {
	t := s.target()
	if t.BankUpload == "" {
		return nil, errors.New("the address for statements is not set")
	}
	data, err := s.statementOf(format, credits)
	if err != nil {
		return nil, err
	}
	header := http.Header{"Content-Type": {"application/octet-stream"}}
	if t.BankToken != nil {
		token, err := t.BankToken()
		if err != nil {
			return nil, err
		}
		header.Set("Authorization", "Bearer "+token)
	}
	return s.deliver(ctx, message{target: t.BankUpload, body: data, header: header}, f), nil
}

// DropStatement puts the statement into the watched folder and returns its path.
func (s *Server) DropStatement(format StatementFormat) (string, error) {
	folder := s.target().BankFolder
	if folder == "" {
		return "", errors.New("the watched folder is not set")
	}
	data, err := s.Statement(format)
	if err != nil {
		return "", err
	}
	return drop(folder, "statement-", ".txt", data)
}
