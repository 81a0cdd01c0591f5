package draft_test

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/remote-issuance/remote-issuance/internal/admission"
	"github.com/remote-issuance/remote-issuance/internal/ca"
	"github.com/remote-issuance/remote-issuance/internal/draft"
	"github.com/remote-issuance/remote-issuance/internal/order"
	"github.com/remote-issuance/remote-issuance/internal/pki/fault"
	"github.com/remote-issuance/remote-issuance/internal/pki/testca"
)

func TestA6_ADraftIsResumedAtTheStepReached(t *testing.T) {
	b := setup(t)
	first, resumed := b.open(t, order.ServiceEmployee)
	require.False(t, resumed)
	require.Equal(t, order.StageTerms, first.Stage)
	require.Equal(t, order.KindEmployee, first.Kind)
	require.Equal(t, first.Policy.FinishBy(first.StartedAt), first.Until)
	b.accept(t, first)
	again, resumed := b.open(t, order.ServiceEmployee)
	require.True(t, resumed)
	require.Equal(t, first.ID, again.ID)
	require.Equal(t, order.StageRequest, again.Stage)
}

func TestA6_AtMostFiveOpenOrders(t *testing.T) {
	b := setup(t)
	b.store.full = true
	_, _, err := b.service.Open(t.Context(), b.employee, order.ServiceEmployee, "ru")
	require.ErrorIs(t, err, order.ErrTooManyOpen)
}

func TestA1_A2_A3_WhoMayNotOrder(t *testing.T) {
	b := setup(t)
	representative := b.individual
	representative.Representative = true
	elsewhere := b.employee
	elsewhere.UNP = "190000020"
	for name, tc := range map[string]struct {
		applicant draft.Applicant
		service   order.Service
		code      order.CheckCode
		cause     string
	}{
		"expired":               {b.expired, order.ServiceEmployee, order.CheckCertificate, "expired"},
		"a certificate of a CA": {b.authority, order.ServiceIndividual, order.CheckCertificate, string(fault.KeyUsage)},
		"a representative":      {representative, order.ServiceIndividual, order.CheckRepresentative, admission.CauseRepresentative},
		"another organisation":  {elsewhere, order.ServiceEmployee, order.CheckOrganisation, admission.CauseOtherUNP},
	} {
		t.Run(name, func(t *testing.T) {
			_, _, err := b.service.Open(t.Context(), tc.applicant, tc.service, "ru")
			var refused *draft.RefusedError
			require.ErrorAs(t, err, &refused)
			require.Equal(t, tc.code, refused.Report[0].Code)
			require.Equal(t, tc.cause, refused.Report[0].Cause)
			require.False(t, refused.Report.Passed())
		})
	}
	require.Empty(t, b.store.rows, "nothing was opened")
}

func TestS1_BothDocumentsInTheVersionsOnOffer(t *testing.T) {
	b := setup(t)
	rec, _ := b.open(t, order.ServiceEmployee)
	for _, versions := range [][2]string{{"agreement-2", "contract-7"}, {"agreement-3", "contract-6"}, {"", ""}, {"contract-7", "agreement-3"}} {
		_, err := b.service.AcceptTerms(t.Context(), rec, versions[0], versions[1])
		require.ErrorIs(t, err, order.ErrTermsOutdated)
	}
	accepted, err := b.service.AcceptTerms(t.Context(), rec, "agreement-3", "contract-7")
	require.NoError(t, err)
	require.Equal(t, order.StageRequest, accepted.Stage)
	require.Equal(t, b.now, accepted.Consent.AcceptedAt)
	// Repeated consent is no error, also when another version is on offer by now.
	b.service.Offer = draft.Offer{AgreementVersion: "agreement-4", ContractVersion: "contract-7"}
	again, err := b.service.AcceptTerms(t.Context(), accepted, "agreement-3", "contract-7")
	require.NoError(t, err)
	require.Equal(t, accepted, again)
}

func TestS2_AGoodFileMakesTheDraftAnOrderAndStartsIt(t *testing.T) {
	b := setup(t)
	rec := b.ready(t)
	file := b.request(t, b.key(t), rec.Service)
	fresh, report, err := b.service.Upload(t.Context(), rec, b.employee, b.upload(file))
	require.NoError(t, err)
	require.True(t, report.Passed(), "%v", report)
	require.Equal(t, order.StageChecking, fresh.Stage)
	require.Equal(t, &contacts, fresh.Contacts)
	require.Equal(t, []order.ID{fresh.ID}, b.starter.started)
	require.True(t, b.store.marked[fresh.ID])
	require.Equal(t, file, b.store.files[fresh.RequestID].Content)
	require.Equal(t, rec.ApplicantKey, b.store.files[fresh.RequestID].OwnerKey)

	_, _, err = b.service.Upload(t.Context(), fresh, b.employee, b.upload(file))
	require.ErrorIs(t, err, order.ErrStage)
}

func TestS2_TemporalIsAwayAndTheUploadIsTakenAllTheSame(t *testing.T) {
	b := setup(t)
	b.starter.err = errors.New("no connection")
	rec := b.ready(t)
	fresh, report, err := b.service.Upload(t.Context(), rec, b.employee, b.upload(b.request(t, b.key(t), rec.Service)))
	require.NoError(t, err)
	require.True(t, report.Passed())
	require.Equal(t, order.StageChecking, fresh.Stage)
	require.False(t, b.store.marked[fresh.ID], "a job starts it later")
}

func TestS3_S4_S5_S6_AFileThatFailsIsNotKept(t *testing.T) {
	b := setup(t)
	rec := b.ready(t)
	key := b.key(t)
	used := b.key(t)
	b.store.used[b.keyID(t, used)] = true
	for name, tc := range map[string]struct {
		file  []byte
		years int
		code  order.CheckCode
		cause string
	}{
		"no request":          {[]byte("a request"), 1, order.CheckFile, ""},
		"another surname":     {b.requestOf(t, key, rec.Service, func(s *order.Subject) { s.Surname = "Иванов" }), 1, order.CheckSubject, ""},
		"the current key":     {b.request(t, b.currentKey, rec.Service), 1, order.CheckKeyNew, "current-key"},
		"a key in use":        {b.request(t, used, rec.Service), 1, order.CheckKeyNew, draft.CauseKeyInUse},
		"a day too early":     {b.requestFrom(t, key, rec.Service, -1), 1, order.CheckStart, "differs"},
		"another term":        {b.request(t, key, rec.Service), 2, order.CheckTerm, "form-differs"},
		"64 KiB of zeros":     {make([]byte, 64<<10), 1, order.CheckFile, ""},
		"nothing but a blank": {[]byte(" "), 1, order.CheckFile, ""},
	} {
		t.Run(name, func(t *testing.T) {
			u := b.upload(tc.file)
			u.Years = tc.years
			fresh, report, err := b.service.Upload(t.Context(), rec, b.employee, u)
			require.NoError(t, err)
			require.False(t, report.Passed())
			failed := report.Failed()[0]
			require.Equal(t, tc.code, failed.Code)
			if tc.cause != "" {
				require.Equal(t, tc.cause, failed.Cause)
			}
			require.Equal(t, order.StageRequest, fresh.Stage, "another file can be sent")
			require.Equal(t, &contacts, fresh.Contacts)
		})
	}
	require.Empty(t, b.store.files)
	require.Empty(t, b.starter.started)
}

func TestS3_WhatTheAuthorityWouldRefuseIsRefusedBeforeThePayment(t *testing.T) {
	for cause, code := range map[error]order.CheckCode{
		ca.ErrNoIssuer: order.CheckKeyAlgorithm, ca.ErrTerm: order.CheckTerm, ca.ErrRefused: order.CheckFile, ca.ErrLint: order.CheckFile,
	} {
		t.Run(cause.Error(), func(t *testing.T) {
			b := setup(t)
			b.precheck.err = cause
			rec := b.ready(t)
			fresh, report, err := b.service.Upload(t.Context(), rec, b.employee, b.upload(b.request(t, b.key(t), rec.Service)))
			require.NoError(t, err)
			require.Equal(t, order.StageRequest, fresh.Stage)
			require.Equal(t, order.Report{{Code: code, Verdict: order.VerdictFailed, Cause: ca.CauseNotIssuable}}, report.Failed())
		})
	}
	b := setup(t)
	b.precheck.err = errors.New("token removed")
	rec := b.ready(t)
	_, _, err := b.service.Upload(t.Context(), rec, b.employee, b.upload(b.request(t, b.key(t), rec.Service)))
	require.ErrorIs(t, err, b.precheck.err, "not known is no verdict")
	require.Empty(t, b.store.files)
}

func TestS3_TheFasterOfTwoOrdersGetsTheKey(t *testing.T) {
	b := setup(t)
	rec := b.ready(t)
	b.store.claimed = true
	fresh, report, err := b.service.Upload(t.Context(), rec, b.employee, b.upload(b.request(t, b.key(t), rec.Service)))
	require.NoError(t, err)
	require.Equal(t, order.StageRequest, fresh.Stage)
	require.Equal(t, draft.CauseKeyInUse, report.Failed()[0].Cause)
	require.Empty(t, b.store.files)
}

func TestA1_ADraftGoesOnWithTheCertificateSignedInWithNow(t *testing.T) {
	b := setup(t)
	rec := b.ready(t)
	_, _, err := b.service.Upload(t.Context(), rec, b.expired, b.upload([]byte("x")))
	var refused *draft.RefusedError
	require.ErrorAs(t, err, &refused, "looked at again at every step")
	renewed := b.renewed(t)
	fresh, report, err := b.service.Upload(t.Context(), rec, renewed, b.upload(b.request(t, b.key(t), rec.Service)))
	require.NoError(t, err)
	require.True(t, report.Passed(), "%v", report)
	require.Equal(t, order.CertificateDocumentID(renewed.Certificate.Raw), fresh.CertificateID)
}

func TestS10_ADraftIsWithdrawnWithoutALetter(t *testing.T) {
	b := setup(t)
	rec := b.ready(t)
	_, _, err := b.service.Upload(t.Context(), rec, b.employee, b.upload([]byte("a bad file with good contacts")))
	require.NoError(t, err)
	require.NoError(t, b.service.Withdraw(t.Context(), b.store.rows[rec.ID]))
	require.Equal(t, order.EndWithdrawn, b.store.rows[rec.ID].End)
	require.Empty(t, b.store.notices)
	require.ErrorIs(t, b.service.Withdraw(t.Context(), b.store.rows[rec.ID]), order.ErrStage)
	checking := rec
	checking.Stage = order.StageChecking
	require.ErrorIs(t, b.service.Withdraw(t.Context(), checking), order.ErrStage)
}

func TestErrorsOfTheDatabaseAreHandedOn(t *testing.T) {
	b := setup(t)
	rec := b.ready(t)
	b.store.err = context.DeadlineExceeded
	_, _, err := b.service.Open(t.Context(), b.employee, order.ServiceEmployee, "ru")
	require.ErrorIs(t, err, context.DeadlineExceeded)
	_, _, err = b.service.Upload(t.Context(), rec, b.employee, b.upload(b.request(t, b.key(t), rec.Service)))
	require.ErrorIs(t, err, context.DeadlineExceeded)
	require.ErrorIs(t, b.service.Withdraw(t.Context(), rec), context.DeadlineExceeded)
	b.service.Now = func() time.Time { return b.now.Add(time.Hour) }
	_, err = b.service.AcceptTerms(t.Context(), order.Record{ID: rec.ID, Stage: order.StageTerms}, "agreement-3", "contract-7")
	require.ErrorIs(t, err, context.DeadlineExceeded)
}

func TestA1d_TheKindIsTheCertificates(t *testing.T) {
	b := setup(t)
	proprietor := testca.SampleIndividual()
	proprietor.UNP, proprietor.PersonalNumber = "AA0000050", "3010190A003PB8"
	business := b.applicant(t, testca.ProfileName, proprietor, b.key(t), b.now.AddDate(1, 0, 0))
	for _, tc := range []struct {
		applicant draft.Applicant
		service   order.Service
		kind      order.Kind
	}{
		{b.employee, order.ServiceEmployee, order.KindEmployee}, {b.individual, order.ServiceIndividual, order.KindIndividual},
		{business, order.ServiceIndividual, order.KindSoleProprietor},
	} {
		rec, _, err := b.service.Open(t.Context(), tc.applicant, tc.service, "be")
		require.NoError(t, err)
		require.Equal(t, tc.kind, rec.Kind)
		wrong := order.ServiceIndividual
		if tc.service == order.ServiceIndividual {
			wrong = order.ServiceEmployee
		}
		var refused *draft.RefusedError
		require.ErrorAs(t, b.service.Admit(tc.applicant, wrong), &refused)
		require.Contains(t, []admission.Reason{admission.ReasonOrderEmployee, admission.ReasonOrderIndividual}, admission.ReasonOf(refused.Report))
	}
}
