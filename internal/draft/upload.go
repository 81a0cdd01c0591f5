package draft

import (
	"context"
	"errors"
	"fmt"

	"github.com/remote-issuance/remote-issuance/internal/ca"
	"github.com/remote-issuance/remote-issuance/internal/order"
	"github.com/remote-issuance/remote-issuance/internal/request"
)

// CauseKeyInUse says that the key stands in a certificate or in another open order (S3).
const CauseKeyInUse = "in-use"

// Upload is the form of S2.
type Upload struct {
	File     []byte
	Contacts order.Contacts
	// Years is the term from the form; 0 takes the one of the file.
	Years int
}

// Upload makes the first check (S3–S6) and keeps contacts and verdict. A file
// that passed makes the draft an order, whose workflow is started; any other
// is not kept and another one can be sent. The report has every check. Errors:
// *RefusedError, order.ErrStage.
func (s *Service) Upload(ctx context.Context, rec order.Record, a Applicant, u Upload) (order.Record, order.Report, error) {
	if rec.Stage != order.StageRequest {
		return rec, nil, order.ErrStage
	}
	if err := s.Admit(a, rec.Service); err != nil {
		return rec, nil, err
	}
	rec, err := s.present(ctx, rec, a)
	if err != nil {
		return rec, nil, err
	}
	checked, err := s.check(ctx, rec, a, u)
	if err != nil {
		return rec, nil, err
	}
	fresh, err := s.take(ctx, rec, checked, u)
	if errors.Is(err, order.ErrKeyInUse) {
		// Another order was faster with the same key.
		checked.Report = append(checked.Report, keyInUse())
		fresh, err = s.take(ctx, rec, checked, u)
	}
	if err != nil {
		return rec, nil, err
	}
	if checked.Report.Passed() {
		s.start(ctx, fresh)
	}
	return fresh, checked.Report, nil
}

// check compares the file with the rules, the database and the authority.
func (s *Service) check(ctx context.Context, rec order.Record, a Applicant, u Upload) (order.CheckedRequest, error) {
	at := s.Now()
	found := request.Check(request.Input{
		File: u.File, Current: a.Certificate, Service: rec.Service, Kind: rec.Kind, Years: u.Years, Now: at, Policy: rec.Policy,
	})
	checked := order.CheckedRequest{
		ID: order.NewID(), OrderID: rec.ID, Subject: found.Subject, Current: a.Certificate.Subject(), Report: found.Report,
		Years: found.Years, RequestedStart: found.RequestedStart, KeyID: found.KeyID, NamedPayment: found.NamedPayment, CheckedAt: at,
	}
	if found.KeyID != "" {
		inUse, err := s.Store.KeyInUse(ctx, found.KeyID, rec.ID)
		if err != nil {
			return checked, fmt.Errorf("look the key up: %w", err)
		}
		check := order.Check{Code: order.CheckKeyNew, Verdict: order.VerdictPassed}
		if inUse {
			check = keyInUse()
		}
		checked.Report = append(checked.Report, check)
	}
	if !checked.Report.Passed() {
		return checked, nil
	}
	refused, err := s.precheck(rec, found, checked)
	checked.Report = append(checked.Report, refused...)
	return checked, err
}

func keyInUse() order.Check {
	return order.Check{Code: order.CheckKeyNew, Verdict: order.VerdictFailed, Cause: CauseKeyInUse}
}

// precheck keeps anybody from paying for a certificate that the authority
// would not issue.
func (s *Service) precheck(rec order.Record, found request.Result, checked order.CheckedRequest) (order.Report, error) {
	err := s.Precheck.Check(ca.Application{
		OrderID: rec.ID.String(), Request: found.Request, Subject: found.Subject, Service: rec.Service, Kind: rec.Kind,
		Years: checked.Years, RequestedStart: checked.RequestedStart.Start(), Now: checked.CheckedAt,
	})
	if err == nil {
		return nil, nil
	}
	if failed, refused := ca.Refusal(err); refused {
		return order.Report{failed}, nil
	}
	return nil, fmt.Errorf("ask the certification authority: %w", err)
}

func (s *Service) take(ctx context.Context, rec order.Record, checked order.CheckedRequest, u Upload) (order.Record, error) {
	return s.Store.TakeUpload(ctx, rec.ID, order.Upload{Request: checked, Contacts: u.Contacts}, order.Document{
		ID: checked.ID, Kind: order.DocumentRequest, MediaType: "application/pkcs10", OwnerKey: rec.ApplicantKey, Content: u.File,
	})
}
