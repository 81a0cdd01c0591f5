package api

import (
	"context"
	"fmt"

	"github.com/stretchr/testify/require"

	"github.com/remote-issuance/remote-issuance/internal/order"
	"github.com/remote-issuance/remote-issuance/internal/pki/testca"
)

// sample is an order of the tests with its latest state.
type sample struct {
	order.Record
	bill order.Bill
}

// path is the address of the order and of what is below it.
func (s *sample) path(below ...string) string {
	p := "/v1/orders/" + s.ID.String()
	for _, b := range below {
		p += "/" + b
	}
	return p
}

// serviceOf is the service that a person of the tests orders.
func serviceOf(token string) order.Service {
	if token == asEmployee || token == asManager || token == asColleague {
		return order.ServiceEmployee
	}
	return order.ServiceIndividual
}

func kindOf(service order.Service) order.Kind {
	if service.NeedsApproval() {
		return order.KindEmployee
	}
	return order.KindIndividual
}

// opened is the draft of the caller, a new one unless one is unfinished.
func (b *bundle) opened(token string) *sample {
	b.t.Helper()
	caller, service := b.people.tokens[token], serviceOf(token)
	rec, _, err := b.orders.OpenDraft(context.Background(), order.Record{
		ID: order.NewID(), Service: service, Kind: kindOf(service), ApplicantKey: b.server.applicantKey(caller), UNP: string(caller.UNP),
		CertificateID: order.CertificateDocumentID(caller.Certificate), Language: "ru", StartedAt: b.now, Policy: order.DefaultPolicy(),
		Stage: order.StageTerms, Until: order.DefaultPolicy().FinishBy(b.now),
	})
	require.NoError(b.t, err)
	return &sample{Record: rec}
}

// decides takes a decision about the order.
func (b *bundle) decides(s *sample, d order.Decision) *sample {
	b.t.Helper()
	rec, err := b.orders.Decide(context.Background(), s.ID, d)
	require.NoError(b.t, err)
	s.Record = rec
	return s
}

// at is an order of the caller at a stage, brought there without workflows.
func (b *bundle) at(stage order.Stage, token string) *sample {
	b.t.Helper()
	s := b.opened(token)
	if stage == order.StageTerms {
		return s
	}
	if s.Stage == order.StageTerms {
		b.decides(s, order.AcceptTerms(order.Consent{AgreementVersion: "agreement-3", ContractVersion: "contract-7", AcceptedAt: b.now}))
	}
	if stage == order.StageRequest {
		return s
	}
	b.upload(s)
	if stage == order.StageChecking {
		return s
	}
	var err error
	s.Record, s.bill, err = b.orders.Save(context.Background(), s.ID, order.Report{{Code: order.CheckPerson, Verdict: order.VerdictPassed}}, b.now)
	require.NoError(b.t, err)
	if stage == s.Stage {
		return s
	}
	_, err = b.pool.Exec(context.Background(), "UPDATE orders SET stage = $2, version = version + 1 WHERE id = $1", s.ID.String(), string(stage))
	require.NoError(b.t, err)
	return b.again(s)
}

// again is the order as it stands now.
func (b *bundle) again(s *sample) *sample {
	b.t.Helper()
	v, err := b.orders.Order(context.Background(), s.ID)
	require.NoError(b.t, err)
	s.Record = v.Record
	return s
}

// upload takes a request file that has passed the first check; its position
// is a new one for employees.
func (b *bundle) upload(s *sample) {
	b.t.Helper()
	current := testca.SampleIndividual()
	if s.Service.NeedsApproval() {
		current = testca.SampleEmployee()
	}
	subject := current
	report := order.Report{{Code: order.CheckFile, Verdict: order.VerdictPassed}}
	if s.Service.NeedsApproval() {
		subject.Position = "Главный бухгалтер"
		report = append(report, order.Check{
			Code: order.CheckSubject, Verdict: order.VerdictChanged, Field: order.FieldPosition, Found: subject.Position, Expected: current.Position,
		})
	}
	id := order.NewID()
	rec, err := b.orders.TakeUpload(context.Background(), s.ID, order.Upload{
		Request: order.CheckedRequest{
			ID: id, OrderID: s.ID, Subject: subject, Current: current, Years: 1, KeyID: fmt.Sprintf("%064x", s.Number),
			CheckedAt: b.now, RequestedStart: order.DateOf(b.now).AddDays(10), Report: report,
		},
		Contacts: order.Contacts{Email: testEmail, Phone: testPhone},
	}, order.Document{ID: id, Kind: order.DocumentRequest, MediaType: "application/pkcs10", OwnerKey: s.ApplicantKey, Content: []byte("a request")})
	require.NoError(b.t, err)
	s.Record = rec
}

// ends ends the order.
func (b *bundle) ends(s *sample, end order.End, reason order.EndReason, found ...order.Check) *sample {
	b.t.Helper()
	_, err := b.orders.End(context.Background(), order.Ending{OrderID: s.ID, End: end, Reason: reason, By: order.BySystem, Report: found, At: b.now})
	require.NoError(b.t, err)
	return b.again(s)
}

// ended is an order of the caller that has ended.
func (b *bundle) ended(end order.End, reason order.EndReason, token string) *sample {
	b.t.Helper()
	return b.ends(b.at(order.StageRequest, token), end, reason)
}
