package activities

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/remote-issuance/remote-issuance/internal/admission"
	"github.com/remote-issuance/remote-issuance/internal/order"
	"github.com/remote-issuance/remote-issuance/internal/pki"
	"github.com/remote-issuance/remote-issuance/internal/request"
)

// VerifyRequestInput names an uploaded request file and what it is held against.
type VerifyRequestInput struct {
	OrderID       string        `json:"orderId"`
	RequestID     string        `json:"requestId"`
	CertificateID string        `json:"certificateId"`
	Service       order.Service `json:"service"`
	Kind          order.Kind    `json:"kind"`
	UNP           string        `json:"unp,omitempty"`
	// Years is the term from the form; 0 takes the one of the file.
	Years  int          `json:"years,omitempty"`
	At     time.Time    `json:"at"`
	Policy order.Policy `json:"policy"`
	// Record is the transition to write together with the verdict, before
	// Transition has put the verdict into it.
	Record RecordOrderInput `json:"record"`
}

// Transition is what the verdict makes of Record. Workflow and activity both
// call it, so that history and read model cannot differ.
func (in VerifyRequestInput) Transition(res VerifyRequestResult) RecordOrderInput {
	out := in.Record
	out.State.Report = res.Report
	if res.Admitted && res.Report.Passed() {
		out.State.Stage = order.StageChecking
	}
	return out
}

// VerifyRequestResult is the verdict of the first check (A1, A2, S3–S6).
type VerifyRequestResult struct {
	// Report lists what failed or changed; the whole report is stored.
	Report order.Report `json:"report,omitempty"`
	// Admitted is false when the certificate signed in with is no longer good
	// for ordering (A1, A2); no other request file can help then.
	Admitted bool `json:"admitted"`
	Years    int  `json:"years"`
}

// CheckedRequest is a request file as the first check found it.
type CheckedRequest struct {
	// ID is the document's id.
	ID      string
	OrderID string
	// Subject is whom the request names, Current whom the certificate names.
	Subject        order.Subject
	Current        order.Subject
	Report         order.Report
	Years          int
	RequestedStart order.Date
	// KeyID is the SHA-256 of the public key in hexadecimal.
	KeyID     string
	CheckedAt time.Time
}

// RequestStore keeps checked requests.
type RequestStore interface {
	// KeyInUse tells whether a public key stands in a certificate or in
	// another open order (S3).
	KeyInUse(ctx context.Context, keyID, exceptOrderID string) (bool, error)
	// SaveChecked keeps a checked request and the transition that follows from
	// it in one transaction; repeating it changes nothing.
	SaveChecked(ctx context.Context, r CheckedRequest, t RecordOrderInput) error
	// Checked loads a checked request, or fails with ErrNotFound.
	Checked(ctx context.Context, id string) (CheckedRequest, error)
}

// Precheck tells before the payment what the certification authority would
// refuse after it: *NotIssuableError. Any other error means that it is not known.
type Precheck interface {
	Check(a Application) error
}

// CauseNotIssuable is the cause of a check that the certification authority's
// profile fails.
const CauseNotIssuable = "not-issuable"

// Requests checks request files.
type Requests struct {
	Documents Documents
	Store     RequestStore
	Trust     admission.Validator
	Authority Precheck
}

// VerifyRequest compares a request file with the current certificate (A1, A2,
// S3–S6) and records the verdict.
func (r *Requests) VerifyRequest(ctx context.Context, in VerifyRequestInput) (VerifyRequestResult, error) {
	res, err := r.verify(ctx, in)
	return res, applicationError(err)
}

func (r *Requests) verify(ctx context.Context, in VerifyRequestInput) (VerifyRequestResult, error) {
	file, err := r.Documents.Get(ctx, in.RequestID)
	if err != nil {
		return VerifyRequestResult{}, fmt.Errorf("load the request: %w", err)
	}
	current, err := loadCertificate(ctx, r.Documents, in.CertificateID)
	if err != nil {
		return VerifyRequestResult{}, err
	}
	admitted := admission.Check(r.Trust, admission.Applicant{
		Service: in.Service, Certificate: current, UNP: order.UNP(in.UNP),
	}, in.At)
	found := request.Check(request.Input{
		File: file.Content, Current: current, Service: in.Service, Kind: in.Kind, Years: in.Years, Now: in.At, Policy: in.Policy,
	})
	report := append(append(order.Report{}, admitted...), found.Report...)
	if found.KeyID != "" {
		inUse, err := r.Store.KeyInUse(ctx, found.KeyID, in.OrderID)
		if err != nil {
			return VerifyRequestResult{}, fmt.Errorf("look the key up: %w", err)
		}
		report = append(report, keyNew(inUse))
	}
	if report.Passed() {
		refused, err := r.precheck(in, found)
		if err != nil {
			return VerifyRequestResult{}, err
		}
		report = append(report, refused...)
	}
	res := VerifyRequestResult{
		Report: append(report.Failed(), report.Changed()...), Admitted: admitted.Passed(), Years: found.Years,
	}
	checked := CheckedRequest{
		ID: in.RequestID, OrderID: in.OrderID, Subject: found.Subject, Current: current.Subject(), Report: report,
		Years: found.Years, RequestedStart: found.RequestedStart, KeyID: found.KeyID, CheckedAt: in.At,
	}
	return res, r.Store.SaveChecked(ctx, checked, in.Transition(res))
}

// precheck keeps anybody from paying for a certificate that the authority
// would not issue (S3).
func (r *Requests) precheck(in VerifyRequestInput, found request.Result) (order.Report, error) {
	err := r.Authority.Check(Application{
		OrderID: in.OrderID, Request: found.Request, Subject: found.Subject, Service: in.Service, Kind: in.Kind,
		Years: found.Years, RequestedStart: found.RequestedStart.Start(), Now: in.At,
	})
	var refusal *NotIssuableError
	switch {
	case err == nil:
		return nil, nil
	case errors.As(err, &refusal):
		return order.Report{{Code: refusal.Check, Verdict: order.VerdictFailed, Field: refusal.Field, Cause: CauseNotIssuable}}, nil
	default:
		return nil, fmt.Errorf("ask the certification authority: %w", err)
	}
}

func keyNew(inUse bool) order.Check {
	if inUse {
		return order.Check{Code: order.CheckKeyNew, Verdict: order.VerdictFailed, Cause: "in-use"}
	}
	return order.Check{Code: order.CheckKeyNew, Verdict: order.VerdictPassed}
}

func loadCertificate(ctx context.Context, documents Documents, id string) (*pki.Certificate, error) {
	doc, err := documents.Get(ctx, id)
	if err != nil {
		return nil, fmt.Errorf("load the certificate: %w", err)
	}
	return pki.ParseCertificate(doc.Content)
}
