package portaltest

import (
	"bytes"
	"io"
	"net/http"
	"time"

	"github.com/remote-issuance/remote-issuance/api/contract"
	"github.com/remote-issuance/remote-issuance/internal/order"
)

// Card stands for a card for evidence of a service: the first octets of a PDF,
// which verifyCard knows again.
func Card(s order.Service) []byte { return []byte("%PDF-1.7 card of " + string(s)) }

// ChangedCard stands for one that somebody has changed.
func ChangedCard() []byte { return append(Card(order.ServiceEmployee), " changed"...) }

func giveCard(w http.ResponseWriter, o contract.Order) {
	switch {
	case o.End != order.EndIssued:
		refuse(w, http.StatusConflict, "card-not-ready")
	case o.Service.NeedsApproval():
		refuse(w, http.StatusForbidden, "card-of-manager")
	default:
		answerCard(w)
	}
}

func answerCard(w http.ResponseWriter) {
	w.Header().Set("Content-Type", "application/pdf")
	_, _ = w.Write(Card(order.ServiceIndividual))
}

// verifyCard answers with titles in Russian, whatever the language.
func verifyCard(w http.ResponseWriter, r *http.Request) {
	data, _ := io.ReadAll(r.Body)
	if r.Header.Get("Content-Type") != "application/pdf" || !bytes.HasPrefix(data, []byte("%PDF-1.7 card of 6.0.0")) {
		refuse(w, http.StatusUnprocessableEntity, "card-unreadable")
		return
	}
	from := time.Date(2026, 11, 30, 21, 0, 0, 0, time.UTC)
	v := contract.CardVerdict{
		Good: true, Pages: contract.Same, Failed: []contract.CardFailure{}, Number: 92239, Service: order.ServiceIndividual, Holder: `Образцова <b>Вера</b>`,
		SerialNumber: "40E4B6A2C0D1E2F300112233", Issuer: "Республиканский удостоверяющий центр ГосСУОК", NotBefore: from, NotAfter: from.AddDate(2, 0, 0),
		Paid: "86.40", PaidAt: from.Add(-time.Hour), Code: "urn:remote-issuance:card:92239:sha256:3f786850e387550fdab836ed7e6dc881de23001b3f786850e387550fdab836ed",
	}
	if !bytes.HasPrefix(data, Card(order.ServiceIndividual)) {
		v.Service, v.Organisation, v.ListNumber, v.Signer = order.ServiceEmployee, `ООО "Пример"`, 17, "Примеров Олег Янович"
		v.SignedAt = from.Add(-2 * time.Hour)
	}
	fail := func(code contract.CardFailureCode, title string) {
		v.Good, v.Failed = false, append(v.Failed, contract.CardFailure{Code: code, Title: title})
	}
	if bytes.HasSuffix(data, []byte("changed")) {
		fail(contract.CardFailureCodeLog, "Записи журнала аудита не сходятся с его заверенными итогами")
		v.Pages = contract.None
	}
	if code := r.URL.Query().Get("code"); code != "" && code != v.Code {
		fail(contract.CardFailureCodePrintedCode, "Код на бумаге от другой карточки")
	}
	answer(w, http.StatusOK, v)
}
