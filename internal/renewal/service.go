package renewal

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/remote-issuance/remote-issuance/internal/admission"
	"github.com/remote-issuance/remote-issuance/internal/draft"
	"github.com/remote-issuance/remote-issuance/internal/mailbox"
	"github.com/remote-issuance/remote-issuance/internal/order"
	"github.com/remote-issuance/remote-issuance/internal/pki/bpki"
)

// Why a request does not become an order, besides the errors of package draft.
var (
	// ErrTerms: agreement and contract were accepted neither in the request nor in
	// the draft that the portal has (S1).
	ErrTerms = errors.New("the terms were not accepted")
	// ErrPayment: nothing of this person was to be paid under the number named (P4),
	// or an organisation pays.
	ErrPayment = errors.New("the payment named is none of this person")
)

// ContactsError tells which contacts are wrong or not known: "email", "phone" (S2).
type ContactsError struct{ Fields []string }

// Error says so without the contacts.
func (e *ContactsError) Error() string { return "contacts are wrong or not known" }

// RejectedError is a request file that did not pass the first check (S3–S6).
type RejectedError struct{ Report order.Report }

// Error says so.
func (e *RejectedError) Error() string { return "the request did not pass the first check" }

// Entry is which order a request became.
type Entry struct {
	RequestID bpki.RequestID
	OrderID   order.ID
	// FileSHA256 is of the certification request inside.
	FileSHA256 [32]byte
	Payment    order.PaymentNumber
	ReceivedAt time.Time
	// Taken tells, of an entry that is read, that the order was made of this file.
	// Until then the order is a draft, or was made of another file.
	Taken bool
}

// Store keeps requests.
type Store interface {
	// Find reads an entry. Error: order.ErrNotFound.
	Find(ctx context.Context, id bpki.RequestID) (Entry, error)
	// Same finds the order of the person, open or issued, that was made of a file.
	Same(ctx context.Context, applicantKey string, file [32]byte) (id order.ID, found bool, err error)
	// Keep stores entry and statement with their audit entry; a request that is
	// known goes to the order of the entry.
	Keep(ctx context.Context, e Entry, statement order.Document) error
	// Draft finds the person's draft for a service (A6). Error: order.ErrNotFound.
	Draft(ctx context.Context, applicantKey string, service order.Service) (order.Record, error)
	// LastContacts are those of the person's last order (S2).
	LastContacts(ctx context.Context, applicantKey string) (order.Contacts, bool, error)
	// Owns tells whether an order of the person was to be paid under a number.
	Owns(ctx context.Context, applicantKey string, number order.PaymentNumber) (bool, error)
}

// Drafts are the applicant's steps; see draft.Service.
type Drafts interface {
	Admit(a draft.Applicant, service order.Service) error
	Open(ctx context.Context, a draft.Applicant, service order.Service, language string) (rec order.Record, resumed bool, err error)
	AcceptTerms(ctx context.Context, rec order.Record, agreementVersion, contractVersion string) (order.Record, error)
	Upload(ctx context.Context, rec order.Record, a draft.Applicant, u draft.Upload) (order.Record, order.Report, error)
}

// Service turns signed requests into orders.
type Service struct {
	Store  Store
	Drafts Drafts
	// Offer are the versions that a statement may accept.
	Offer draft.Offer
	// Reach is which e-mail addresses letters can go to.
	Reach mailbox.Reach
	Now   func() time.Time
}

// ServiceOf is the service that a certificate belongs to (A1d). A certificate that
// names nobody readably gets 6.0.00, and admission refuses it.
func ServiceOf(r Received) order.Service {
	kind, _ := admission.KindOf(r.Certificate)
	return order.ServiceOf(kind)
}

// Take makes an order of a request, or finds the one that was made of it: the same
// request any number of times is one order. The caller lets no two calls with the
// same file of a person run at once.
//
// Errors: ErrTerms, ErrPayment, *ContactsError, *RejectedError, and of package
// draft *draft.RefusedError, order.ErrTermsOutdated, order.ErrTooManyOpen.
func (s *Service) Take(ctx context.Context, r Received, a draft.Applicant, language string) (order.ID, error) {
	known, err := s.Store.Find(ctx, r.ID)
	if err == nil && known.Taken {
		return known.OrderID, nil
	}
	if err != nil && !errors.Is(err, order.ErrNotFound) {
		return order.ID{}, err
	}
	service := ServiceOf(r)
	if err := s.Drafts.Admit(a, service); err != nil {
		return order.ID{}, err
	}
	// Sent again in another envelope it is still the same.
	if id, found, err := s.Store.Same(ctx, a.Key, r.FileSHA256); err != nil || found {
		if err == nil {
			err = s.keep(ctx, r, a, id)
		}
		return id, err
	}
	contacts, err := s.prepare(ctx, r.Statement, a, service)
	if err != nil {
		return order.ID{}, err
	}
	return s.order(ctx, r, a, service, language, contacts)
}

// prepare checks what the request says besides the file, before there is a draft.
func (s *Service) prepare(ctx context.Context, st Statement, a draft.Applicant, service order.Service) (order.Contacts, error) {
	rec, err := s.Store.Draft(ctx, a.Key, service)
	if err != nil && !errors.Is(err, order.ErrNotFound) {
		return order.Contacts{}, err
	}
	switch {
	case st.Terms == "" && rec.Consent == nil:
		return order.Contacts{}, ErrTerms
	case st.Terms != "" && st.Terms != Acceptance(s.Offer.AgreementVersion, s.Offer.ContractVersion):
		return order.Contacts{}, order.ErrTermsOutdated
	}
	if st.Payment != 0 {
		own, err := s.Store.Owns(ctx, a.Key, st.Payment)
		if err != nil {
			return order.Contacts{}, err
		}
		if !own || service.NeedsApproval() {
			return order.Contacts{}, ErrPayment
		}
	}
	return s.contacts(ctx, st, rec, a.Key)
}

// contacts are those of the statement, of the draft or of the last order.
func (s *Service) contacts(ctx context.Context, st Statement, rec order.Record, applicantKey string) (order.Contacts, error) {
	before, _, err := s.Store.LastContacts(ctx, applicantKey)
	if err != nil {
		return order.Contacts{}, err
	}
	if rec.Contacts != nil {
		before = *rec.Contacts
	}
	if st.Email == "" {
		st.Email = before.Email
	}
	if st.Phone == "" {
		st.Phone = before.Phone
	}
	out, err := order.NewContacts(st.Email, st.Phone)
	var wrong []string
	if errors.Is(err, order.ErrEmail) {
		wrong = append(wrong, "email")
	} else if address, err := order.ParseEmail(st.Email); err == nil {
		if _, err := s.Reach.Wire(address); err != nil {
			wrong = append(wrong, "email")
		}
	}
	if errors.Is(err, order.ErrPhone) {
		wrong = append(wrong, "phone")
	}
	if wrong != nil {
		return order.Contacts{}, &ContactsError{Fields: wrong}
	}
	return out, err
}

// order takes the applicant's steps one after the other, as the portal does.
func (s *Service) order(
	ctx context.Context, r Received, a draft.Applicant, service order.Service, language string, contacts order.Contacts,
) (order.ID, error) {
	rec, _, err := s.Drafts.Open(ctx, a, service, language)
	if err != nil {
		return order.ID{}, err
	}
	// Before the upload: whoever falls in between finds the draft again.
	if err := s.keep(ctx, r, a, rec.ID); err != nil {
		return order.ID{}, err
	}
	if r.Statement.Terms != "" {
		if rec, err = s.Drafts.AcceptTerms(ctx, rec, s.Offer.AgreementVersion, s.Offer.ContractVersion); err != nil {
			return order.ID{}, fmt.Errorf("accept terms: %w", err)
		}
	}
	rec, report, err := s.Drafts.Upload(ctx, rec, a, draft.Upload{File: r.File, Contacts: contacts})
	if err != nil {
		return order.ID{}, err
	}
	if !report.Passed() {
		return order.ID{}, &RejectedError{Report: report}
	}
	return rec.ID, nil
}

func (s *Service) keep(ctx context.Context, r Received, a draft.Applicant, id order.ID) error {
	statement := order.Document{
		ID: order.DerivedID("signed-request", r.Signed), Kind: order.DocumentStatement, MediaType: "application/cms", OwnerKey: a.Key, Content: r.Signed,
	}
	return s.Store.Keep(ctx, Entry{
		RequestID: r.ID, OrderID: id, FileSHA256: r.FileSHA256, Payment: r.Statement.Payment, ReceivedAt: s.Now(),
	}, statement)
}
