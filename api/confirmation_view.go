package api

import (
	"encoding/hex"
	"slices"
	"strconv"

	"github.com/gin-gonic/gin"

	"github.com/remote-issuance/remote-issuance/api/contract"
	"github.com/remote-issuance/remote-issuance/internal/order"
	"github.com/remote-issuance/remote-issuance/internal/postgres"
)

// confirmationView is a confirmation as the manager follows it.
func (m *managers) confirmationView(c *gin.Context, v postgres.ConfirmationView) contract.Confirmation {
	r := v.Confirmation
	out := contract.Confirmation{
		ID: r.ID, Stage: r.Stage, Version: r.Version, OpenedAt: inMinsk(r.StartedAt), SignedAt: inMinsk(r.SignedAt),
		Next: contract.Next{
			WaitsFor: confirmationActor(r.Stage), Text: m.Texts(c).Next["confirmation-"+string(r.Stage)],
		},
		Orders: chosenOrders(v),
	}
	if r.Number != 0 {
		out.Number, out.Total = r.Number.ERIP(), r.Total.String()
	}
	if r.Stage == order.ConfirmationSigning || r.Stage == order.ConfirmationPayment {
		out.Next.Until = inMinsk(r.Until)
	}
	if r.Stage == order.ConfirmationPayment {
		out.PayBy = inMinsk(r.Until)
	}
	if !r.ListID.IsZero() {
		out.ListNumber = r.ListNumber
		if doc, err := m.documents.Get(c.Request.Context(), r.ListID); err == nil {
			out.ListSha256 = hex.EncodeToString(doc.SHA256[:])
		}
	}
	return out
}

func confirmationActor(stage order.ConfirmationStage) order.Actor {
	switch stage {
	case order.ConfirmationSigning, order.ConfirmationPayment:
		return order.ActorManager
	case order.ConfirmationIssuing:
		return order.ActorSystem
	case order.ConfirmationFinished, order.ConfirmationLapsed, order.ConfirmationVoid:
		return order.ActorNobody
	default:
		return order.ActorNobody
	}
}

func chosenOrders(v postgres.ConfirmationView) []contract.ChosenOrder {
	r := v.Confirmation
	out := make([]contract.ChosenOrder, 0, len(r.OrderIDs))
	lines := map[order.ID]postgres.ConfirmationLine{}
	for _, l := range v.Lines {
		lines[l.OrderID] = l
	}
	for _, id := range r.OrderIDs {
		view := contract.ChosenOrder{ID: id, State: contract.Chosen}
		switch {
		case slices.Contains(r.IssuedIDs, id):
			view.State = contract.Issued
		case slices.Contains(r.LeftIDs, id):
			view.State = contract.Left
		case r.Stage == order.ConfirmationPayment || r.Stage == order.ConfirmationIssuing:
			view.State = contract.Approved
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
