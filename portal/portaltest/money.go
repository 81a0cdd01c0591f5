package portaltest

import (
	"net/http"
	"time"

	"github.com/remote-issuance/remote-issuance/api/contract"
	"github.com/remote-issuance/remote-issuance/internal/order"
)

// PaymentNumbers are numbers in every state of a payment, by state.
func PaymentNumbers() map[string]string {
	return map[string]string{
		"open": "NOAIS000092239", "open-waiting": "NOAIS000092241", "paid": "NOAIS000092240", "paid-waiting": "NOAIS000092242",
		"closed": "NOAIS000092243", "closed-waiting": "NOAIS000092244",
	}
}

// NextPaying is what comes next in each state of a payment.
var NextPaying = map[string]string{
	"open": "Оплатите заказ до указанного срока.", "open-waiting": "Часть денег пришла: оператор свяжется с плательщиком.",
	"paid": "Платить больше не нужно.", "paid-waiting": "Заказ оплачен, лишнее вернут плательщику.",
	"closed": "Заказ завершён без оплаты.", "closed-waiting": "Заказ завершён, деньги вернут плательщику.",
}

// paymentStatus answers for the numbers of [PaymentNumbers].
func paymentStatus(w http.ResponseWriter, r *http.Request) {
	s := contract.PaymentStatus{Number: r.PathValue("number"), Amount: "86.40", Currency: "BYN", Received: "0.00", Waiting: "0.00"}
	for state, number := range PaymentNumbers() {
		if number != s.Number {
			continue
		}
		s.Next = contract.Next{WaitsFor: order.ActorPayer, Text: NextPaying[state]}
		switch state {
		case "open", "open-waiting":
			s.State, s.PayBy = contract.Open, time.Date(2026, 11, 23, 9, 0, 0, 0, time.UTC)
		case "paid", "paid-waiting":
			s.State, s.Received = contract.Paid, s.Amount
		default:
			s.State = contract.Closed
		}
		if state != string(s.State) {
			s.Waiting = "80.00"
		}
		answer(w, http.StatusOK, s)
		return
	}
	refuse(w, http.StatusNotFound, "payment-number-unknown")
}
