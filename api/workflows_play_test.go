package api

import (
	"context"

	"go.temporal.io/sdk/temporal"

	"github.com/remote-issuance/remote-issuance/activities"
	"github.com/remote-issuance/remote-issuance/internal/approval"
	"github.com/remote-issuance/remote-issuance/internal/order"
	"github.com/remote-issuance/remote-issuance/workflows"
)

// playWorkflows lets the engine answer like workflows whose every step goes well.
func (b *bundle) playWorkflows() {
	b.engine.on(workflows.UpdateOpen+" "+workflows.OrderWorkflow, b.playOpenOrder)
	b.engine.on(workflows.UpdateOpen+" "+workflows.ConfirmationWorkflow, b.playOpenConfirmation)
	b.engine.on(workflows.UpdateAcceptTerms, b.step(func(s *sample) error { s.Stage = order.StageRequest; return nil }))
	b.engine.on(workflows.UpdateWithdraw, b.step(func(s *sample) error {
		s.Stage, s.End, s.Reason = order.StageEnded, order.EndWithdrawn, order.ReasonByApplicant
		return nil
	}))
	b.engine.on(workflows.UpdateSubmitRequest, func(m message) (any, error) {
		s, err := b.find(m.workflowID)
		if err != nil {
			return nil, err
		}
		return workflows.SubmitRequestResult{Accepted: true, Snapshot: snapshot(s)}, b.upload(s)
	})
	b.engine.on(workflows.SignalRejected, b.step(func(s *sample) error {
		s.Stage, s.End, s.Reason = order.StageEnded, order.EndRejected, order.ReasonByManager
		return nil
	}))
	b.engine.on(workflows.UpdateSignList, b.playSignList)
}

func snapshot(s *sample) workflows.OrderSnapshot {
	return workflows.OrderSnapshot{OrderID: s.OrderID, Version: s.Version, Stage: s.Stage, End: s.End, Reason: s.Reason}
}

// step is a message that moves an open order on.
func (b *bundle) step(change func(*sample) error) func(message) (any, error) {
	return func(m message) (any, error) {
		s, err := b.find(m.workflowID)
		if err != nil {
			return nil, err
		}
		s.Version++
		if err := change(s); err != nil {
			return nil, err
		}
		err = b.server.Store.Records.RecordOrder(context.Background(), activities.RecordOrderInput{State: s.OrderState})
		b.bell.ring(s.OrderID)
		return snapshot(s), err
	}
}

func (b *bundle) playOpenOrder(m message) (any, error) {
	if s, err := b.find(m.workflowID); err == nil {
		return snapshot(s), nil
	}
	in := m.input.(workflows.OrderInput)
	state := activities.OrderState{OrderID: in.OrderID, Version: 1, Stage: order.StageTerms, Until: in.Policy.FinishBy(b.now)}
	err := b.server.Store.Records.RecordOrder(context.Background(), activities.RecordOrderInput{
		Opening: &activities.OrderOpening{
			Number: in.Number, WorkflowID: m.workflowID, Service: in.Service, Kind: in.Kind, ApplicantKey: in.ApplicantKey, UNP: in.UNP,
			CertificateID: in.CertificateID, Language: in.Language, StartedAt: b.now,
		}, State: state,
	})
	return workflows.OrderSnapshot{OrderID: in.OrderID, Version: 1, Stage: order.StageTerms}, err
}

// playOpenConfirmation makes the list, like the workflow does.
func (b *bundle) playOpenConfirmation(m message) (any, error) {
	in := m.input.(workflows.ConfirmationInput)
	state := activities.ConfirmationState{
		ConfirmationID: in.ConfirmationID, Version: 1, Stage: activities.ConfirmationSigning, ListID: newID(), OrderIDs: in.OrderIDs,
		Until: b.now.AddDate(0, 0, 1),
	}
	var entries []approval.Entry
	for i, id := range in.OrderIDs {
		entries = append(entries, approval.Entry{
			OrderID: id, Number: int64(i + 1), Surname: "Образцова", GivenName: "Вера", PersonalNumber: "4010190A002PB9",
			Position: "Бухгалтер", NewPosition: "Главный бухгалтер", Years: 1, KeyID: "00", Price: price,
		})
	}
	list, err := approval.NewList(in.ConfirmationID, `ООО "Пример"`, in.UNP, b.now, entries)
	if err != nil {
		return nil, err
	}
	canonical, err := list.Canonical()
	if err != nil {
		return nil, err
	}
	err = b.server.Store.Documents.Put(context.Background(), activities.Document{
		ID: state.ListID, Kind: activities.DocumentList, MediaType: "application/json", OwnerKey: in.UNP, Content: canonical,
	})
	if err != nil {
		return nil, err
	}
	err = b.server.Store.Records.RecordConfirmation(context.Background(), activities.RecordConfirmationInput{
		Opening: &activities.ConfirmationOpening{
			WorkflowID: m.workflowID, UNP: in.UNP, ManagerKey: in.ManagerKey, CertificateID: in.CertificateID, Language: in.Language,
			Email: in.Email, StartedAt: b.now,
		}, State: state,
	})
	return workflows.ConfirmationSnapshot{ConfirmationID: in.ConfirmationID, Version: 1, Stage: state.Stage, ListID: state.ListID}, err
}

// playSignList takes any signature and fixes what is to be paid.
func (b *bundle) playSignList(m message) (any, error) {
	ctx := context.Background()
	id := m.workflowID[len("confirmation-"):]
	view, err := b.server.Store.Organisation.Confirmation(ctx, id)
	if err != nil {
		return nil, err
	}
	res, err := b.payables.OpenPayable(ctx, activities.OpenPayableInput{
		PayableID: id, WorkflowID: m.workflowID, Service: order.ServiceManager, OrderIDs: view.State.OrderIDs, At: b.now,
	})
	if err != nil {
		return nil, temporal.NewNonRetryableApplicationError("nothing left", activities.ErrTypeNothingToConfirm, nil)
	}
	st := view.State
	st.Version++
	st.Stage, st.SignedAt, st.Number, st.Total, st.Until = activities.ConfirmationPayment, b.now, res.Number, res.Total, res.Due
	st.SignatureID = m.input.(workflows.SignListInput).SignatureID
	err = b.server.Store.Records.RecordConfirmation(ctx, activities.RecordConfirmationInput{State: st})
	return workflows.SignListResult{Accepted: true, Snapshot: workflows.ConfirmationSnapshot{ConfirmationID: id, Stage: st.Stage}}, err
}
