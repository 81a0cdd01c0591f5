package auth_test

import (
	"bytes"
	"context"
	"encoding/base64"
	"fmt"
	"log/slog"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/go-jose/go-jose/v4"
	"github.com/stretchr/testify/require"

	"github.com/remote-issuance/remote-issuance/internal/auth"
)

func TestATokenNamesItsCaller(t *testing.T) {
	b := setup(t)
	caller, err := b.verifier.Authenticate(t.Context(), b.token(t, map[string]any{
		"aud": []string{"portal", audience}, "scope": "manager openid applicant manager", "unp": "100582333", "representative": true,
	}))
	require.NoError(t, err)
	require.Equal(t, auth.Caller{
		Subject: "person-1", PersonalNumber: "3010190A001PB8", Name: "Тестовый Заявитель", UNP: "100582333",
		Representative: true, Certificate: certificate, Scopes: []auth.Scope{auth.ScopeManager, auth.ScopeApplicant},
	}, caller)
	require.True(t, caller.Has(auth.ScopeManager))
	require.False(t, caller.Has(auth.ScopeOperator))
}

// Whoever signs in with an ID card may have the number of its certificate in the token.
func TestM1_ATokenMayHaveTheNumberOfAnIDCard(t *testing.T) {
	b := setup(t)
	caller, err := b.verifier.Authenticate(t.Context(), b.token(t, map[string]any{"scope": "manager", "personal_number": "IDCBY-3010190A001PB8"}))
	require.NoError(t, err)
	require.EqualValues(t, "3010190A001PB8", caller.PersonalNumber)
}

func TestOperatorsAndGatewaysNeedNoPerson(t *testing.T) {
	b := setup(t)
	for _, scope := range []auth.Scope{auth.ScopeOperator, auth.ScopeGateway} {
		caller, err := b.verifier.Authenticate(t.Context(), b.token(t, map[string]any{
			"scope": string(scope), "personal_number": nil, "certificate": nil, "name": nil,
		}))
		require.NoError(t, err)
		require.True(t, caller.Has(scope))
		require.Empty(t, caller.PersonalNumber)
	}
}

func TestTokensThatAreRefused(t *testing.T) {
	b := setup(t)
	now := time.Now()
	for name, c := range map[string]struct {
		changes map[string]any
		reason  auth.Reason
		claim   string
	}{
		"expired":                 {map[string]any{"exp": now.Add(-2 * time.Minute).Unix()}, auth.ReasonExpired, ""},
		"without end":             {map[string]any{"exp": nil}, auth.ReasonExpired, ""},
		"not yet":                 {map[string]any{"nbf": now.Add(2 * time.Minute).Unix()}, auth.ReasonEarly, ""},
		"strange nbf":             {map[string]any{"nbf": "today"}, auth.ReasonMalformed, ""},
		"other audience":          {map[string]any{"aud": "portal"}, auth.ReasonAudience, ""},
		"no audience":             {map[string]any{"aud": nil}, auth.ReasonAudience, ""},
		"other issuer":            {map[string]any{"iss": b.issuer.URL + "/"}, auth.ReasonIssuer, ""},
		"no subject":              {map[string]any{"sub": nil}, auth.ReasonClaims, "sub"},
		"long name":               {map[string]any{"name": strings.Repeat("x", 600)}, auth.ReasonClaims, "name"},
		"applicant, no number":    {map[string]any{"personal_number": nil}, auth.ReasonClaims, "personal_number"},
		"manager, no certificate": {map[string]any{"scope": "manager", "certificate": nil}, auth.ReasonClaims, "certificate"},
		"certificate not base64":  {map[string]any{"certificate": "***"}, auth.ReasonClaims, "certificate"},
		"certificate not DER":     {map[string]any{"certificate": base64.StdEncoding.EncodeToString([]byte("pem"))}, auth.ReasonClaims, "certificate"},
		"certificate and more": {
			map[string]any{"certificate": base64.StdEncoding.EncodeToString(append(bytes.Clone(certificate), 0))}, auth.ReasonClaims, "certificate",
		},
		"wrong UNP":     {map[string]any{"unp": "100582334"}, auth.ReasonClaims, "unp"},
		"strange claim": {map[string]any{"representative": "yes"}, auth.ReasonMalformed, ""},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := b.verifier.Authenticate(t.Context(), b.token(t, c.changes))
			require.ErrorIs(t, err, auth.ErrToken)
			var refused *auth.TokenError
			require.ErrorAs(t, err, &refused)
			require.Equal(t, c.reason, refused.Reason)
			require.Equal(t, c.claim, refused.Claim)
			require.NotContains(t, err.Error(), "person-1")
		})
	}
}

func TestClockSkewIsAllowed(t *testing.T) {
	b := setup(t)
	for _, change := range []map[string]any{
		{"exp": time.Now().Add(-30 * time.Second).Unix()}, {"nbf": time.Now().Add(30 * time.Second).Unix()},
	} {
		_, err := b.verifier.Authenticate(t.Context(), b.token(t, change))
		require.NoError(t, err)
	}
}

func TestSignaturesThatAreRefused(t *testing.T) {
	b := setup(t)
	good := b.token(t, nil)
	parts := strings.Split(good, ".")
	none := "Bearer " + base64.RawURLEncoding.EncodeToString([]byte(`{"alg":"none"}`)) + "." + parts[1] + "."
	for name, c := range map[string]struct {
		header string
		reason auth.Reason
	}{
		"shared secret":    {b.header(t, []byte("a shared secret of 32 bytes, here"), "HS256", b.claims(nil)), auth.ReasonMalformed},
		"none":             {none, auth.ReasonMalformed},
		"same id":          {b.header(t, newKey(t, "k1"), "ES256", b.claims(nil)), auth.ReasonSignature},
		"other id":         {b.header(t, newKey(t, "k2"), "ES256", b.claims(nil)), auth.ReasonSignature},
		"no id":            {b.header(t, newKey(t, ""), "ES256", b.claims(nil)), auth.ReasonSignature},
		"changed content":  {parts[0] + "." + parts[1][:len(parts[1])-4] + "AAAA." + parts[2], auth.ReasonSignature},
		"not a token":      {"Bearer x", auth.ReasonMalformed},
		"JSON form":        {`Bearer {"payload":"e30","signatures":[]}`, auth.ReasonMalformed},
		"much too long":    {"Bearer " + strings.Repeat("a", 20000), auth.ReasonMalformed},
		"content not JSON": {b.header(t, b.key, "ES256", "text"), auth.ReasonMalformed},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := b.verifier.Authenticate(t.Context(), c.header)
			var refused *auth.TokenError
			require.ErrorAs(t, err, &refused)
			require.Equal(t, c.reason, refused.Reason)
		})
	}
}

func TestNoToken(t *testing.T) {
	b := setup(t)
	for _, header := range []string{"", "Bearer", "Bearer  ", "Basic dXNlcjpwdw==", "token"} {
		_, err := b.verifier.Authenticate(t.Context(), header)
		require.ErrorIs(t, err, auth.ErrNoToken, "%q", header)
	}
	require.Zero(t, b.issuer.asked())
}

func TestTheServiceStartsBeforeItsIssuer(t *testing.T) {
	b := setup(t)
	b.issuer.set(func() { b.issuer.down = true })
	_, err := b.verifier.Authenticate(t.Context(), b.token(t, nil))
	require.ErrorIs(t, err, auth.ErrIssuerUnavailable)
	require.NotErrorIs(t, err, auth.ErrToken)
}

func TestAnIssuerThatHasNeverAnsweredIsTold(t *testing.T) {
	b := setup(t)
	b.issuer.set(func() { b.issuer.down = true })
	require.ErrorIs(t, b.verifier.Answered(t.Context()), auth.ErrIssuerUnavailable)

	stranger, err := auth.NewVerifier("https://127.0.0.1:1", audience, &http.Client{})
	require.NoError(t, err)
	require.ErrorContains(t, stranger.Answered(t.Context()), "refused", "the cause is named")

	b = setup(t)
	require.NoError(t, b.verifier.Answered(t.Context()), "it is asked without a token")
	b.issuer.set(func() { b.issuer.down = true })
	require.NoError(t, b.verifier.Answered(t.Context()), "once is enough: its keys go on being used")
}

func TestAnIssuerThatGoesDownLeavesItsKeys(t *testing.T) {
	b := setup(t)
	_, err := b.verifier.Authenticate(t.Context(), b.token(t, nil))
	require.NoError(t, err)
	b.issuer.set(func() { b.issuer.down = true })
	_, err = b.verifier.Authenticate(t.Context(), b.token(t, nil))
	require.NoError(t, err)
}

func TestInventedKeysDoNotReachTheIssuer(t *testing.T) {
	b := setup(t)
	for range 20 {
		_, err := b.verifier.Authenticate(t.Context(), b.header(t, newKey(t, "invented"), "ES256", b.claims(nil)))
		require.ErrorIs(t, err, auth.ErrToken)
	}
	require.Equal(t, 2, b.issuer.asked(), "one discovery, one key set")
}

func TestManyAtOnceAskTheIssuerOnce(t *testing.T) {
	b := setup(t)
	header := b.token(t, nil)
	var group sync.WaitGroup
	for range 30 {
		group.Go(func() {
			if _, err := b.verifier.Authenticate(context.Background(), header); err != nil {
				t.Error(err)
			}
		})
	}
	group.Wait()
	require.Equal(t, 2, b.issuer.asked())
}

func TestOtherAlgorithmsOfOneKeyAreRefused(t *testing.T) {
	b := setup(t)
	b.issuer.set(func() {
		wrong := b.key
		wrong.Algorithm = "ES384"
		b.issuer.keys = []jose.JSONWebKey{wrong}
	})
	_, err := b.verifier.Authenticate(t.Context(), b.token(t, nil))
	require.ErrorIs(t, err, auth.ErrToken)
}

func TestCallersPrintAsTheirSubject(t *testing.T) {
	b := setup(t)
	caller, err := b.verifier.Authenticate(t.Context(), b.token(t, nil))
	require.NoError(t, err)
	var out bytes.Buffer
	slog.New(slog.NewJSONHandler(&out, nil)).Info("x", "caller", caller)
	for _, verb := range []string{"%v", "%+v", "%#v", "%s"} {
		fmt.Fprintf(&out, verb, caller)
	}
	require.Contains(t, out.String(), "person-1")
	require.NotContains(t, out.String(), "3010190A001PB8")
	require.NotContains(t, out.String(), "Тестовый")
}

func TestNewVerifierRefuses(t *testing.T) {
	b := setup(t)
	for _, err := range []error{
		second(auth.NewVerifier("", audience, b.issuer.Client())),
		second(auth.NewVerifier(b.issuer.URL, "", b.issuer.Client())),
		second(auth.NewVerifier(b.issuer.URL, audience, nil)),
	} {
		require.Error(t, err)
	}
}

func second[T any](_ T, err error) error { return err }
