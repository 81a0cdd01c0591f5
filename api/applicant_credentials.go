package api

import (
	"context"
	"errors"
	"net/http"
	"time"

	"github.com/gin-gonic/gin"

	"github.com/remote-issuance/remote-issuance/api/contract"
	"github.com/remote-issuance/remote-issuance/api/web"
	"github.com/remote-issuance/remote-issuance/internal/audit"
	"github.com/remote-issuance/remote-issuance/internal/order"
	"github.com/remote-issuance/remote-issuance/internal/storage"
)

// Secrets reveals the credentials of the certificate storage.
type Secrets interface {
	Reveal(ctx context.Context, orderID string) (storage.Credential, storage.Password, error)
	// Redraw makes another password and keeps nothing. Error: storage.ErrNotFound.
	Redraw(ctx context.Context, orderID string, now time.Time) (storage.Credential, error)
}

// Renewals replace the credentials of an issued order and send them to its
// corrected contacts (I4). Errors: order.ErrStage, storage.ErrNotFound.
type Renewals interface {
	Renew(ctx context.Context, id order.ID, contacts order.Contacts, fresh storage.Credential) (order.Record, error)
}

// Activations note the first sign-in with an issued certificate (I7).
type Activations interface {
	// OrderOf finds the order that the certificate (DER) was issued for. Error: order.ErrNotFound.
	OrderOf(ctx context.Context, certificate []byte) (order.ID, error)
	// Activate notes the sign-in and changes the order's version; a repetition
	// changes nothing.
	Activate(ctx context.Context, certificate []byte, at time.Time) (order.ID, error)
}

// credentials are shown where the storage is.
type credentials struct {
	secrets  Secrets
	renewals Renewals
	// storageURL is the public address of the certificate storage.
	storageURL string
}

// getCredentials shows login and password of the storage (I4).
func (a *applicants) getCredentials(c *gin.Context) error {
	view, err := a.own(c)
	if err != nil {
		return err
	}
	if _, err := a.admit(c, view.Record.Service); err != nil {
		return err
	}
	if view.Credentials == nil {
		return web.Standing(web.ProblemNoCredentials, view.Record, nil)
	}
	out := contract.Credentials{
		Login: view.Credentials.Login, StorageURL: a.credentials.storageURL, ExpiresAt: inMinsk(view.Credentials.ExpiresAt),
	}
	if !a.now().Before(view.Credentials.ExpiresAt) {
		// What opens nothing any more is not shown, whether it is destroyed yet or not.
		c.JSON(http.StatusOK, out)
		return nil
	}
	revealed, password, err := a.credentials.secrets.Reveal(c.Request.Context(), view.Record.ID.String())
	switch {
	case errors.Is(err, storage.ErrDelivered):
	case err != nil:
		return err
	default:
		actor := audit.Actor{Kind: audit.ActorApplicant, ID: view.Record.ApplicantKey}
		if err := a.auditReading(c.Request.Context(), audit.ActionCredentialsRevealed, actor, view.Record.ID); err != nil {
			return err
		}
		out.Login, out.Password = string(revealed.Login), password.Reveal()
	}
	c.JSON(http.StatusOK, out)
	return nil
}

// correctContacts takes other contacts of an issued order and has new
// credentials sent there (I4).
func (a *applicants) correctContacts(c *gin.Context) error {
	var in contract.Contacts
	if err := web.ReadJSON(c, &in); err != nil {
		return err
	}
	view, err := a.own(c)
	if err != nil {
		return err
	}
	if _, err := a.admit(c, view.Record.Service); err != nil {
		return err
	}
	contacts, wrong := readContacts(in.Email, in.Phone, a.reach)
	if wrong != nil {
		return web.Invalid(wrong...)
	}
	if view.Record.End != order.EndIssued {
		return web.Standing(web.ProblemWrongStage, view.Record, nil)
	}
	if err := a.rates.Spend(web.ActionCorrect, a.person(web.CallerOf(c)), a.now()); err != nil {
		return err
	}
	fresh, err := a.credentials.secrets.Redraw(c.Request.Context(), view.Record.ID.String(), a.now())
	if err == nil {
		_, err = a.credentials.renewals.Renew(c.Request.Context(), view.Record.ID, contacts, fresh)
	}
	switch {
	case errors.Is(err, storage.ErrNotFound):
		return web.Standing(web.ProblemNoCredentials, view.Record, err)
	case err != nil:
		return web.At(view.Record, err)
	}
	return a.answerFresh(c, view.Record.ID)
}

// reportActivation notes that the owner of a certificate that was issued here
// reportActivation notes that the owner of a certificate that was issued here
// has signed in to the portal with it (I7); the owner of any other is reminded
// before it ends (R1). Somebody else's certificate, one that is not in force
// yet, and somebody who acts for the owner of 6.0.00 (A3), activate nothing.
func (a *applicants) reportActivation(c *gin.Context) error {
	caller := web.CallerOf(c)
	if _, err := a.inForce(caller); err != nil {
		return err
	}
	applicant, err := a.applicant(c)
	if err != nil {
		return err
	}
	id, err := a.activations.OrderOf(c.Request.Context(), applicant.Certificate.Raw)
	if errors.Is(err, order.ErrNotFound) {
		return errors.Join(a.noteSeen(c, applicant), err)
	}
	if err != nil {
		return err
	}
	view, err := a.orders.Order(c.Request.Context(), id)
	if err == nil && view.Record.ApplicantKey != applicant.Key {
		err = order.ErrNotFound
	}
	if err != nil {
		return err
	}
	if caller.Representative && view.Record.Service == order.ServiceIndividual {
		return web.Refuse(web.ProblemRepresentative, nil)
	}
	if _, err := a.activations.Activate(c.Request.Context(), applicant.Certificate.Raw, a.now()); err != nil {
		return err
	}
	return a.answerFresh(c, id)
}
