package draft

import (
	"context"
	"errors"
	"log/slog"
	"time"

	"github.com/remote-issuance/remote-issuance/internal/admission"
	"github.com/remote-issuance/remote-issuance/internal/ca"
	"github.com/remote-issuance/remote-issuance/internal/order"
	"github.com/remote-issuance/remote-issuance/internal/pki"
)

// Store keeps drafts and orders. Errors: order.ErrNotFound, order.ErrStage.
type Store interface {
	// OpenDraft keeps a new draft, gives it its number and returns it, or returns
	// the unfinished one of the same person and service, which takes over the
	// certificate (A6). Error: order.ErrTooManyOpen.
	OpenDraft(ctx context.Context, draft order.Record) (rec order.Record, resumed bool, err error)
	Decide(ctx context.Context, id order.ID, d order.Decision) (order.Record, error)
	// TakeUpload keeps contacts and verdict, and the file only when it passed.
	// Error: order.ErrKeyInUse.
	TakeUpload(ctx context.Context, id order.ID, u order.Upload, file order.Document) (order.Record, error)
	// KeyInUse tells whether a key stands in a certificate or in another open order (S3).
	KeyInUse(ctx context.Context, keyID string, except order.ID) (bool, error)
	End(ctx context.Context, e order.Ending) (order.Ended, error)
	// MarkStarted notes that the workflow of an order runs.
	MarkStarted(ctx context.Context, id order.ID) error
}

// Documents keeps documents; keeping one that is there already changes nothing.
type Documents interface {
	Put(ctx context.Context, d order.Document) error
}

// Precheck tells what the certification authority would refuse after the
// payment: ca.ErrNoIssuer, ca.ErrTerm, ca.ErrRefused, ca.ErrLint. Any other
// error means that it is not known.
type Precheck interface {
	Check(a ca.Application) error
}

// Starter starts the workflow of an order; one that runs already is no error.
type Starter interface {
	StartOrder(ctx context.Context, r order.Record) error
}

// Offer are the versions of the documents of S1 that are on offer.
type Offer struct {
	AgreementVersion, ContractVersion string
}

// Service takes orders through their applicant's steps.
type Service struct {
	Store     Store
	Documents Documents
	Trust     admission.Validator
	Precheck  Precheck
	Starter   Starter
	Offer     Offer
	Policy    order.Policy
	Log       *slog.Logger
	Now       func() time.Time
}

// Applicant is who orders, and with which certificate they have signed in.
type Applicant struct {
	// Key is the keyed hash of person and organisation.
	Key string
	// UNP is the organisation chosen at sign-in; empty for a private person.
	UNP order.UNP
	// Representative is set for somebody who acts for another person (A3).
	Representative bool
	Certificate    *pki.Certificate
}

// RefusedError is an applicant who may not order (A1–A5).
type RefusedError struct {
	// Report lists the checks that failed.
	Report order.Report
}

// Error says that the applicant may not order.
func (e *RefusedError) Error() string { return "the applicant may not order" }

// Admit tells whether the applicant may order the service now (A1–A3, A5). It is
// asked again at every step that writes (A1c). Error: *RefusedError.
func (s *Service) Admit(a Applicant, service order.Service) error {
	report := admission.Check(s.Trust, admission.Applicant{
		Service: service, Certificate: a.Certificate, UNP: a.UNP, Representative: a.Representative,
	}, s.Now())
	if !report.Passed() {
		return &RefusedError{Report: report.Failed()}
	}
	return nil
}

// Open opens a draft, or resumes the unfinished one of the same person and
// service at the step it has reached (A6). Errors: *RefusedError, order.ErrTooManyOpen.
func (s *Service) Open(ctx context.Context, a Applicant, service order.Service, language string) (order.Record, bool, error) {
	if err := s.Admit(a, service); err != nil {
		return order.Record{}, false, err
	}
	return s.open(ctx, a, service, language)
}

// open keeps a draft of the kind of applicant that the certificate tells (A1d).
func (s *Service) open(ctx context.Context, a Applicant, service order.Service, language string) (order.Record, bool, error) {
	at := s.Now()
	kind, told := admission.KindOf(a.Certificate)
	if !told {
		return order.Record{}, false, &RefusedError{Report: order.Report{{
			Code: order.CheckService, Verdict: order.VerdictFailed, Cause: admission.CauseUnreadable,
		}}}
	}
	certificate := order.Document{
		ID: order.CertificateDocumentID(a.Certificate.Raw), Kind: order.DocumentCertificate, MediaType: "application/pkix-cert",
		OwnerKey: a.Key, Content: a.Certificate.Raw,
	}
	if err := s.Documents.Put(ctx, certificate); err != nil {
		return order.Record{}, false, err
	}
	return s.Store.OpenDraft(ctx, order.Record{
		ID: order.NewID(), Service: service, Kind: kind, ApplicantKey: a.Key, UNP: string(a.UNP),
		CertificateID: certificate.ID, Language: language, StartedAt: at, Policy: s.Policy, Stage: order.StageTerms,
		Until: s.Policy.FinishBy(at),
	})
}

// present lets a draft go on with the certificate that its applicant has
// signed in with now: days may have passed since it was opened.
func (s *Service) present(ctx context.Context, rec order.Record, a Applicant) (order.Record, error) {
	if rec.CertificateID == order.CertificateDocumentID(a.Certificate.Raw) {
		return rec, nil
	}
	resumed, _, err := s.open(ctx, a, rec.Service, rec.Language)
	if err == nil && resumed.ID != rec.ID {
		// It is no draft any more.
		err = order.ErrStage
	}
	return resumed, err
}

// AcceptTerms takes the consent to both documents (S1). Consenting again to
// the same versions is no error. Errors: order.ErrTermsOutdated, order.ErrStage.
func (s *Service) AcceptTerms(ctx context.Context, rec order.Record, agreementVersion, contractVersion string) (order.Record, error) {
	consent := order.Consent{AgreementVersion: agreementVersion, ContractVersion: contractVersion, AcceptedAt: s.Now()}
	decision := order.AcceptTerms(consent)
	if _, err := decision(rec); errors.Is(err, order.ErrUnchanged) {
		return rec, nil
	}
	if (Offer{agreementVersion, contractVersion}) != s.Offer {
		return rec, order.ErrTermsOutdated
	}
	return s.Store.Decide(ctx, rec.ID, decision)
}

// Withdraw ends a draft at its applicant's wish (S10). Error: order.ErrStage
// for an order that is no draft any more.
func (s *Service) Withdraw(ctx context.Context, rec order.Record) error {
	if !rec.Stage.Draft() {
		return order.ErrStage
	}
	ended, err := s.Store.End(ctx, order.Ending{
		OrderID: rec.ID, End: order.EndWithdrawn, Reason: order.ReasonByApplicant, By: order.ByApplicant, At: s.Now(),
	})
	if err == nil && !ended.Done {
		return order.ErrStage
	}
	return err
}

// start starts the order's workflow. Where Temporal is away, a job of the
// worker starts it later.
func (s *Service) start(ctx context.Context, rec order.Record) {
	// What is uploaded is uploaded, whether its caller still waits or not.
	ctx = context.WithoutCancel(ctx)
	err := s.Starter.StartOrder(ctx, rec)
	if err == nil {
		err = s.Store.MarkStarted(ctx, rec.ID)
	}
	if err != nil {
		s.Log.WarnContext(ctx, "workflow of an order not started, a job starts it later", "order", rec.ID.String(), "error", err)
	}
}
