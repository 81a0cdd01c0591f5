package activities

import (
	"context"
	"time"

	"github.com/remote-issuance/remote-issuance/internal/order"
)

// VerifyRequestInput names an uploaded request file and what it is held against.
type VerifyRequestInput struct {
	OrderID       string        `json:"orderId"`
	RequestID     string        `json:"requestId"`
	CertificateID string        `json:"certificateId"`
	Service       order.Service `json:"service"`
	Kind          order.Kind    `json:"kind"`
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
	// for ordering (A1–A3); no other request file can help then.
	Admitted bool `json:"admitted"`
	Years    int  `json:"years"`
}

// RequestVerifier makes the first check and stores, in one transaction, what it
// found under the id of the request and the transition that follows from it;
// repeating it gives the same answer.
type RequestVerifier interface {
	VerifyRequest(ctx context.Context, in VerifyRequestInput) (VerifyRequestResult, error)
}

// Requests checks request files.
type Requests struct{ Verifier RequestVerifier }

// VerifyRequest compares a request file with the current certificate (S3–S6).
func (r *Requests) VerifyRequest(ctx context.Context, in VerifyRequestInput) (VerifyRequestResult, error) {
	res, err := r.Verifier.VerifyRequest(ctx, in)
	return res, applicationError(err)
}

// CheckRegistersInput names the request whose subject the registers are asked about.
type CheckRegistersInput struct {
	OrderID   string        `json:"orderId"`
	RequestID string        `json:"requestId"`
	Service   order.Service `json:"service"`
	Kind      order.Kind    `json:"kind"`
	UNP       string        `json:"unp,omitempty"`
}

// CheckRegistersResult is the verdict of the second check (A4, A5, S7).
type CheckRegistersResult struct {
	Report order.Report `json:"report"`
}

// RegisterChecker compares a request with the state registers. An error means
// that a register did not answer: nothing is known yet.
type RegisterChecker interface {
	CheckRegisters(ctx context.Context, in CheckRegistersInput) (CheckRegistersResult, error)
}

// Registers asks the state registers.
type Registers struct{ Checker RegisterChecker }

// CheckRegisters compares the request with the registers (S7). A register that
// is silent is an error and asked again by the retry policy.
func (r *Registers) CheckRegisters(ctx context.Context, in CheckRegistersInput) (CheckRegistersResult, error) {
	res, err := r.Checker.CheckRegisters(ctx, in)
	return res, applicationError(err)
}
