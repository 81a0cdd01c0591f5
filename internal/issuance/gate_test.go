package issuance_test

import (
	"crypto/sha256"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/remote-issuance/remote-issuance/internal/approval"
	"github.com/remote-issuance/remote-issuance/internal/approval/list"
	"github.com/remote-issuance/remote-issuance/internal/ca"
	"github.com/remote-issuance/remote-issuance/internal/issuance"
	"github.com/remote-issuance/remote-issuance/internal/order"
	"github.com/remote-issuance/remote-issuance/internal/payments"
	"github.com/remote-issuance/remote-issuance/internal/pki/fault"
)

var now = time.Date(2026, 11, 25, 12, 0, 0, 0, time.UTC)

func passed(code order.CheckCode) order.Report {
	return order.Report{{Code: code, Verdict: order.VerdictPassed}}
}

// proven is an order of the service with everything that it rests on.
func proven(t testing.TB, service order.Service) issuance.Evidence {
	t.Helper()
	const unp, keyID, headNumber = "190000018", "ab12", "4020280A003PB0"
	kind := order.KindIndividual
	if service.NeedsApproval() {
		kind = order.KindEmployee
	}
	id, requestID := order.DerivedID("test", []byte("order")), order.DerivedID("test", []byte("request"))
	file, certificate := []byte("the request file"), []byte("the certificate")
	current := order.Subject{Surname: "Образцова", GivenName: "Вера", PersonalNumber: "3000000A001PB0", Position: "инженер", UNP: unp}
	subject := current
	subject.Position = "главный инженер"
	policy := order.DefaultPolicy()
	e := issuance.Evidence{
		At: now,
		Order: order.Record{
			ID: id, Number: 7, Service: service, Kind: kind, UNP: unp, CertificateID: order.CertificateDocumentID(certificate),
			Policy: policy, Stage: order.StageAwaitingPayment, RequestID: requestID, UploadedAt: now.Add(-48 * time.Hour),
			CompletedAt: now.Add(-47 * time.Hour),
			Consent:     &order.Consent{AgreementVersion: "1", ContractVersion: "2", AcceptedAt: now.Add(-49 * time.Hour)},
		},
		Checked: order.CheckedRequest{
			ID: requestID, OrderID: id, Subject: subject, Current: current, Report: passed(order.CheckSubject), Years: 1,
			RequestedStart: order.DateOf(now).AddDays(8), KeyID: keyID,
		},
		File: order.Document{ID: requestID, Kind: order.DocumentRequest, Content: file, SHA256: sha256.Sum256(file)}, FileKeyID: keyID,
		Registers:    passed(order.CheckPerson),
		SignedInWith: order.Document{ID: order.CertificateDocumentID(certificate), Content: certificate}, Holder: current,
		Standing: passed(order.CheckCertificate)[0],
	}
	payable := id
	if service.NeedsApproval() {
		e.Order.ConfirmationID = order.DerivedID("test", []byte("confirmation"))
		payable = e.Order.ConfirmationID
		e.Approval = &issuance.Approval{
			Confirmation: order.Confirmation{ID: payable, UNP: unp, ManagerKey: "m", SignedAt: now.Add(-24 * time.Hour), ListNumber: 3}, CurrentID: payable,
			List: list.List{Number: 3, UNP: unp, HeadNumber: headNumber, Entries: []list.Entry{
				approval.EntryOf(7, e.Checked, e.File.SHA256, e.Registers, 4320),
			}},
			Verified: passed(order.CheckSignature), Signer: order.Subject{UNP: unp, PersonalNumber: "IDCBY-" + headNumber}, SignerKey: "m",
		}
	}
	e.Payment = &issuance.Payment{
		PayableID: payable, State: payments.PayablePaid, Share: 4320, Held: true, Lines: 8640,
		Applied: []issuance.Applied{{ID: order.NewID(), Kind: payments.KindPayment, Amount: 8640, Currency: "BYN"}},
	}
	from, to, err := ca.Validity(service, kind, 1, e.Checked.RequestedStart.Start(), now)
	require.NoError(t, err)
	e.Prepared = issuance.Prepared{KeyID: keyID, Subject: subject, NotBefore: from, NotAfter: to}
	return e
}

func TestI1_WhatIsProvenPasses(t *testing.T) {
	for _, service := range []order.Service{order.ServiceIndividual, order.ServiceEmployee} {
		require.NoError(t, issuance.Prove(proven(t, service)), service)
	}
}

func TestM6_P8_AnApprovalOfALapsedConfirmationCounts(t *testing.T) {
	e := proven(t, order.ServiceEmployee)
	second := order.DerivedID("test", []byte("second"))
	e.Order.ConfirmationID, e.Payment.PayableID, e.Approval.CurrentID = second, second, second
	require.NoError(t, issuance.Prove(e))
}

// damage is one thing that is not as it has to be, with what the gate says.
type damage struct {
	name    string
	refusal issuance.Refusal
	do      func(e *issuance.Evidence)
}

func damages() []damage {
	return []damage{
		{"ended", issuance.RefusedStage, func(e *issuance.Evidence) { e.Order.Stage = order.StageEnded }},
		{"not checked", issuance.RefusedStage, func(e *issuance.Evidence) { e.Order.Stage = order.StageChecking }},
		{"never saved", issuance.RefusedStage, func(e *issuance.Evidence) { e.Order.CompletedAt = time.Time{} }},
		{"closed to money", issuance.RefusedStage, func(e *issuance.Evidence) { e.Order.ClosedToMoney = true }},
		{"no consent", issuance.RefusedConsent, func(e *issuance.Evidence) { e.Order.Consent = nil }},
		{"one document only", issuance.RefusedConsent, func(e *issuance.Evidence) { e.Order.Consent.ContractVersion = "" }},
		{"consent after the upload", issuance.RefusedConsent, func(e *issuance.Evidence) { e.Order.Consent.AcceptedAt = now }},
		{"another file", issuance.RefusedRequest, func(e *issuance.Evidence) { e.File.ID = order.NewID() }},
		{"the file altered", issuance.RefusedRequest, func(e *issuance.Evidence) { e.File.Content = []byte("other") }},
		{"another key in the file", issuance.RefusedRequest, func(e *issuance.Evidence) { e.FileKeyID = "ffff" }},
		{"somebody else's request", issuance.RefusedRequest, func(e *issuance.Evidence) { e.Checked.OrderID = order.NewID() }},
		{"not a request", issuance.RefusedRequest, func(e *issuance.Evidence) { e.File.Kind = order.DocumentList }},
		{"no verdict", issuance.RefusedVerdict, func(e *issuance.Evidence) { e.Checked.Report = nil }},
		{"failed verdict", issuance.RefusedVerdict, func(e *issuance.Evidence) { e.Checked.Report[0].Verdict = order.VerdictFailed }},
		{"no registers", issuance.RefusedRegisters, func(e *issuance.Evidence) { e.Registers = nil }},
		{"registers differ", issuance.RefusedRegisters, func(e *issuance.Evidence) { e.Registers[0].Verdict = order.VerdictFailed }},
		{"another certificate", issuance.RefusedCertificate, func(e *issuance.Evidence) { e.SignedInWith.Content = []byte("other") }},
		{"another holder", issuance.RefusedCertificate, func(e *issuance.Evidence) { e.Holder.Surname = "Иной" }},
		{"unpaid", issuance.RefusedPayment, func(e *issuance.Evidence) { e.Payment.State = payments.PayableOpen }},
		{"no payment", issuance.RefusedPayment, func(e *issuance.Evidence) { e.Payment = nil }},
		{"not on the bill", issuance.RefusedPayment, func(e *issuance.Evidence) { e.Payment.Held = false }},
		{"another bill", issuance.RefusedPayment, func(e *issuance.Evidence) { e.Payment.PayableID = order.NewID() }},
		{"one kopeck short", issuance.RefusedAmount, func(e *issuance.Evidence) { e.Payment.Applied[0].Amount-- }},
		{"one kopeck more", issuance.RefusedAmount, func(e *issuance.Evidence) { e.Payment.Applied[0].Amount++ }},
		{"nothing applied", issuance.RefusedAmount, func(e *issuance.Evidence) { e.Payment.Applied = nil }},
		{"roubles of another country", issuance.RefusedAmount, func(e *issuance.Evidence) { e.Payment.Applied[0].Currency = "RUB" }},
		{"a test payment", issuance.RefusedAmount, func(e *issuance.Evidence) { e.Payment.Applied[0].Kind = payments.KindTest }},
		{"taken back", issuance.RefusedAmount, func(e *issuance.Evidence) {
			e.Payment.Applied = append(e.Payment.Applied, issuance.Applied{Kind: payments.KindReversal, Amount: 8640, Currency: "BYN"})
		}},
		{"another kind", issuance.RefusedKind, func(e *issuance.Evidence) { e.Order.Kind = "robot" }},
		{"too long", issuance.RefusedTerm, func(e *issuance.Evidence) { e.Checked.Years = 4 }},
		{"begins earlier", issuance.RefusedDates, func(e *issuance.Evidence) { e.Prepared.NotBefore = e.Prepared.NotBefore.Add(-time.Hour) }},
		{"ends later", issuance.RefusedDates, func(e *issuance.Evidence) { e.Prepared.NotAfter = e.Prepared.NotAfter.Add(time.Second) }},
		{"another key", issuance.RefusedKey, func(e *issuance.Evidence) { e.Prepared.KeyID = "ffff" }},
		{"another subject", issuance.RefusedSubject, func(e *issuance.Evidence) { e.Prepared.Subject.Position = "Директор" }},
		{"revoked meanwhile", issuance.RefusedRevocation, revoke},
		{"issued by nobody known", issuance.RefusedStanding, func(e *issuance.Evidence) {
			e.Standing.Verdict, e.Standing.Cause = order.VerdictFailed, string(fault.UnknownIssuer)
		}},
		{"standing unknown", issuance.RefusedStanding, func(e *issuance.Evidence) { e.Standing = order.Check{} }},
	}
}

func revoke(e *issuance.Evidence) {
	e.Standing.Verdict, e.Standing.Cause = order.VerdictFailed, string(fault.Revoked)
}

// approvals are the damages of what only 6.0.01 has.
func approvals() []damage {
	entry := func(e *issuance.Evidence) *list.Entry { return &e.Approval.List.Entries[0] }
	return []damage{
		{"no approval", issuance.RefusedApproval, func(e *issuance.Evidence) { e.Approval = nil }},
		{"no verdict over the signature", issuance.RefusedSignature, func(e *issuance.Evidence) { e.Approval.Verified = nil }},
		{"bad signature", issuance.RefusedSignature, func(e *issuance.Evidence) { e.Approval.Verified[0].Verdict = order.VerdictFailed }},
		{"never signed", issuance.RefusedSignature, func(e *issuance.Evidence) { e.Approval.Confirmation.SignedAt = time.Time{} }},
		{"signed for another organisation", issuance.RefusedSigner, func(e *issuance.Evidence) { e.Approval.Signer.UNP = "100000007" }},
		{"confirmed by another organisation", issuance.RefusedSigner, func(e *issuance.Evidence) { e.Approval.Confirmation.UNP = "100000007" }},
		{"signed by somebody else", issuance.RefusedSigner, func(e *issuance.Evidence) { e.Approval.SignerKey = "n" }},
		{"signed by nobody", issuance.RefusedSigner, func(e *issuance.Evidence) { e.Approval.SignerKey, e.Approval.Confirmation.ManagerKey = "", "" }},
		{"another list", issuance.RefusedList, func(e *issuance.Evidence) { e.Approval.List.Number = 4 }},
		{"a list without a number", issuance.RefusedList, func(e *issuance.Evidence) { e.Approval.List.Number, e.Approval.Confirmation.ListNumber = 0, 0 }},
		{"a list for another head", issuance.RefusedSigner, func(e *issuance.Evidence) { e.Approval.List.HeadNumber = "4010190A002PB9" }},
		{"another file on the list", issuance.RefusedList, func(e *issuance.Evidence) { entry(e).Request = strings.Repeat("00", 32) }},
		{"another first check", issuance.RefusedList, func(e *issuance.Evidence) { entry(e).Checked = entry(e).Registers[1:] + "0" }},
		{"another answer of the registers", issuance.RefusedList, func(e *issuance.Evidence) { entry(e).Registers = "" }},
		{"another name", issuance.RefusedList, func(e *issuance.Evidence) { entry(e).Surname = "Иная" }},
		{"twice on the list", issuance.RefusedList, func(e *issuance.Evidence) { e.Approval.List.Entries = append(e.Approval.List.Entries, *entry(e)) }},
		{"another number", issuance.RefusedList, func(e *issuance.Evidence) { entry(e).Number = 8 }},
		{"another key on the list", issuance.RefusedList, func(e *issuance.Evidence) { entry(e).KeyID = "ffff" }},
		{"another position", issuance.RefusedList, func(e *issuance.Evidence) { entry(e).NewPosition = "Директор" }},
		{"an unsaid change", issuance.RefusedList, func(e *issuance.Evidence) { entry(e).NewPosition = "" }},
		{"another term", issuance.RefusedList, func(e *issuance.Evidence) { entry(e).Years = 2 }},
		{"another person", issuance.RefusedList, func(e *issuance.Evidence) { entry(e).PersonalNumber = "x" }},
		{"another price", issuance.RefusedList, func(e *issuance.Evidence) { entry(e).Price = 1 }},
	}
}

func TestI1_M6_P4_EachThingThatIsMissingIsRefused(t *testing.T) {
	seen := map[issuance.Refusal]bool{}
	try := func(t *testing.T, service order.Service, d damage) {
		t.Run(string(service)+" "+d.name, func(t *testing.T) {
			e := proven(t, service)
			d.do(&e)
			err := issuance.Prove(e)
			var refused *issuance.RefusedError
			require.ErrorAs(t, err, &refused)
			require.Contains(t, refused.Refusals, d.refusal)
			require.NotContains(t, err.Error(), "Образцова", "no personal data in errors")
			seen[d.refusal] = true
		})
	}
	for _, d := range damages() {
		try(t, order.ServiceIndividual, d)
		try(t, order.ServiceEmployee, d)
	}
	for _, d := range approvals() {
		try(t, order.ServiceEmployee, d)
	}
	for _, r := range issuance.Refusals() {
		require.True(t, seen[r], "no case for %s", string(r))
		require.False(t, strings.HasPrefix(r.String(), "refusal"), "no text for %s", string(r))
	}
}

func TestA1c_OnlyTheRevocationAloneEndsTheOrder(t *testing.T) {
	e := proven(t, order.ServiceIndividual)
	revoke(&e)
	require.ErrorIs(t, issuance.Prove(e), issuance.ErrRevoked)
	require.NotErrorIs(t, issuance.Prove(e), issuance.ErrNotProven)
	e.Payment = nil
	require.NotErrorIs(t, issuance.Prove(e), issuance.ErrRevoked)
	require.ErrorIs(t, issuance.Prove(e), issuance.ErrNotProven)
}

// TestI1_NoSumOfDamagesPasses: whatever is missing together, nothing passes.
func TestI1_NoSumOfDamagesPasses(t *testing.T) {
	all := append(damages(), approvals()...)
	rapid.Check(t, func(r *rapid.T) {
		e := proven(t, order.ServiceEmployee)
		for _, d := range rapid.SliceOfNDistinct(rapid.SampledFrom(all), 1, 6, func(d damage) string { return d.name }).Draw(r, "damages") {
			if e.Approval != nil && e.Payment != nil && e.Order.Consent != nil && len(e.Payment.Applied) > 0 &&
				len(e.Checked.Report) > 0 && len(e.Registers) > 0 && len(e.Approval.Verified) > 0 {
				d.do(&e)
			}
		}
		var refused *issuance.RefusedError
		require.ErrorAs(r, issuance.Prove(e), &refused)
		require.NotEmpty(r, refused.Refusals)
	})
}

// A process whose clock is wrong asks for wrong dates. Nothing is issued, and it is tried again: told as a missing proof, the order would
// wait until its term was over, although it is paid.
func TestI2_DatesOfAWrongClockAreTriedAgain(t *testing.T) {
	for _, wrong := range []time.Duration{-90 * time.Minute, 6 * time.Minute, 90 * time.Minute} {
		e := proven(t, order.ServiceIndividual)
		e.Prepared.NotBefore, e.Prepared.NotAfter = e.Prepared.NotBefore.Add(wrong), e.Prepared.NotAfter.Add(wrong)
		err := issuance.Prove(e)
		require.ErrorContains(t, err, string(issuance.RefusedDates), wrong)
		require.NotErrorIs(t, err, issuance.ErrNotProven)
		require.NotErrorIs(t, err, issuance.ErrRevoked)
		e.Payment.Held = false
		require.ErrorIs(t, issuance.Prove(e), issuance.ErrNotProven, "with anything else it is what it was")
	}
}
