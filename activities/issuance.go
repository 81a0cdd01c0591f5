package activities

import (
	"context"
	"fmt"
	"maps"
	"time"

	"github.com/remote-issuance/remote-issuance/internal/order"
	"github.com/remote-issuance/remote-issuance/internal/pki"
	"github.com/remote-issuance/remote-issuance/internal/pki/cms"
)

// IssueCertificateInput asks for the one certificate of a paid order. Record
// is the transition that becomes visible together with the credentials.
type IssueCertificateInput struct {
	OrderID   string           `json:"orderId"`
	RequestID string           `json:"requestId"`
	Service   order.Service    `json:"service"`
	Kind      order.Kind       `json:"kind"`
	Record    RecordOrderInput `json:"record"`
	// ConfirmationID is told when the certificate is out; empty for 6.0.00.
	ConfirmationID string `json:"confirmationId,omitempty"`
}

// IssueCertificateResult names the certificate that was issued.
type IssueCertificateResult struct {
	// SerialNumber is hexadecimal.
	SerialNumber string `json:"serialNumber"`
}

// Application is what a certificate is issued for, after all checks.
type Application struct {
	OrderID string
	// Request holds the key, and its proof of possession; nothing else of it gets
	// into the certificate.
	Request *pki.Request
	// Subject is whom the certificate is to name: what was compared (S4).
	Subject order.Subject
	Service order.Service
	Kind    order.Kind
	Years   int
	// RequestedStart counts for 6.0.01 only (I2); zero for an unknown one.
	RequestedStart time.Time
	// Now is the moment of issue.
	Now time.Time
}

// CertificateAuthority issues one certificate per order, the same one for
// every repetition (I1), and returns its serial number in hexadecimal.
type CertificateAuthority interface {
	Issue(ctx context.Context, a Application) (serialNumber string, err error)
}

// Credentials makes the credentials of the storage; those that an earlier try
// has made stay (I4).
type Credentials interface {
	Provide(ctx context.Context, orderID string, now time.Time) error
}

// Confirmations tells a confirmation that one of its certificates is out. A
// confirmation that is closed already is not an error.
type Confirmations interface {
	SignalIssued(ctx context.Context, confirmationID, orderID string) error
}

// Issuance issues certificates.
type Issuance struct {
	Documents     Documents
	Requests      RequestStore
	Authority     CertificateAuthority
	Credentials   Credentials
	Records       RecordStore
	Confirmations Confirmations
	Now           func() time.Time
}

// IssueCertificate issues the certificate of a paid order (I1), makes its
// credentials (I4), records it and tells the confirmation it belongs to. Every
// step can be repeated; a retry after a crash finishes what was begun. Every
// error is retried: who has paid gets the certificate once the cause is mended.
func (i *Issuance) IssueCertificate(ctx context.Context, in IssueCertificateInput) (IssueCertificateResult, error) {
	application, err := i.application(ctx, in)
	if err != nil {
		return IssueCertificateResult{}, err
	}
	serial, err := i.Authority.Issue(ctx, application)
	if err != nil {
		return IssueCertificateResult{}, fmt.Errorf("issue: %w", err)
	}
	if err := i.Credentials.Provide(ctx, in.OrderID, i.Now()); err != nil {
		return IssueCertificateResult{}, fmt.Errorf("make credentials: %w", err)
	}
	if err := i.Records.RecordOrder(ctx, withSerial(in.Record, serial)); err != nil {
		return IssueCertificateResult{}, fmt.Errorf("record the certificate: %w", err)
	}
	if in.ConfirmationID != "" {
		if err := i.Confirmations.SignalIssued(ctx, in.ConfirmationID, in.OrderID); err != nil {
			return IssueCertificateResult{}, fmt.Errorf("tell the confirmation: %w", err)
		}
	}
	return IssueCertificateResult{SerialNumber: serial}, nil
}

// withSerial names the certificate in the events of the transition: which one
// it is is known only now.
func withSerial(in RecordOrderInput, serial string) RecordOrderInput {
	events := make([]AuditEvent, 0, len(in.Events))
	for _, e := range in.Events {
		evidence := map[string]string{"serial": serial}
		maps.Copy(evidence, e.Evidence)
		e.Evidence = evidence
		events = append(events, e)
	}
	in.Events = events
	return in
}

func (i *Issuance) application(ctx context.Context, in IssueCertificateInput) (Application, error) {
	file, err := i.Documents.Get(ctx, in.RequestID)
	if err != nil {
		return Application{}, fmt.Errorf("load the request: %w", err)
	}
	parsed, err := cms.ParseRequestFile(file.Content)
	if err != nil {
		return Application{}, fmt.Errorf("read the request: %w", err)
	}
	checked, err := i.Requests.Checked(ctx, in.RequestID)
	if err != nil {
		return Application{}, fmt.Errorf("load the checked request: %w", err)
	}
	return Application{
		OrderID: in.OrderID, Request: parsed.Request, Subject: checked.Subject, Service: in.Service, Kind: in.Kind,
		Years: checked.Years, RequestedStart: checked.RequestedStart.Start(), Now: i.Now(),
	}, nil
}
