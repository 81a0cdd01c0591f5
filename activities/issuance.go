package activities

import (
	"context"
	"fmt"
)

// IssueCertificateInput asks for the one certificate of a paid order. Record
// is the transition that becomes visible together with the certificate.
type IssueCertificateInput struct {
	OrderID   string           `json:"orderId"`
	RequestID string           `json:"requestId"`
	Record    RecordOrderInput `json:"record"`
	// ConfirmationID is told when the certificate is out; empty for 6.0.00.
	ConfirmationID string `json:"confirmationId,omitempty"`
}

// IssueCertificateResult names the certificate that was issued.
type IssueCertificateResult struct {
	// SerialNumber is hexadecimal.
	SerialNumber string `json:"serialNumber"`
}

// CertificateIssuer reserves, signs and stores the certificate of an order,
// makes its credentials and records the transition: exactly once per order,
// whatever crashes in between (I1).
type CertificateIssuer interface {
	IssueCertificate(ctx context.Context, in IssueCertificateInput) (IssueCertificateResult, error)
}

// Confirmations tells a confirmation that one of its certificates is out. A
// confirmation that is closed already is not an error.
type Confirmations interface {
	SignalIssued(ctx context.Context, confirmationID, orderID string) error
}

// Issuance issues certificates.
type Issuance struct {
	Issuer        CertificateIssuer
	Confirmations Confirmations
}

// IssueCertificate issues the certificate of a paid order (I1) and tells the
// confirmation it belongs to.
func (i *Issuance) IssueCertificate(ctx context.Context, in IssueCertificateInput) (IssueCertificateResult, error) {
	res, err := i.Issuer.IssueCertificate(ctx, in)
	if err != nil {
		return res, applicationError(err)
	}
	if in.ConfirmationID == "" {
		return res, nil
	}
	if err := i.Confirmations.SignalIssued(ctx, in.ConfirmationID, in.OrderID); err != nil {
		return res, fmt.Errorf("tell the confirmation: %w", err)
	}
	return res, nil
}
