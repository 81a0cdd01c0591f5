package api

import (
	"context"
	"net/http"
	"time"

	"github.com/gin-gonic/gin"

	"github.com/remote-issuance/remote-issuance/api/contract"
	"github.com/remote-issuance/remote-issuance/api/web"
	"github.com/remote-issuance/remote-issuance/internal/admission"
	"github.com/remote-issuance/remote-issuance/internal/draft"
	"github.com/remote-issuance/remote-issuance/internal/order"
	"github.com/remote-issuance/remote-issuance/internal/postgres"
)

// Reminders know certificates from elsewhere and the links in letters (R1).
type Reminders interface {
	Seen(ctx context.Context, c postgres.SeenCertificate, at time.Time) error
	// Link errors: order.ErrNotFound.
	Link(ctx context.Context, link, applicantKey string, at time.Time) (order.Service, error)
	Use(ctx context.Context, link string, at time.Time) error
}

// noteSeen remembers the certificate of a sign-in that was not issued here, so
// that its owner is reminded before it ends (R1). One that cannot be renewed
// remotely, or whose owner left no address, is not kept.
func (a *applicants) noteSeen(c *gin.Context, applicant draft.Applicant) error {
	subject := applicant.Certificate.Subject()
	kind, told := admission.KindOf(applicant.Certificate)
	if !told || applicant.Representative || order.OnIDCard(subject.PersonalNumber) {
		return nil
	}
	email := subject.Email
	contacts, known, err := a.orders.LastContacts(c.Request.Context(), applicant.Key)
	if err != nil {
		return err
	}
	if known {
		email = contacts.Email
	}
	if parsed, err := order.ParseEmail(email); err != nil || !deliverable(parsed, a.reach) {
		return nil
	}
	return a.reminders.Seen(c.Request.Context(), postgres.SeenCertificate{
		ID: order.CertificateDocumentID(applicant.Certificate.Raw), ApplicantKey: applicant.Key, Service: order.ServiceOf(kind),
		Owner: subject.FullName(), SerialNumber: applicant.Certificate.SerialNumber.Text(16), NotAfter: applicant.Certificate.NotAfter,
		Email: email, Language: a.Texts(c).Language,
	}, a.now())
}

// openRenewal opens the order of a reminder's link, with the contacts known
// already; the link is used up once the order is there.
func (a *applicants) openRenewal(c *gin.Context) error {
	caller, link := web.CallerOf(c), c.Param("link")
	service, err := a.reminders.Link(c.Request.Context(), link, a.applicantKey(caller), a.now())
	if err != nil {
		return err
	}
	applicant, err := a.admit(c, service)
	if err != nil {
		return err
	}
	if err := a.rates.Spend(web.ActionOpen, a.person(caller), a.now()); err != nil {
		return err
	}
	rec, resumed, err := a.drafts.Open(c.Request.Context(), applicant, service, a.Texts(c).Language)
	if err != nil {
		return refusal(err)
	}
	if err := a.reminders.Use(c.Request.Context(), link, a.now()); err != nil {
		return err
	}
	view, err := a.orders.Order(c.Request.Context(), rec.ID)
	if err != nil {
		return err
	}
	out, err := a.view(c, view)
	if err != nil {
		return err
	}
	out.Resumed = resumed
	c.JSON(http.StatusOK, out)
	return nil
}

// prefill offers the contacts of the person's last order, else the address in
// the certificate (S2).
func (a *applicants) prefill(c *gin.Context, view postgres.OrderView, out *contract.Order) {
	if view.Record.Contacts != nil || !view.Record.Stage.Open() {
		return
	}
	contacts := order.Contacts{}
	if view.Offered != nil {
		contacts = *view.Offered
	} else if applicant, err := a.applicant(c); err == nil {
		contacts.Email, _ = order.ParseEmail(applicant.Certificate.Subject().Email)
	}
	out.Contacts = contract.Contacts{Email: contacts.Email, Phone: contacts.Phone}
}
