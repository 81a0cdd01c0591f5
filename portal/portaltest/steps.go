package portaltest

import (
	"bytes"
	"io"
	"net/http"
	"slices"
	"strconv"
	"time"

	"github.com/remote-issuance/remote-issuance/api/contract"
	"github.com/remote-issuance/remote-issuance/internal/order"
)

// open resumes the draft of the service (A6).
func (a *API) open(w http.ResponseWriter, r *http.Request) {
	in, ok := wanted[contract.OpenOrder](w, r)
	if !ok {
		return
	}
	a.mu.Lock()
	defer a.mu.Unlock()
	status := http.StatusOK
	var found *State
	for _, s := range a.states {
		if s.Order.Service == in.Service && s.Order.Stage.Draft() {
			found = s
		}
	}
	if found == nil {
		status = http.StatusCreated
		opened := state(time.Now(), "opened-"+string(in.Service), "/terms", in.Service, order.KindIndividual, order.StageTerms, nil)
		found = &opened
		a.states = append(a.states, found)
	}
	o := found.Order
	o.Resumed = status == http.StatusOK
	w.Header().Set("Location", "/v1/orders/"+o.ID.String())
	answer(w, status, o)
}

// get answers at once, or when the version is newer than the one known.
func (a *API) get(w http.ResponseWriter, r *http.Request, s *State) {
	after, _ := strconv.ParseInt(r.URL.Query().Get("after"), 10, 64)
	wait, _ := time.ParseDuration(r.URL.Query().Get("wait"))
	for end := time.Now().Add(wait); s.Order.Version <= after && time.Now().Before(end); s = a.find(s.Order.ID) {
		select {
		case <-r.Context().Done():
			return
		case <-time.After(20 * time.Millisecond):
		}
	}
	answer(w, http.StatusOK, s.Order)
}

func (a *API) accept(w http.ResponseWriter, r *http.Request, s *State) {
	in, ok := wanted[contract.AcceptTerms](w, r)
	switch {
	case !ok:
	case s.Order.Stage != order.StageTerms:
		refuse(w, http.StatusConflict, "wrong-stage")
	case in.AgreementVersion != "3" || in.ContractVersion != "5":
		refuse(w, http.StatusConflict, "terms-outdated")
	default:
		a.Change(s.Order.ID, func(s *State) { s.Order.Stage = order.StageRequest })
		answer(w, http.StatusOK, a.find(s.Order.ID).Order)
	}
}

// submit takes every file but one that holds the word "differs".
func (a *API) submit(w http.ResponseWriter, r *http.Request, s *State) {
	file, _, err := r.FormFile("file")
	if err != nil {
		refuse(w, http.StatusBadRequest, "malformed")
		return
	}
	content, _ := io.ReadAll(file)
	switch {
	case s.Order.Stage != order.StageRequest:
		refuse(w, http.StatusConflict, "wrong-stage")
	case bytes.Contains(content, []byte("differs")):
		p := Problem(http.StatusUnprocessableEntity, "request-rejected")
		p.Checks = Rejected()
		refuseWith(w, p)
	default:
		a.Change(s.Order.ID, func(s *State) {
			s.Uploads++
			s.Order.Stage = order.StageChecking
			uploaded(&s.Order, time.Now())
			for i := range s.Order.Registers {
				s.Order.Registers[i].State = order.RegisterWaiting
			}
			if bytes.Contains(content, []byte("at once")) {
				// The registers answered before the page of the checks was asked for.
				s.Order.Stage = order.StageAwaitingApproval
			}
		})
		if a.Pace > 0 {
			time.AfterFunc(a.Pace, func() { a.tick(s.Order.ID) })
		}
		o := a.find(s.Order.ID).Order
		answer(w, http.StatusOK, contract.Verdict{Order: o, Checks: o.Checks})
	}
}

// tick lets the next register answer, and the order move on after the last.
func (a *API) tick(id order.ID) {
	a.Change(id, func(s *State) {
		s.Order.Registers = slices.Clone(s.Order.Registers)
		for i := range s.Order.Registers {
			if s.Order.Registers[i].State == order.RegisterWaiting {
				s.Order.Registers[i].State = order.RegisterAgrees
				time.AfterFunc(a.Pace, func() { a.tick(id) })
				return
			}
		}
		s.Order.Stage = order.StageAwaitingApproval
		if !s.Order.Service.NeedsApproval() {
			s.Order.Stage = order.StageAwaitingPayment
			s.Payment = paymentOf(*s, time.Now())
		}
	})
}

// Rejected are the checks of a file in which several things are wrong.
func Rejected() []contract.Check {
	return []contract.Check{
		{Code: "subject", Verdict: order.VerdictFailed, Field: "surname", Found: "Образцова-Пробная", Expected: "Образцова", Cause: "differs", Title: "Данные отличаются от действующего сертификата"},
		{Code: "subject", Verdict: order.VerdictFailed, Field: "organisation", Found: `<img src=x onerror="alert(1)">`, Expected: `ООО "Пример"`, Cause: "differs", Title: "Данные отличаются от действующего сертификата"},
		{Code: "start-date", Verdict: order.VerdictFailed, Found: "2026-11-27", Expected: "2026-12-07", Cause: "differs", Title: "Дата начала действия неверна"},
		{Code: "key-new", Verdict: order.VerdictFailed, Cause: "current-key", Title: "Ключ уже использовался"},
	}
}

func (a *API) withdraw(w http.ResponseWriter, _ *http.Request, s *State) {
	switch {
	case !s.Order.Stage.Open():
		refuse(w, http.StatusGone, "order-ended")
	case !s.Order.Stage.Withdrawable():
		refuse(w, http.StatusConflict, "already-paid")
	default:
		a.Change(s.Order.ID, func(s *State) {
			s.Order.Stage, s.Order.End, s.Order.Reason = order.StageEnded, order.EndWithdrawn, order.ReasonByApplicant
		})
		answer(w, http.StatusOK, a.find(s.Order.ID).Order)
	}
}

func (a *API) payment(w http.ResponseWriter, _ *http.Request, s *State) {
	if s.Payment == nil {
		refuse(w, http.StatusConflict, "nothing-to-pay")
		return
	}
	answer(w, http.StatusOK, s.Payment)
}

func (a *API) choose(w http.ResponseWriter, r *http.Request, s *State) {
	in, ok := wanted[contract.ChoosePaymentMethod](w, r)
	switch {
	case !ok:
	case s.Payment == nil:
		refuse(w, http.StatusConflict, "nothing-to-pay")
	default:
		a.Change(s.Order.ID, func(s *State) {
			chosen := *s.Payment
			choose(&chosen, in.Method)
			s.Payment = &chosen
		})
		answer(w, http.StatusOK, a.find(s.Order.ID).Payment)
	}
}

func (a *API) credentials(w http.ResponseWriter, _ *http.Request, s *State) {
	if s.Order.End != order.EndIssued {
		refuse(w, http.StatusConflict, "credentials-missing")
		return
	}
	out := contract.Credentials{Login: "c-7f3k9q2m", StorageURL: "https://storage.example.by", ExpiresAt: time.Now().Add(30 * 24 * time.Hour)}
	if s.Order.Certificate.ActivatedAt.IsZero() {
		out.Password = "fPq7-Xw2m-K9tz"
	}
	answer(w, http.StatusOK, out)
}

func (a *API) correct(w http.ResponseWriter, r *http.Request, s *State) {
	in, ok := wanted[contract.Contacts](w, r)
	switch {
	case !ok:
	case s.Order.End != order.EndIssued:
		refuse(w, http.StatusConflict, "wrong-stage")
	default:
		a.Change(s.Order.ID, func(s *State) {
			s.Order.Contacts = in
			s.Order.Version++
			for _, channel := range []contract.MessageOutcomeChannel{contract.Email, contract.Sms} {
				s.Order.Messages = append(s.Order.Messages, contract.MessageOutcome{
					Kind: string(order.NoticeCredentialsAgain), Channel: channel, State: contract.Pending,
				})
			}
		})
		answer(w, http.StatusOK, a.find(s.Order.ID).Order)
	}
}
