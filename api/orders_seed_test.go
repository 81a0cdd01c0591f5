package api

import (
	"context"
	"errors"
	"fmt"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"github.com/remote-issuance/remote-issuance/activities"
	"github.com/remote-issuance/remote-issuance/internal/order"
	"github.com/remote-issuance/remote-issuance/internal/pki"
	"github.com/remote-issuance/remote-issuance/internal/pki/testca"
)

// sample is an order of the tests with its latest state.
type sample struct {
	activities.OrderState
	opening activities.OrderOpening
}

// path is the address of the order and of what is below it.
func (s *sample) path(below ...string) string {
	p := "/v1/orders/" + s.OrderID
	for _, b := range below {
		p += "/" + b
	}
	return p
}

// serviceOf is the service that a person of the tests orders.
func serviceOf(token string) order.Service {
	if token == asEmployee || token == asManager {
		return order.ServiceEmployee
	}
	return order.ServiceIndividual
}

// opened is a new order of the caller: stage terms, version 1.
func (b *bundle) opened(token string) *sample {
	b.t.Helper()
	caller := theirs(b.t).tokens[token]
	certificate, err := pki.ParseCertificate(caller.Certificate)
	require.NoError(b.t, err)
	number, err := b.server.Store.Records.NextOrderNumber(context.Background())
	require.NoError(b.t, err)
	s := &sample{opening: activities.OrderOpening{
		Number: number, WorkflowID: fmt.Sprintf("order-%d", number), Service: serviceOf(token), Kind: kindOf(certificate),
		ApplicantKey: b.server.applicantKey(caller), UNP: string(caller.UNP), CertificateID: uuid.NewString(), Language: "ru", StartedAt: b.now,
	}}
	s.OrderID, s.Version, s.Stage, s.Until = uuid.NewString(), 1, order.StageTerms, order.DefaultPolicy().FinishBy(b.now)
	require.NoError(b.t, b.server.Store.Records.RecordOrder(context.Background(), activities.RecordOrderInput{Opening: &s.opening, State: s.OrderState}))
	return s
}

// becomes records the next transition.
func (b *bundle) becomes(s *sample, change func(*activities.OrderState)) *sample {
	b.t.Helper()
	s.Version++
	change(&s.OrderState)
	require.NoError(b.t, b.server.Store.Records.RecordOrder(context.Background(), activities.RecordOrderInput{State: s.OrderState}))
	return s
}

// at is an order of the caller at a stage, brought there without workflows.
func (b *bundle) at(stage order.Stage, token string) *sample {
	b.t.Helper()
	s := b.opened(token)
	if stage == order.StageTerms {
		return s
	}
	b.becomes(s, func(st *activities.OrderState) {
		st.Stage, st.Terms = order.StageRequest, &activities.Terms{AgreementVersion: "agreement-3", ContractVersion: "contract-7", AcceptedAt: b.now}
	})
	if stage == order.StageRequest {
		return s
	}
	require.NoError(b.t, b.upload(s))
	if stage == order.StageChecking {
		return s
	}
	b.becomes(s, func(st *activities.OrderState) {
		st.CompletedAt, st.PayBy = b.now, order.DefaultPolicy().PayBy(b.now)
		st.Stage, st.Until = order.StageAwaitingApproval, order.DefaultPolicy().ApproveBy(b.now)
		if !s.opening.Service.NeedsApproval() {
			st.Stage, st.Until = order.StageAwaitingPayment, st.PayBy
		}
	})
	if stage == s.Stage {
		return s
	}
	return b.becomes(s, func(st *activities.OrderState) { st.Stage = stage })
}

// upload records a request file that has passed the first check; its position
// is a new one for employees.
func (b *bundle) upload(s *sample) error {
	s.Version++
	s.Stage, s.RequestID, s.UploadedAt = order.StageChecking, uuid.NewString(), b.now
	s.Contacts = &order.Contacts{Email: testEmail, Phone: testPhone}
	current := testca.SampleIndividual()
	if s.opening.Service.NeedsApproval() {
		current = testca.SampleEmployee()
	}
	subject := current
	report := order.Report{{Code: order.CheckFile, Verdict: order.VerdictPassed}}
	if s.opening.Service.NeedsApproval() {
		subject.Position = "Главный бухгалтер"
		report = append(report, order.Check{
			Code: order.CheckSubject, Verdict: order.VerdictChanged, Field: order.FieldPosition, Found: subject.Position, Expected: current.Position,
		})
	}
	return b.requests.SaveChecked(context.Background(), activities.CheckedRequest{
		ID: s.RequestID, OrderID: s.OrderID, Subject: subject, Current: current, Years: 1, KeyID: fmt.Sprintf("%064x", s.opening.Number),
		CheckedAt: b.now, RequestedStart: order.DateOf(b.now).AddDays(10), Report: report,
	}, activities.RecordOrderInput{State: s.OrderState})
}

// ended is an order of the caller that has ended.
func (b *bundle) ended(end order.End, reason order.EndReason, token string) *sample {
	b.t.Helper()
	return b.becomes(b.at(order.StageRequest, token), func(st *activities.OrderState) {
		st.Stage, st.End, st.Reason = order.StageEnded, end, reason
	})
}

// billed opens what an order of 6.0.00 is paid by.
func (b *bundle) billed(s *sample) activities.OpenPayableResult {
	b.t.Helper()
	res, err := b.payables.OpenPayable(context.Background(), activities.OpenPayableInput{
		PayableID: s.OrderID, WorkflowID: s.opening.WorkflowID, Service: order.ServiceIndividual, OrderIDs: []string{s.OrderID}, At: b.now,
	})
	require.NoError(b.t, err)
	return res
}

// view is the order as the read model has it.
func (b *bundle) view(id string) activities.OrderState {
	b.t.Helper()
	v, err := b.server.Store.Orders.Order(context.Background(), id)
	require.NoError(b.t, err)
	return v.State
}

// find is the open order of a workflow; nil when there is none.
func (b *bundle) find(workflowID string) (*sample, error) {
	var id string
	err := b.pool.QueryRow(context.Background(),
		"SELECT id::text FROM orders WHERE workflow_id = $1 AND stage <> 'ended'", workflowID).Scan(&id)
	if err != nil {
		return nil, errors.Join(activities.ErrNotFound, err)
	}
	v, err := b.server.Store.Orders.Order(context.Background(), id)
	return &sample{OrderState: v.State, opening: v.Opening}, err
}
