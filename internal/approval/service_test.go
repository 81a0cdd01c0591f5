package approval_test

import (
	"crypto"
	"crypto/rand"
	"encoding/json"
	"errors"
	"log/slog"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/remote-issuance/remote-issuance/internal/approval"
	"github.com/remote-issuance/remote-issuance/internal/approval/list"
	"github.com/remote-issuance/remote-issuance/internal/audit"
	"github.com/remote-issuance/remote-issuance/internal/order"
	"github.com/remote-issuance/remote-issuance/internal/pki"
	"github.com/remote-issuance/remote-issuance/internal/pki/alg"
	"github.com/remote-issuance/remote-issuance/internal/pki/cms"
	"github.com/remote-issuance/remote-issuance/internal/pki/testca"
	"github.com/remote-issuance/remote-issuance/internal/registers"
)

// entry is an order of an invented employee.
func entry(number int64) list.Entry {
	subject := order.Subject{Surname: "Образцова", GivenName: "Вера", PersonalNumber: "4010190A002PB9", Position: "Бухгалтер"}
	passed := order.Report{{Code: order.CheckSubject, Verdict: order.VerdictPassed}}
	return approval.EntryOf(number, order.CheckedRequest{
		Subject: subject, Current: subject, Years: 1, KeyID: strings.Repeat("0a", 32), Report: passed,
	}, [32]byte{byte(number)}, passed, 4320)
}

// signing is the service over memory, with a manager who signs.
type signing struct {
	*memory
	signers
	service     *approval.Service
	certificate *pki.Certificate
	key         crypto.Signer
	choice      approval.Choice
}

func newSigning(t *testing.T) *signing {
	t.Helper()
	s := newSigners(t)
	key, err := alg.GenerateKey(alg.KeyBign256, rand.Reader)
	require.NoError(t, err)
	manager := testca.SampleEmployee()
	certificate, err := s.Issue(testca.ProfileExtensions, manager, key.Public(), reference.AddDate(0, 0, -1), reference.AddDate(1, 0, 0))
	require.NoError(t, err)
	m := &memory{documents: map[order.ID]order.Document{}, saved: map[order.ID]order.Confirmation{}, head: registers.Head{
		UNP: order.UNP(manager.UNP), PersonalNumber: order.PersonalNumber(manager.PersonalNumber), Surname: manager.Surname,
		GivenName: manager.GivenName, Patronymic: manager.Patronymic,
	}}
	for i := range 3 {
		id := order.NewID()
		m.orders = append(m.orders, approval.ListedOrder{
			ID: id, Organisation: "Пример", ConfirmBy: reference.AddDate(0, 0, 3-i), PayBy: reference.AddDate(0, 0, 10),
			Entry: entry(int64(i + 1)),
		})
	}
	trust := s.validator(t)
	o := &signing{memory: m, signers: s, certificate: certificate, key: key, service: &approval.Service{
		Store: m, Documents: m, Trust: trust, Heads: m, Anchors: trust, Starter: m, Log: slog.New(slog.DiscardHandler),
		Policy: order.DefaultPolicy(), Now: func() time.Time { return reference },
	}}
	o.choice = approval.Choice{
		UNP: manager.UNP, ManagerKey: "manager", Certificate: certificate, Email: "nina@example.by", Language: "be",
		Orders: []order.ID{m.orders[0].ID, m.orders[1].ID},
	}
	return o
}

func (o *signing) sign(t *testing.T, c order.Confirmation) []byte {
	t.Helper()
	signature, err := cms.SignData(o.documents[c.ListID].Content, o.certificate, o.key, cms.SignOptions{})
	require.NoError(t, err)
	return signature
}

func TestM5_ComposeKeepsARowAndTheListToSign(t *testing.T) {
	o := newSigning(t)
	c, err := o.service.Compose(t.Context(), o.choice)
	require.NoError(t, err)
	require.Equal(t, c, o.saved[c.ID])
	require.Equal(t, order.ConfirmationSigning, c.Stage)
	require.Equal(t, o.orders[1].ConfirmBy, c.Until, "the first of the orders that leaves the manager's page")
	require.Equal(t, o.choice.Orders, c.OrderIDs)
	require.Equal(t, order.ListDocumentID(c.ID), c.ListID)
	kept, err := list.Parse(o.documents[c.ListID].Content)
	require.NoError(t, err)
	require.EqualValues(t, 1, kept.Number)
	require.Equal(t, kept.Number, c.ListNumber)
	require.Equal(t, []list.Entry{entry(1), entry(2)}, kept.Entries)
	manager := testca.SampleEmployee()
	require.Equal(t, "Образцова Вера Петровна", kept.Head)
	require.Equal(t, manager.PersonalNumber, kept.HeadNumber)
	require.Equal(t, manager.UNP, kept.UNP)
	require.Equal(t, o.certificate.Raw, o.documents[c.CertificateID].Content)
	require.Empty(t, o.started)

	o.choice.Orders = []order.ID{order.NewID()}
	_, err = o.service.Compose(t.Context(), o.choice)
	require.ErrorIs(t, err, order.ErrNothingToConfirm)
}

func TestM6_AGoodSignatureIsKeptWithItsEvidenceAndVerifiesAgain(t *testing.T) {
	o := newSigning(t)
	c, err := o.service.Compose(t.Context(), o.choice)
	require.NoError(t, err)
	signature := o.sign(t, c)
	signed, err := o.service.Sign(t.Context(), c, signature)
	require.NoError(t, err)
	require.Equal(t, order.ConfirmationPayment, signed.Stage)
	require.Len(t, o.confirmed, 1)
	kept := o.confirmed[0]
	require.Equal(t, signature, kept.Signature[0].Content)
	require.Equal(t, kept.SignatureID, kept.Signature[0].ID)
	keyID, err := alg.KeyID(o.key.Public())
	require.NoError(t, err)
	require.Equal(t, keyID, kept.SignerKey, "the approval names the key that signed")
	signer := kept.Evidence[len(kept.Evidence)-1]
	require.Equal(t, kept.SignerID, signer.ID)
	require.Equal(t, o.certificate.Raw, signer.Content)
	require.Equal(t, []order.ID{c.ID}, o.started)
	require.Equal(t, []order.ID{c.ID}, o.marked)
	for _, d := range append(kept.Signature, kept.Evidence...) {
		o.documents[d.ID] = d
	}
	bundle, err := approval.StoredBundle(t.Context(), o, approval.StoredIDs{
		Confirmation: c.ID, List: c.ListID, Signature: kept.SignatureID, Certificate: c.CertificateID,
	})
	require.NoError(t, err)
	report, _, err := bundle.Verify()
	require.NoError(t, err)
	require.True(t, report.Passed())
	exported, err := json.Marshal(bundle)
	require.NoError(t, err)
	bundle, err = approval.ParseBundle(exported)
	require.NoError(t, err)
	evidence := o.documents[order.EvidenceDocumentID(kept.SignatureID)]
	require.NoError(t, bundle.RecordedBy(audit.Entry{
		Action: audit.ActionListSigned, OrderID: c.ID.String(), At: kept.At.Truncate(time.Microsecond), Evidence: audit.Evidence{
			"list": audit.Digest(o.documents[c.ListID].Content), "signature": audit.Digest(signature),
			"certificate": audit.Digest(o.certificate.Raw), "evidence": audit.Digest(evidence.Content),
		},
	}))
	_, err = o.service.Sign(t.Context(), signed, signature)
	require.ErrorIs(t, err, order.ErrStage)
}

func TestM1_M6_NothingIsApprovedOnABadSignature(t *testing.T) {
	o := newSigning(t)
	c, err := o.service.Compose(t.Context(), o.choice)
	require.NoError(t, err)
	good := o.sign(t, c)
	other, err := cms.SignData(append([]byte("\n"), o.documents[c.ListID].Content...), o.certificate, o.key, cms.SignOptions{})
	require.NoError(t, err)
	right := o.head
	for name, tc := range map[string]struct {
		signature []byte
		head      func(*registers.Head)
		code      order.CheckCode
	}{
		"no CMS":               {[]byte("x"), nil, order.CheckSignature},
		"other bytes":          {other, nil, order.CheckSignature},
		"cut off":              {good[:len(good)-1], nil, order.CheckSignature},
		"another head":         {good, func(h *registers.Head) { h.Surname = "Другая" }, order.CheckHead},
		"a namesake":           {good, func(h *registers.Head) { h.PersonalNumber = "4010190A003PB6" }, order.CheckHead},
		"no head":              {good, func(h *registers.Head) { *h = registers.Head{} }, order.CheckHead},
		"another organisation": {good, func(h *registers.Head) { h.UNP = "190000020" }, order.CheckHead},
	} {
		t.Run(name, func(t *testing.T) {
			o.head = right
			if tc.head != nil {
				tc.head(&o.head)
			}
			_, err := o.service.Sign(t.Context(), c, tc.signature)
			var rejected *approval.RejectedError
			require.ErrorAs(t, err, &rejected)
			require.Equal(t, tc.code, rejected.Report[0].Code)
		})
	}
	o.head, o.headErr = right, registers.ErrUnavailable
	_, err = o.service.Sign(t.Context(), c, good)
	require.ErrorIs(t, err, registers.ErrUnavailable, "a silent register is no verdict")
	o.headErr, o.confirm = nil, order.ErrNothingToConfirm
	_, err = o.service.Sign(t.Context(), c, good)
	require.ErrorIs(t, err, order.ErrNothingToConfirm)
	require.Empty(t, o.confirmed)
	require.Empty(t, o.started)
}

func TestP8_OrdersThatWereApprovedBeforeAreConfirmedAtOnce(t *testing.T) {
	o := newSigning(t)
	o.orders[0].Approved, o.orders[1].Approved = true, true
	o.start = errors.New("no connection")
	c, err := o.service.Compose(t.Context(), o.choice)
	require.NoError(t, err, "Temporal is away: a job starts it later")
	require.Equal(t, order.ConfirmationPayment, c.Stage)
	require.Empty(t, o.saved, "there is no list")
	require.Len(t, o.confirmed, 1)
	require.True(t, o.confirmed[0].SignatureID.IsZero())
	require.Empty(t, o.marked)

	o.orders[1].Approved = false
	c, err = o.service.Compose(t.Context(), o.choice)
	require.NoError(t, err)
	require.Equal(t, order.ConfirmationSigning, c.Stage, "one of them was not approved yet")
}

// The list names whom it was made for: another head does not sign it.
func TestM1_OnlyTheHeadThatTheListNamesSignsIt(t *testing.T) {
	o := newSigning(t)
	c, err := o.service.Compose(t.Context(), o.choice)
	require.NoError(t, err)
	successor := testca.SampleEmployee()
	successor.Surname, successor.GivenName, successor.PersonalNumber = "Узорова", "Нина", "4020280A003PB0"
	o.certificate, err = o.Issue(testca.ProfileExtensions, successor, o.key.Public(), reference.AddDate(0, 0, -1), reference.AddDate(1, 0, 0))
	require.NoError(t, err)
	o.head.Surname, o.head.GivenName, o.head.PersonalNumber = "Узорова", "Нина", "4020280A003PB0"
	o.head.Patronymic = successor.Patronymic
	_, err = o.service.Sign(t.Context(), c, o.sign(t, c))
	var rejected *approval.RejectedError
	require.ErrorAs(t, err, &rejected)
	require.Equal(t, order.CheckHead, rejected.Report[0].Code)
	require.Equal(t, order.FieldPersonalNumber, rejected.Report[0].Field)
	require.Empty(t, o.confirmed)

	o.choice.Certificate = o.certificate
	c, err = o.service.Compose(t.Context(), o.choice)
	require.NoError(t, err)
	_, err = o.service.Sign(t.Context(), c, o.sign(t, c))
	require.NoError(t, err, "a list of their own they do")
}
