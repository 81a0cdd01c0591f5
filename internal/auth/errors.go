package auth

import "errors"

// Errors of Authenticate. Their texts never contain the token or anything
// from it; what wraps ErrIssuerUnavailable has details of the network, for logs.
var (
	// ErrNoToken: there is no bearer token (401).
	ErrNoToken = errors.New("a bearer token is needed")
	// ErrToken: the token is not accepted (401); errors.As finds a *TokenError with the reason.
	ErrToken = errors.New("the token is not accepted")
	// ErrIssuerUnavailable: nobody can be verified at the moment (503).
	ErrIssuerUnavailable = errors.New("the issuer of tokens does not answer")
)

// Reason is why a token is not accepted.
type Reason string

// Reasons.
const (
	ReasonMalformed Reason = "malformed, or signed with an algorithm that is not allowed"
	ReasonSignature Reason = "its signature is not the issuer's"
	ReasonIssuer    Reason = "it comes from another issuer"
	ReasonAudience  Reason = "it is meant for another service"
	ReasonExpired   Reason = "it has expired"
	ReasonEarly     Reason = "it is not valid yet"
	ReasonClaims    Reason = "a claim is missing or malformed"
)

// TokenError is a token that is not accepted. It is an ErrToken.
type TokenError struct {
	Reason Reason
	// Claim names the claim of ReasonClaims.
	Claim string
}

// Error gives the reason and the claim's name.
func (e *TokenError) Error() string {
	text := ErrToken.Error() + ": " + string(e.Reason)
	if e.Claim != "" {
		text += ": " + e.Claim
	}
	return text
}

// Is makes every TokenError an ErrToken.
func (e *TokenError) Is(target error) bool { return target == ErrToken }

func refused(reason Reason) error { return &TokenError{Reason: reason, Claim: ""} }

func badClaim(name string) error { return &TokenError{Reason: ReasonClaims, Claim: name} }
