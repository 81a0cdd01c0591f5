package auth

import (
	"fmt"
	"log/slog"
	"slices"
	"strings"

	"github.com/remote-issuance/remote-issuance/internal/order"
)

// Scope is a role a token grants.
type Scope string

// Scopes of the API. Others in a token are ignored.
const (
	// ScopeApplicant opens and follows the caller's own orders.
	ScopeApplicant Scope = "applicant"
	// ScopeManager sees and confirms the orders of the chosen organisation.
	ScopeManager Scope = "manager"
	// ScopeOperator reads payloads and resolves payments by hand.
	ScopeOperator Scope = "operator"
	// ScopeGateway delivers payment notifications.
	ScopeGateway Scope = "gateway"
	// ScopeEvents reads events: all, or those of the organisation the token names.
	ScopeEvents Scope = "events:read"
	// ScopeWebhooks manages the caller's own webhooks.
	ScopeWebhooks Scope = "webhooks:manage"
)

// Caller is who a verified token names. It prints and logs as its subject
// only: the rest is personal data.
type Caller struct {
	// Subject is the issuer's id of the caller; never empty.
	Subject string
	// PersonalNumber is set for applicants and managers.
	PersonalNumber order.PersonalNumber
	// Name is the full name as the issuer has it; may be empty.
	Name string
	// UNP is the organisation chosen at sign-in; empty without one.
	UNP order.UNP
	// Representative tells that the caller acts for somebody else (A3).
	Representative bool
	// Certificate is the certificate signed in with (DER); set for applicants
	// and managers. Only its outer form has been checked.
	Certificate []byte
	// Scopes are what the token grants, each once.
	Scopes []Scope
}

// Has tells whether the token grants the scope.
func (c Caller) Has(s Scope) bool { return slices.Contains(c.Scopes, s) }

// String names the subject only.
func (c Caller) String() string { return "caller " + c.Subject }

// Format keeps every verb of fmt from printing personal data.
func (c Caller) Format(f fmt.State, _ rune) { _, _ = f.Write([]byte(c.String())) }

// LogValue keeps personal data out of logs.
func (c Caller) LogValue() slog.Value {
	scopes := make([]string, len(c.Scopes))
	for i, s := range c.Scopes {
		scopes[i] = string(s)
	}
	return slog.GroupValue(slog.String("subject", c.Subject), slog.String("scopes", strings.Join(scopes, " ")))
}

func parseScopes(text string) []Scope {
	var scopes []Scope
	for _, word := range strings.Fields(text) {
		switch s := Scope(word); s {
		case ScopeApplicant, ScopeManager, ScopeOperator, ScopeGateway, ScopeEvents, ScopeWebhooks:
			if !slices.Contains(scopes, s) {
				scopes = append(scopes, s)
			}
		}
	}
	return scopes
}
