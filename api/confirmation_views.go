package api

import (
	"encoding/hex"
	"slices"
	"strconv"
	"time"

	"github.com/gin-gonic/gin"

	"github.com/remote-issuance/remote-issuance/activities"
	"github.com/remote-issuance/remote-issuance/internal/order"
	"github.com/remote-issuance/remote-issuance/internal/postgres"
)

// confirmationView is a confirmation as the manager follows it.
type confirmationView struct {
	ID         string                       `json:"id"`
	Stage      activities.ConfirmationStage `json:"stage"`
	Version    int64                        `json:"version"`
	OpenedAt   time.Time                    `json:"openedAt"`
	SignedAt   *time.Time                   `json:"signedAt,omitempty"`
	ListSHA256 string                       `json:"listSha256,omitempty"`
	Number     string                       `json:"number,omitempty"`
	Total      string                       `json:"total,omitempty"`
	PayBy      *time.Time                   `json:"payBy,omitempty"`
	Next       nextView                     `json:"next"`
	Orders     []chosenView                 `json:"orders"`
}

type chosenView struct {
	ID          string `json:"id"`
	Number      string `json:"number,omitempty"`
	Name        string `json:"name,omitempty"`
	Position    string `json:"position,omitempty"`
	NewPosition string `json:"newPosition,omitempty"`
	Years       int    `json:"years,omitempty"`
	Amount      string `json:"amount,omitempty"`
	State       string `json:"state"`
}

func (s *Server) confirmationView(c *gin.Context, v postgres.ConfirmationView) confirmationView {
	st := v.State
	out := confirmationView{
		ID: v.ID, Stage: st.Stage, Version: st.Version, OpenedAt: inMinsk(v.Opening.StartedAt), SignedAt: optional(st.SignedAt),
		Next: nextView{WaitsFor: confirmationActor(st.Stage), Until: optional(st.Until), Text: s.texts(c).Next["confirmation-"+string(st.Stage)]},
	}
	if st.Number != 0 {
		out.Number, out.Total = order.PaymentNumber(st.Number).ERIP(), st.Total.String()
	}
	if st.Stage == activities.ConfirmationPayment {
		out.PayBy = optional(st.Until)
	}
	if st.ListID != "" {
		if doc, err := s.Store.Documents.Get(c, st.ListID); err == nil {
			out.ListSHA256 = hex.EncodeToString(doc.SHA256[:])
		}
	}
	out.Orders = chosenViews(v)
	return out
}

func confirmationActor(stage activities.ConfirmationStage) order.Actor {
	switch stage {
	case activities.ConfirmationSigning, activities.ConfirmationPayment:
		return order.ActorManager
	case activities.ConfirmationIssuing:
		return order.ActorSystem
	case activities.ConfirmationFinished, activities.ConfirmationLapsed, activities.ConfirmationVoid:
		return order.ActorNobody
	default:
		return order.ActorNobody
	}
}

func chosenViews(v postgres.ConfirmationView) []chosenView {
	out := make([]chosenView, 0, len(v.State.OrderIDs))
	lines := map[string]postgres.ConfirmationLine{}
	for _, l := range v.Lines {
		lines[l.OrderID] = l
	}
	for _, id := range v.State.OrderIDs {
		view := chosenView{ID: id, State: "chosen"}
		switch {
		case slices.Contains(v.State.IssuedIDs, id):
			view.State = "issued"
		case slices.Contains(v.State.LeftIDs, id):
			view.State = "left"
		case v.State.Stage == activities.ConfirmationPayment || v.State.Stage == activities.ConfirmationIssuing:
			view.State = "approved"
		}
		if l, ok := lines[id]; ok {
			view.Number, view.Name, view.Years = strconv.FormatInt(l.Number, 10), fullName(l.Subject), l.Years
			view.Position, view.NewPosition = positions(l.Current, l.Subject)
			if l.Price != 0 {
				view.Amount = l.Price.String()
			}
		}
		out = append(out, view)
	}
	return out
}
