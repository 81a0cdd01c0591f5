package portaltest

import (
	"crypto/sha256"
	"encoding/hex"
	"strconv"
	"strings"
	"time"

	"github.com/remote-issuance/remote-issuance/api/contract"
	"github.com/remote-issuance/remote-issuance/internal/approval/list"
	"github.com/remote-issuance/remote-issuance/internal/order"
)

// ListState is a list in one of its states.
type ListState struct {
	// Name names the state, Page is the page it is shown at.
	Name, Page string
}

// AddLists gives the organisation a list in each state.
func (o *Organisation) AddLists() ([]ListState, error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	var out []ListState
	for _, s := range []struct {
		name, step string
		change     func(*confirmation)
	}{
		{"signature", "signature", func(*confirmation) {}},
		{"pay-choose", "payment", o.approve},
		{"pay-card", "payment", o.payable(contract.PaymentMethodAssist)},
		{"pay-erip", "payment", o.payable(contract.PaymentMethodERIP)},
		{"pay-bank", "payment", o.payable(contract.PaymentMethodClientBank)},
		{"pay-arrived", "payment", func(c *confirmation) { o.approve(c); c.paid = true }},
		{"progress", "progress", func(c *confirmation) { o.issue(c, 1, order.ConfirmationIssuing) }},
		{"finished", "progress", func(c *confirmation) { o.issue(c, len(c.Orders), order.ConfirmationFinished) }},
		{"lapsed", "ended", func(c *confirmation) {
			c.Stage, c.Next = order.ConfirmationLapsed, contract.Next{Text: "Срок вышел."}
		}},
		{"void", "ended", func(c *confirmation) {
			c.Stage, c.Next = order.ConfirmationVoid, contract.Next{Text: "Перечень пуст."}
		}},
	} {
		c, err := o.draw(IDOf("organisation-"+s.name), o.sample(s.name))
		if err != nil {
			return nil, err
		}
		s.change(c)
		o.lists = append(o.lists, c)
		out = append(out, ListState{s.name, "/organisation/lists/" + c.ID.String() + "/" + s.step})
	}
	return out, nil
}

// sample are two orders for a list.
func (o *Organisation) sample(name string) []contract.OrganisationOrder {
	var out []contract.OrganisationOrder
	for i := range 2 {
		row := o.rows[i*4+1]
		row.ID, row.Number = IDOf(name+strconv.Itoa(i)), strconv.Itoa(80000+len(o.lists)*2+i)
		out = append(out, row)
	}
	return out
}

func (o *Organisation) payable(m contract.PaymentMethod) func(*confirmation) {
	return func(c *confirmation) { o.approve(c); c.method = m }
}

// draw makes a list of orders, to be signed.
func (o *Organisation) draw(id order.ID, rows []contract.OrganisationOrder) (*confirmation, error) {
	c := &confirmation{Confirmation: contract.Confirmation{
		ID: id, Stage: order.ConfirmationSigning, Version: 1, OpenedAt: o.now,
		Next: contract.Next{Text: "Подпишите перечень.", WaitsFor: order.ActorManager, Until: o.now.Add(96 * time.Hour)},
	}}
	var entries []list.Entry
	for _, row := range rows {
		n, _ := strconv.ParseInt(row.Number, 10, 64)
		c.Orders = append(c.Orders, contract.ChosenOrder{
			ID: row.ID, Number: row.Number, Name: row.Name, Position: row.Position, NewPosition: row.NewPosition, Years: row.Years,
			Amount: price.String(), State: contract.Chosen,
		})
		surname, given, _ := strings.Cut(row.Name, " ")
		entries = append(entries, list.Entry{
			Number: n, Surname: surname, GivenName: given, PersonalNumber: "4010190A002PB9", Position: row.Position,
			NewPosition: row.NewPosition, Years: row.Years, KeyID: strings.Repeat("0a", 32), Price: price,
			Request: strings.Repeat("0b", 32), Checked: strings.Repeat("0c", 32), Registers: strings.Repeat("0d", 32),
		})
	}
	made, err := list.New(list.List{
		Number: int64(len(o.lists) + 1), MadeAt: o.now, Organisation: `Общество "Пример"`, UNP: "190000018", Head: "Узорова Нина Павловна",
		HeadNumber: "4020280A003PB0", Entries: entries,
	})
	c.list, c.ListNumber = made.Canonical(), made.Number
	sum := sha256.Sum256(c.list)
	c.ListSha256 = hex.EncodeToString(sum[:])
	return c, err
}

// approve is what a good signature does to a list.
func (o *Organisation) approve(c *confirmation) {
	for i := range c.Orders {
		c.Orders[i].State = contract.Approved
	}
	c.Stage, c.SignedAt, c.Number, c.PayBy = order.ConfirmationPayment, o.now, order.PaymentNumber(92239).ERIP(), o.now.Add(216*time.Hour)
	c.Total = (price * order.Kopecks(len(c.Orders))).String()
	c.Next = contract.Next{Text: "Оплатите перечень.", WaitsFor: order.ActorManager, Until: c.PayBy}
	c.Version++
}

// issue is a list that is paid and of whose certificates some are out.
func (o *Organisation) issue(c *confirmation, issued int, stage order.ConfirmationStage) {
	o.approve(c)
	for i := range issued {
		c.Orders[i].State = contract.Issued
	}
	c.Stage, c.paid, c.Next = stage, true, contract.Next{Text: "Сертификаты издаются.", WaitsFor: order.ActorSystem}
	if stage == order.ConfirmationFinished {
		c.Next = contract.Next{Text: "Все сертификаты изданы.", WaitsFor: order.ActorNobody}
	}
}
