package postgres

import (
	"time"

	"github.com/google/uuid"

	"github.com/remote-issuance/remote-issuance/internal/order"
	"github.com/remote-issuance/remote-issuance/internal/postgres/db"
)

// recordOf reads a row of orders.
func recordOf(o db.Order) (order.Record, error) {
	r := order.Record{
		ID: order.ID(o.ID), Number: o.Number, Service: order.Service(o.Service), Kind: order.Kind(o.Kind),
		ApplicantKey: o.ApplicantKey, UNP: o.Unp, CertificateID: order.ID(o.CertificateID), Language: o.Language,
		StartedAt: o.StartedAt, Version: o.Version, Stage: order.Stage(o.Stage), End: order.End(o.Ending),
		Reason: order.EndReason(o.Reason), Note: o.Note, Until: timeOf(o.WaitsUntil), PayBy: timeOf(o.PayBy),
		RequestID: idOf(o.RequestID), UploadedAt: timeOf(o.UploadedAt), CompletedAt: timeOf(o.CompletedAt),
		ConfirmationID: idOf(o.ConfirmationID), ApprovedAt: timeOf(o.ApprovedAt), PaymentID: idOf(o.PaymentID),
	}
	r.ClosedToMoney = !r.Stage.Open()
	if o.AcceptedAt != nil {
		r.Consent = &order.Consent{AgreementVersion: o.AgreementVersion, ContractVersion: o.ContractVersion, AcceptedAt: *o.AcceptedAt}
	}
	if o.Email != "" || o.Phone != "" {
		r.Contacts = &order.Contacts{Email: o.Email, Phone: o.Phone}
	}
	if err := fromJSON("policy", o.Policy, &r.Policy); err != nil {
		return order.Record{}, err
	}
	if err := fromJSON("report", o.Report, &r.Report); err != nil {
		return order.Record{}, err
	}
	if len(r.Report) == 0 {
		r.Report = nil
	}
	return r, nil
}

func recordsOf(rows []db.Order) ([]order.Record, error) {
	out := make([]order.Record, 0, len(rows))
	for _, row := range rows {
		r, err := recordOf(row)
		if err != nil {
			return nil, err
		}
		out = append(out, r)
	}
	return out, nil
}

// asStored is the record as it will be read back.
func asStored(r order.Record) order.Record {
	for _, t := range []*time.Time{&r.Until, &r.PayBy, &r.UploadedAt, &r.CompletedAt, &r.ApprovedAt} {
		if !t.IsZero() {
			*t = stored(*t)
		}
	}
	r.Note, r.ClosedToMoney = storable(r.Note), !r.Stage.Open()
	if r.Consent != nil {
		consent := *r.Consent
		consent.AcceptedAt, r.Consent = stored(consent.AcceptedAt), &consent
	}
	return r
}

// orderRow are the columns of orders that decisions change.
type orderRow struct {
	ID               uuid.UUID    `json:"id"`
	Version          int64        `json:"version"`
	Stage            order.Stage  `json:"stage"`
	Ending           order.End    `json:"ending"`
	Reason           string       `json:"reason"`
	Note             string       `json:"note"`
	WaitsUntil       *time.Time   `json:"waits_until"`
	PayBy            *time.Time   `json:"pay_by"`
	AgreementVersion string       `json:"agreement_version"`
	ContractVersion  string       `json:"contract_version"`
	AcceptedAt       *time.Time   `json:"accepted_at"`
	Email            string       `json:"email"`
	Phone            string       `json:"phone"`
	RequestID        *uuid.UUID   `json:"request_id"`
	Report           order.Report `json:"report"`
	UploadedAt       *time.Time   `json:"uploaded_at"`
	CompletedAt      *time.Time   `json:"completed_at"`
	ConfirmationID   *uuid.UUID   `json:"confirmation_id"`
	ApprovedAt       *time.Time   `json:"approved_at"`
	PaymentID        *uuid.UUID   `json:"payment_id"`
	// Registers is the report of the second check; nil leaves it as it is (S8).
	Registers order.Report `json:"registers"`
	// Agreed are the registers that are shown to agree (S7); nil leaves them as they are.
	Agreed []string `json:"agreed,omitempty"`
}

func rowOf(r order.Record) orderRow {
	row := orderRow{
		ID: uuid.UUID(r.ID), Version: r.Version, Stage: r.Stage, Ending: r.End, Reason: string(r.Reason), Note: r.Note,
		WaitsUntil: orNull(r.Until), PayBy: orNull(r.PayBy), RequestID: optional(r.RequestID), Report: reportOrEmpty(r.Report),
		UploadedAt: orNull(r.UploadedAt), CompletedAt: orNull(r.CompletedAt), ConfirmationID: optional(r.ConfirmationID),
		ApprovedAt: orNull(r.ApprovedAt), PaymentID: optional(r.PaymentID),
	}
	if r.Consent != nil {
		row.AgreementVersion, row.ContractVersion = r.Consent.AgreementVersion, r.Consent.ContractVersion
		row.AcceptedAt = orNull(r.Consent.AcceptedAt)
	}
	if r.Contacts != nil {
		row.Email, row.Phone = r.Contacts.Email, r.Contacts.Phone
	}
	return row
}

func reportOrEmpty(r order.Report) order.Report {
	if r == nil {
		return order.Report{}
	}
	return r
}

// confirmationOf reads a row of confirmations with those of its orders that
// have their certificates.
func confirmationOf(c db.Confirmation, issued []uuid.UUID) (order.Confirmation, error) {
	out := order.Confirmation{
		ID: order.ID(c.ID), UNP: c.Unp, ManagerKey: c.ManagerKey, CertificateID: order.ID(c.CertificateID), Language: c.Language,
		Email: c.Email, StartedAt: c.StartedAt, Version: c.Version, Stage: order.ConfirmationStage(c.Stage), ListID: idOf(c.ListID), ListNumber: c.ListNumber,
		SignatureID: idOf(c.SignatureID), SignedAt: timeOf(c.SignedAt), OrderIDs: idsOf(c.OrderIds), IssuedIDs: idsOf(issued),
		LeftIDs: idsOf(c.LeftIds), Number: order.PaymentNumber(c.Number), Total: order.Kopecks(c.Total), Until: timeOf(c.WaitsUntil),
		PaymentID: idOf(c.PaymentID),
	}
	return out, fromJSON("policy", c.Policy, &out.Policy)
}

// confirmationRow are the columns of confirmations that change.
type confirmationRow struct {
	ID          uuid.UUID               `json:"id"`
	Version     int64                   `json:"version"`
	Stage       order.ConfirmationStage `json:"stage"`
	SignatureID *uuid.UUID              `json:"signature_id"`
	SignedAt    *time.Time              `json:"signed_at"`
	LeftIDs     []uuid.UUID             `json:"left_ids"`
	Number      int64                   `json:"number"`
	Total       int64                   `json:"total"`
	WaitsUntil  *time.Time              `json:"waits_until"`
	PaymentID   *uuid.UUID              `json:"payment_id"`
}

func confirmationRowOf(c order.Confirmation) confirmationRow {
	return confirmationRow{
		ID: uuid.UUID(c.ID), Version: c.Version, Stage: c.Stage, SignatureID: optional(c.SignatureID), SignedAt: orNull(c.SignedAt),
		LeftIDs: uuids(c.LeftIDs), Number: int64(c.Number), Total: int64(c.Total), WaitsUntil: orNull(c.Until),
		PaymentID: optional(c.PaymentID),
	}
}
