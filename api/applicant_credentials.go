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
	Reveal(ctx context.Context, orderID string) (storage.Login, storage.Password, error)
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
	secrets Secrets
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
	login, password, err := a.credentials.secrets.Reveal(c, view.Record.ID.String())
	switch {
	case errors.Is(err, storage.ErrDelivered):
	case err != nil:
		return err
	default:
		actor := audit.Actor{Kind: audit.ActorApplicant, ID: view.Record.ApplicantKey}
		if err := a.auditReading(c, audit.ActionCredentialsRevealed, actor, view.Record.ID); err != nil {
			return err
		}
		out.Login, out.Password = string(login), password.Reveal()
	}
	c.JSON(http.StatusOK, out)
	return nil
}

// reportActivation notes that the owner of a certificate that was issued here
// has signed in to the portal with it (I7). Somebody else's certificate, one that
// is not in force yet, and somebody who acts for the owner of 6.0.00 (A3),
// activate nothing.
func (a *applicants) reportActivation(c *gin.Context) error {
	caller := web.CallerOf(c)
	if _, err := a.inForce(caller); err != nil {
		return err
	}
	applicant, err := a.applicant(c)
	if err != nil {
		return err
	}
	id, err := a.activations.OrderOf(c, applicant.Certificate.Raw)
	if err != nil {
		return err
	}
	view, err := a.orders.Order(c, id)
	if err == nil && view.Record.ApplicantKey != applicant.Key {
		err = order.ErrNotFound
	}
	if err != nil {
		return err
	}
	if caller.Representative && view.Record.Service == order.ServiceIndividual {
		return web.Refuse(web.ProblemRepresentative, nil)
	}
	if _, err := a.activations.Activate(c, applicant.Certificate.Raw, a.now()); err != nil {
		return err
	}
	return a.answerFresh(c, id)
}
