package auth

import (
	"context"
	"errors"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/coreos/go-oidc/v3/oidc"

	"github.com/remote-issuance/remote-issuance/internal/clock"
)

const (
	// clockSkew is how far the issuer's clock may be from ours.
	clockSkew = time.Minute
	// maxToken bounds a token in bytes: a certificate and a name fit.
	maxToken = 16 << 10
)

// algorithms are the signatures accepted, all of them asymmetric: a shared
// secret would let this service make tokens, "none" would let anybody.
func algorithms() []string {
	return []string{oidc.RS256, oidc.PS256, oidc.ES256, oidc.ES384, oidc.EdDSA}
}

// Verifier checks bearer tokens of one issuer for one audience. It asks the
// issuer when the first token comes, so that the service starts without it.
// It is safe for concurrent use.
type Verifier struct {
	audience string
	keys     *issuerKeys
}

// NewVerifier needs the issuer's exact address and the audience tokens must
// name; client is for talking to the issuer and should have a timeout.
func NewVerifier(issuer, audience string, client *http.Client) (*Verifier, error) {
	if issuer == "" || audience == "" || client == nil {
		return nil, errors.New("auth: issuer, audience and HTTP client are needed")
	}
	return &Verifier{audience: audience, keys: newIssuerKeys(issuer, client)}, nil
}

// Authenticate verifies the value of an Authorization header. Errors:
// ErrNoToken, ErrToken (a *TokenError), ErrIssuerUnavailable.
func (v *Verifier) Authenticate(ctx context.Context, authorizationHeader string) (Caller, error) {
	raw, err := bearer(authorizationHeader)
	if err != nil {
		return Caller{}, err
	}
	token, err := v.verify(ctx, raw)
	if err != nil {
		return Caller{}, err
	}
	var c claims
	if err := token.Claims(&c); err != nil {
		return Caller{}, refused(ReasonMalformed)
	}
	return c.caller(token.Subject)
}

// Answered tells whether the issuer has ever given its keys to this process; it
// is asked when it has not. Until then every token is refused. Errors:
// ErrIssuerUnavailable with the cause.
func (v *Verifier) Answered(ctx context.Context) error {
	if v.keys.answered() {
		return nil
	}
	_, err := v.keys.refresh(ctx)
	return err
}

// bearer takes the token out of the header (RFC 6750, 2.1).
func bearer(header string) (string, error) {
	scheme, token, _ := strings.Cut(header, " ")
	token = strings.TrimSpace(token)
	if !strings.EqualFold(scheme, "Bearer") || token == "" {
		return "", ErrNoToken
	}
	if len(token) > maxToken {
		return "", refused(ReasonMalformed)
	}
	return token, nil
}

func (v *Verifier) verify(ctx context.Context, raw string) (*oidc.IDToken, error) {
	check := &signatureCheck{keys: v.keys, err: nil}
	// Issuer and audience are compared below: the library's errors for them
	// quote the token and cannot be told apart.
	token, err := oidc.NewVerifier(v.keys.issuer, check, &oidc.Config{
		SupportedSigningAlgs: algorithms(), SkipClientIDCheck: true, SkipIssuerCheck: true, SkipExpiryCheck: true,
	}).Verify(ctx, raw)
	switch {
	case check.err != nil:
		return nil, check.err
	case err != nil:
		return nil, refused(ReasonMalformed)
	case token.Issuer != v.keys.issuer:
		return nil, refused(ReasonIssuer)
	case !slices.Contains(token.Audience, v.audience):
		return nil, refused(ReasonAudience)
	}
	return token, inForce(token, clock.Now())
}

// inForce checks exp, which is required, and nbf.
func inForce(token *oidc.IDToken, now time.Time) error {
	var times struct {
		NotBefore float64 `json:"nbf"`
	}
	if err := token.Claims(&times); err != nil {
		return badClaim("nbf")
	}
	if now.Add(clockSkew).Before(time.Unix(int64(times.NotBefore), 0)) {
		return refused(ReasonEarly)
	}
	if !now.Add(-clockSkew).Before(token.Expiry) {
		return refused(ReasonExpired)
	}
	return nil
}

// signatureCheck is the library's view of the keys for one token; it keeps
// the error, which the library turns into text.
type signatureCheck struct {
	keys *issuerKeys
	err  error
}

// VerifySignature is called by the library once the algorithm is accepted.
func (c *signatureCheck) VerifySignature(ctx context.Context, jwt string) ([]byte, error) {
	content, err := c.keys.verify(ctx, jwt)
	c.err = err
	return content, err
}
