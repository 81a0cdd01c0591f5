package draft_test

import (
	"context"
	"crypto"
	"crypto/rand"
	"log/slog"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/remote-issuance/remote-issuance/internal/ca"
	"github.com/remote-issuance/remote-issuance/internal/draft"
	"github.com/remote-issuance/remote-issuance/internal/order"
	"github.com/remote-issuance/remote-issuance/internal/pki/alg"
	"github.com/remote-issuance/remote-issuance/internal/pki/path"
	"github.com/remote-issuance/remote-issuance/internal/pki/testca"
	"github.com/remote-issuance/remote-issuance/internal/request"
)

var contacts = order.Contacts{Email: "oleg@example.by", Phone: "+375291234567"}

// memory keeps drafts like the database does.
type memory struct {
	rows      map[order.ID]order.Record
	files     map[order.ID]order.Document
	documents map[order.ID]order.Document
	used      map[string]bool
	marked    map[order.ID]bool
	notices   []order.Notice
	// full: the person has too many open orders; claimed: another order claims
	// each key first; err fails everything.
	full, claimed bool
	err           error
}

func (m *memory) OpenDraft(_ context.Context, r order.Record) (order.Record, bool, error) {
	switch {
	case m.err != nil:
		return order.Record{}, false, m.err
	case m.full:
		return order.Record{}, false, order.ErrTooManyOpen
	}
	for id, row := range m.rows {
		if row.ApplicantKey == r.ApplicantKey && row.Service == r.Service && row.Stage.Draft() {
			row.CertificateID = r.CertificateID
			m.rows[id] = row
			return row, true, nil
		}
	}
	r.Number, r.Version = int64(len(m.rows)+1), 1
	m.rows[r.ID] = r
	return r, false, nil
}

func (m *memory) Decide(_ context.Context, id order.ID, d order.Decision) (order.Record, error) {
	if m.err != nil {
		return order.Record{}, m.err
	}
	t, err := d(m.rows[id])
	if err != nil {
		return m.rows[id], err
	}
	t.Record.Version++
	m.rows[id], m.notices = t.Record, append(m.notices, t.Notices...)
	return t.Record, nil
}

func (m *memory) TakeUpload(ctx context.Context, id order.ID, u order.Upload, file order.Document) (order.Record, error) {
	if m.claimed && u.Request.Report.Passed() {
		return order.Record{}, order.ErrKeyInUse
	}
	r, err := m.Decide(ctx, id, order.TakeUpload(u))
	if err == nil && u.Request.Report.Passed() {
		m.files[file.ID] = file
	}
	return r, err
}

func (m *memory) KeyInUse(_ context.Context, keyID string, _ order.ID) (bool, error) {
	return m.used[keyID], m.err
}

func (m *memory) End(ctx context.Context, e order.Ending) (order.Ended, error) {
	_, err := m.Decide(ctx, e.OrderID, order.Finish(e))
	return order.Ended{Done: err == nil}, err
}

func (m *memory) MarkStarted(_ context.Context, id order.ID) error { m.marked[id] = true; return nil }

func (m *memory) Put(_ context.Context, d order.Document) error { m.documents[d.ID] = d; return nil }

type starter struct {
	started []order.ID
	err     error
}

func (s *starter) StartOrder(_ context.Context, r order.Record) error {
	if s.err == nil {
		s.started = append(s.started, r.ID)
	}
	return s.err
}

type precheck struct{ err error }

func (p *precheck) Check(a ca.Application) error {
	if a.OrderID == "" || a.Request == nil || a.Now.IsZero() {
		panic("an application without its parts")
	}
	return p.err
}

// bundle is the service over memory, with an authority and its persons.
type bundle struct {
	now                                      time.Time
	store                                    *memory
	starter                                  *starter
	precheck                                 *precheck
	service                                  *draft.Service
	ca                                       *testca.CA
	currentKey                               crypto.Signer
	employee, individual, expired, authority draft.Applicant
}

func setup(t *testing.T) *bundle {
	t.Helper()
	b := &bundle{
		now: time.Now().UTC().Truncate(time.Second), starter: &starter{}, precheck: &precheck{},
		store: &memory{
			rows: map[order.ID]order.Record{}, files: map[order.ID]order.Document{}, documents: map[order.ID]order.Document{},
			used: map[string]bool{}, marked: map[order.ID]bool{},
		},
	}
	var err error
	b.ca, err = testca.New(testca.Options{From: b.now.AddDate(-2, 0, 0)})
	require.NoError(t, err)
	b.currentKey = b.key(t)
	employee, individual := testca.SampleEmployee(), testca.SampleIndividual()
	b.employee = b.applicant(t, testca.ProfileExtensions, employee, b.currentKey, b.now.AddDate(1, 0, 0))
	b.expired = b.applicant(t, testca.ProfileExtensions, employee, b.currentKey, b.now.AddDate(0, 0, -1))
	b.individual = b.applicant(t, testca.ProfileIndividual, individual, b.key(t), b.now.AddDate(1, 0, 0))
	b.authority = draft.Applicant{Key: "authority", Certificate: b.ca.Issuing.Certificate}
	b.service = &draft.Service{
		Store: b.store, Documents: b.store, Trust: b.validator(t), Precheck: b.precheck, Starter: b.starter,
		Offer:  draft.Offer{AgreementVersion: "agreement-3", ContractVersion: "contract-7"},
		Policy: order.DefaultPolicy(), Log: slog.New(slog.DiscardHandler), Now: func() time.Time { return b.now },
	}
	return b
}

func (b *bundle) validator(t *testing.T) *path.Validator {
	t.Helper()
	trust := b.ca.Trust()
	root, err := b.ca.RootCRL(b.now.Add(-time.Hour))
	require.NoError(t, err)
	issuing, err := b.ca.CRL(b.now.Add(-time.Hour))
	require.NoError(t, err)
	trust.CRLs = append(trust.CRLs, root, issuing)
	return path.NewValidator(trust, path.Options{})
}

func (b *bundle) key(t *testing.T) crypto.Signer {
	t.Helper()
	key, err := alg.GenerateKey(alg.KeyBign256, rand.Reader)
	require.NoError(t, err)
	return key
}

func (b *bundle) keyID(t *testing.T, key crypto.Signer) string {
	t.Helper()
	id, err := alg.KeyID(key.Public())
	require.NoError(t, err)
	return id
}

func (b *bundle) applicant(t *testing.T, p testca.Profile, s order.Subject, key crypto.Signer, until time.Time) draft.Applicant {
	t.Helper()
	c, err := b.ca.Issue(p, s, key.Public(), until.AddDate(-1, 0, -1), until)
	require.NoError(t, err)
	return draft.Applicant{Key: s.PersonalNumber, UNP: order.UNP(s.UNP), Certificate: c}
}

// renewed is the employee with another certificate that says the same.
func (b *bundle) renewed(t *testing.T) draft.Applicant {
	t.Helper()
	return b.applicant(t, testca.ProfileExtensions, testca.SampleEmployee(), b.key(t), b.now.AddDate(0, 11, 0))
}

func (b *bundle) open(t *testing.T, service order.Service) (order.Record, bool) {
	t.Helper()
	rec, resumed, err := b.service.Open(t.Context(), b.employee, service, "ru")
	require.NoError(t, err)
	return rec, resumed
}

func (b *bundle) accept(t *testing.T, rec order.Record) order.Record {
	t.Helper()
	rec, err := b.service.AcceptTerms(t.Context(), rec, "agreement-3", "contract-7")
	require.NoError(t, err)
	return rec
}

// ready is a draft that waits for its request file.
func (b *bundle) ready(t *testing.T) order.Record {
	t.Helper()
	rec, _ := b.open(t, order.ServiceEmployee)
	return b.accept(t, rec)
}

func (b *bundle) upload(file []byte) draft.Upload {
	return draft.Upload{File: file, Contacts: contacts, Years: 1}
}

func (b *bundle) request(t *testing.T, key crypto.Signer, service order.Service) []byte {
	t.Helper()
	return b.requestOf(t, key, service, func(*order.Subject) {})
}

func (b *bundle) requestOf(t *testing.T, key crypto.Signer, service order.Service, change func(*order.Subject)) []byte {
	t.Helper()
	s := testca.SampleEmployee()
	change(&s)
	start := request.StartOf(service, order.DefaultPolicy(), b.now)
	r, err := testca.ProfileExtensions.Request(s, key, request.Period(start, 1))
	require.NoError(t, err)
	return r.Raw
}

func (b *bundle) requestFrom(t *testing.T, key crypto.Signer, service order.Service, days int) []byte {
	t.Helper()
	start := request.StartOf(service, order.DefaultPolicy(), b.now).AddDays(days)
	r, err := testca.ProfileExtensions.Request(testca.SampleEmployee(), key, request.Period(start, 1))
	require.NoError(t, err)
	return r.Raw
}
