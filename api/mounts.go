package api

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"

	"github.com/remote-issuance/remote-issuance/api/web"
	"github.com/remote-issuance/remote-issuance/internal/audit"
	"github.com/remote-issuance/remote-issuance/internal/auth"
	"github.com/remote-issuance/remote-issuance/internal/clock"
	"github.com/remote-issuance/remote-issuance/internal/config"
	"github.com/remote-issuance/remote-issuance/internal/payload"
	"github.com/remote-issuance/remote-issuance/internal/postgres"
	"github.com/remote-issuance/remote-issuance/internal/process"
	"github.com/remote-issuance/remote-issuance/internal/storage"
)

// mounts are the handlers of other packages, by path.
func mounts(base *process.Base, c config.API, d Dependencies, store stores) (map[string]http.Handler, error) {
	page, err := storagePage(base, c.HTTP, store.credentials)
	if err != nil {
		return nil, err
	}
	out, err := gatewayMounts(base, c, d.Methods, store)
	if err != nil {
		return nil, err
	}
	out["/storage"] = page
	if c.Links.TemporalUI.Set() {
		codec, err := payload.NewCodecHandler(payload.CodecOptions{
			Cache: base.Cache, Origin: c.Links.TemporalUI.String(),
			Authorize: func(r *http.Request) (string, error) { return operatorOf(r, d) },
			Audit:     func(ctx context.Context, r payload.Reading) error { return auditPayload(ctx, d, r) },
		})
		if err != nil {
			return nil, err
		}
		out["/codec"] = codec
	}
	return out, nil
}

// operatorOf names the operator who wants to read payloads.
func operatorOf(r *http.Request, d Dependencies) (string, error) {
	caller, err := d.Auth.Authenticate(r.Context(), r.Header.Get("Authorization"))
	switch {
	case errors.Is(err, auth.ErrIssuerUnavailable):
		return "", fmt.Errorf("%w: %w", payload.ErrAuthorityUnavailable, err)
	case err != nil:
		return "", err
	case !caller.Has(auth.ScopeOperator):
		return "", payload.ErrForbidden
	default:
		return d.Hash("operator\x00" + caller.Subject), nil
	}
}

// auditPayload records what is read before it is shown: one entry for each key.
func auditPayload(ctx context.Context, d Dependencies, r payload.Reading) error {
	for _, item := range r.Items {
		evidence := audit.Evidence{"key": item.KeyID.String()}
		if item.WorkflowID != "" {
			evidence["workflow"] = item.WorkflowID
		}
		_, err := d.Audit.Append(ctx, audit.Event{
			At: d.Now(), Actor: audit.Actor{Kind: audit.ActorOperator, ID: r.Operator}, Action: audit.ActionPayloadRead, Evidence: evidence,
		})
		if err != nil {
			return err
		}
	}
	return nil
}

// storagePage is where login and password give the certificate (I5).
func storagePage(base *process.Base, public config.HTTP, credentials *postgres.Credentials) (http.Handler, error) {
	hasher, err := storage.NewHasher(base.Config.Keys.Master.Keyring(), process.HashesAtOnce)
	if err != nil {
		return nil, err
	}
	limiter, err := storage.NewLimiter(credentials, storage.DefaultLimits(), base.Config.Keys.IDHash.Reveal())
	if err != nil {
		return nil, err
	}
	service, err := storage.NewService(credentials, hasher, limiter, clock.Now)
	if err != nil {
		return nil, err
	}
	return storage.NewHandler(service, storage.BehindProxies(public.TrustedProxies), strings.TrimRight(public.PublicURL.String(), "/")+web.ProblemsPath, base.Log)
}
