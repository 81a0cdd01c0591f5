package activities_test

import (
	"errors"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/remote-issuance/remote-issuance/activities"
	"github.com/remote-issuance/remote-issuance/internal/order"
)

// precheck is a certification authority that is asked before the payment.
type precheck struct {
	err   error
	asked []activities.Application
}

func (p *precheck) Check(a activities.Application) error {
	p.asked = append(p.asked, a)
	return p.err
}

// upload is one uploaded file with everything around it.
type upload struct {
	requests  *activities.Requests
	documents documents
	store     *requestStore
	authority *precheck
	in        activities.VerifyRequestInput
}

func newUpload(t *testing.T, request, certificate string) *upload {
	t.Helper()
	u := &upload{
		documents: holding(t, map[string]string{"request": request, "certificate": certificate}),
		store:     &requestStore{}, authority: &precheck{},
		in: activities.VerifyRequestInput{
			OrderID: "order", RequestID: "request", CertificateID: "certificate", Service: order.ServiceEmployee,
			Kind: order.KindEmployee, UNP: "190000018", At: reference, Policy: order.DefaultPolicy(),
			Record: activities.RecordOrderInput{State: activities.OrderState{OrderID: "order", Version: 3, Stage: order.StageRequest}},
		},
	}
	u.requests = &activities.Requests{Documents: u.documents, Store: u.store, Trust: trust(t), Authority: u.authority}
	return u
}

func (u *upload) verify(t *testing.T) activities.VerifyRequestResult {
	t.Helper()
	res, err := u.requests.VerifyRequest(t.Context(), u.in)
	require.NoError(t, err)
	return res
}

func TestS3ToS6_GoodRequestGoesOnToTheRegisters(t *testing.T) {
	for _, file := range []string{"req/emp1-ok.req", "req/emp1-ok.pem", "req/emp1-ok-newhdr.pem", "req/emp1-ok-in-cms.p7"} {
		t.Run(file, func(t *testing.T) {
			u := newUpload(t, file, "cert/emp1.cer")
			res := u.verify(t)
			require.Equal(t, activities.VerifyRequestResult{Admitted: true, Years: 1}, res)
			require.Equal(t, u.in.Transition(res), u.store.saved[0], "workflow and read model cannot differ")
			require.Equal(t, order.StageChecking, u.store.saved[0].State.Stage)
			checked := u.store.checked["request"]
			require.Equal(t, "Петрова", checked.Subject.Surname)
			require.Equal(t, checked.Current.Surname, checked.Subject.Surname)
			require.Equal(t, "2026-12-03", checked.RequestedStart.String())
			require.NotEmpty(t, checked.KeyID)
			require.NotEmpty(t, checked.Report, "the whole report is stored")
			require.True(t, checked.Report.Passed())
			require.Len(t, u.authority.asked, 1)
			require.Equal(t, checked.RequestedStart.Start(), u.authority.asked[0].RequestedStart)
		})
	}
}

func TestS6_IndividualOfThreeYears(t *testing.T) {
	u := newUpload(t, "req/ind1-ok.req", "cert/ind1.cer")
	u.in.Service, u.in.Kind, u.in.UNP = order.ServiceIndividual, order.KindIndividual, ""
	require.Equal(t, activities.VerifyRequestResult{Admitted: true, Years: 3}, u.verify(t))
}

func TestS4_ChangedPositionIsShownAndPasses(t *testing.T) {
	u := newUpload(t, "req/emp1-position-changed.req", "cert/emp1.cer")
	res := u.verify(t)
	require.True(t, res.Report.Passed())
	require.NotEmpty(t, res.Report.Changed())
	require.Equal(t, order.FieldPosition, res.Report[0].Field)
	require.Equal(t, order.StageChecking, u.store.saved[0].State.Stage)
}

func TestS3ToS5_BadRequestStaysAtTheUpload(t *testing.T) {
	tests := map[string]struct {
		code  order.CheckCode
		field order.Field
	}{
		"req/emp1-mismatch-surname.req": {order.CheckSubject, order.FieldSurname},
		"req/emp1-wrong-start.req":      {order.CheckStart, order.FieldNone},
		"req/emp1-badsig.req":           {order.CheckPossession, order.FieldNone},
		"req/emp1-pub-off-curve.req":    {order.CheckKeyAlgorithm, order.FieldNone},
		"cms/list.json":                 {order.CheckFile, order.FieldNone},
	}
	for file, want := range tests {
		t.Run(file, func(t *testing.T) {
			u := newUpload(t, file, "cert/emp1.cer")
			res := u.verify(t)
			require.True(t, res.Admitted, "another file can help")
			require.Equal(t, want.code, res.Report.Failed()[0].Code)
			require.Equal(t, want.field, res.Report.Failed()[0].Field)
			require.Equal(t, order.StageRequest, u.store.saved[0].State.Stage)
			require.Empty(t, u.authority.asked, "what fails anyway is not asked about")
		})
	}
}

func TestA1_CertificateNoLongerInForceIsNotAdmitted(t *testing.T) {
	for file, cause := range map[string]string{"cert/emp-expired.cer": "expired", "cert/emp-revoked.cer": "revoked"} {
		t.Run(cause, func(t *testing.T) {
			u := newUpload(t, "req/emp1-ok.req", file)
			res := u.verify(t)
			require.False(t, res.Admitted)
			require.Equal(t, order.CheckCertificate, res.Report.Failed()[0].Code)
			require.Equal(t, cause, res.Report.Failed()[0].Cause)
			require.Equal(t, order.StageRequest, u.store.saved[0].State.Stage)
		})
	}
}

func TestA1_CertificateOfAnotherOrganisationIsNotAdmitted(t *testing.T) {
	u := newUpload(t, "req/emp1-ok.req", "cert/emp1.cer")
	u.in.UNP = "190000020"
	require.False(t, u.verify(t).Admitted)
}

func TestS3_KeyInUse(t *testing.T) {
	u := newUpload(t, "req/emp1-ok.req", "cert/emp1.cer")
	u.store.inUse = true
	res := u.verify(t)
	require.True(t, res.Admitted)
	require.Equal(t, order.Report{{Code: order.CheckKeyNew, Verdict: order.VerdictFailed, Cause: "in-use"}}, res.Report)
}

// TestS3_WhatTheAuthorityWouldRefuseIsNotPaidFor: nobody pays for a
// certificate that could not be issued.
func TestS3_WhatTheAuthorityWouldRefuseIsNotPaidFor(t *testing.T) {
	u := newUpload(t, "req/emp1-ok.req", "cert/emp1.cer")
	u.authority.err = &activities.NotIssuableError{Check: order.CheckKeyAlgorithm, Err: errors.New("no issuer for the key")}
	res := u.verify(t)
	require.True(t, res.Admitted)
	require.Equal(t, order.Report{{
		Code: order.CheckKeyAlgorithm, Verdict: order.VerdictFailed, Cause: activities.CauseNotIssuable,
	}}, res.Report)
	require.Equal(t, order.StageRequest, u.store.saved[0].State.Stage)
}

func TestS2_WhatIsNotKnownIsTriedAgain(t *testing.T) {
	t.Run("the database", func(t *testing.T) {
		u := newUpload(t, "req/emp1-ok.req", "cert/emp1.cer")
		u.store.err = errDown
		_, err := u.requests.VerifyRequest(t.Context(), u.in)
		requireRetried(t, err)
		require.Empty(t, u.store.saved)
	})
	t.Run("the authority", func(t *testing.T) {
		u := newUpload(t, "req/emp1-ok.req", "cert/emp1.cer")
		u.authority.err = errDown
		_, err := u.requests.VerifyRequest(t.Context(), u.in)
		requireRetried(t, err)
		require.Empty(t, u.store.saved)
	})
	for _, id := range []string{"request", "certificate"} {
		t.Run("a lost "+id, func(t *testing.T) {
			u := newUpload(t, "req/emp1-ok.req", "cert/emp1.cer")
			delete(u.documents, id)
			_, err := u.requests.VerifyRequest(t.Context(), u.in)
			requireFinal(t, err, activities.ErrTypeNotFound)
		})
	}
}
