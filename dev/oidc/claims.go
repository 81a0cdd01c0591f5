package oidc

import (
	"encoding/base64"
	"strings"
	"time"

	"github.com/go-jose/go-jose/v4/jwt"
)

// Scope is what a token lets its bearer do.
type Scope string

// The scopes that the product knows.
const (
	Applicant Scope = "applicant"
	Manager   Scope = "manager"
	Operator  Scope = "operator"
	Gateway   Scope = "gateway"
	Events    Scope = "events:read"
	Webhooks  Scope = "webhooks:manage"
)

// Claims are what a token says about its bearer.
type Claims struct {
	// Subject is the portal's identifier of the person or of the gateway.
	Subject string
	Scopes  []Scope
	// PersonalNumber and Name name the person; empty for a gateway.
	PersonalNumber, Name string
	// UNP is the organisation chosen at sign-in, empty for none.
	UNP string
	// Representative says that the person acts for somebody else (rule A3).
	Representative bool
	// Certificate is the DER of the certificate signed in with.
	Certificate []byte
	// Permissions are those at the Temporal server, as its own claim mapper reads them: namespace:role.
	Permissions []string
	// At is when the token is made; zero means now, by the issuer's clock.
	At time.Time
	// Lifetime is how long the token lives; 0 means the issuer's own.
	Lifetime time.Duration
}

// private is the token's own part, beside the registered claims.
type private struct {
	Scope          string `json:"scope"`
	PersonalNumber string `json:"personal_number,omitempty"`
	Name           string `json:"name,omitempty"`
	UNP            string `json:"unp,omitempty"`
	Representative bool   `json:"representative"`
	Certificate    string `json:"certificate,omitempty"`
	// Permissions have the name that the Temporal server looks for.
	Permissions []string `json:"permissions,omitempty"`
}

func (c Claims) private() private {
	scopes := make([]string, 0, len(c.Scopes))
	for _, s := range c.Scopes {
		scopes = append(scopes, string(s))
	}
	return private{Permissions: c.Permissions, Scope: strings.Join(scopes, " "), PersonalNumber: c.PersonalNumber, Name: c.Name, UNP: c.UNP,
		Representative: c.Representative, Certificate: base64.StdEncoding.EncodeToString(c.Certificate)}
}

func (c Claims) registered(issuer, audience string, now time.Time, lifetime time.Duration) jwt.Claims {
	if c.Lifetime != 0 {
		lifetime = c.Lifetime
	}
	if !c.At.IsZero() {
		now = c.At
	}
	return jwt.Claims{Issuer: issuer, Subject: c.Subject, Audience: jwt.Audience{audience}, IssuedAt: jwt.NewNumericDate(now),
		NotBefore: jwt.NewNumericDate(now), Expiry: jwt.NewNumericDate(now.Add(lifetime))}
}
