package deploy_test

import (
	"crypto"
	"crypto/rsa"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"math/big"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// keySet is the file by which the Temporal server knows tokens (RFC 7517).
func keySet(t *testing.T, dir string) map[string]*rsa.PublicKey {
	t.Helper()
	raw, err := os.ReadFile(filepath.Join(dir, "temporal_token_keys"))
	require.NoError(t, err)
	var set struct {
		Keys []map[string]string `json:"keys"`
	}
	require.NoError(t, json.Unmarshal(raw, &set))
	keys := map[string]*rsa.PublicKey{}
	for _, k := range set.Keys {
		require.Equal(t, map[string]string{"kty": "RSA", "use": "sig", "alg": "RS256", "e": "AQAB", "kid": k["kid"], "n": k["n"]}, k, "and nothing private")
		n, err := base64.RawURLEncoding.DecodeString(k["n"])
		require.NoError(t, err)
		keys[k["kid"]] = &rsa.PublicKey{N: new(big.Int).SetBytes(n), E: 65537}
		require.Equal(t, 2048, keys[k["kid"]].N.BitLen())
	}
	require.Len(t, keys, len(set.Keys))
	return keys
}

// permitted reads a token that one of the keys has signed.
func permitted(t *testing.T, keys map[string]*rsa.PublicKey, token string) (subject string, permissions []string) {
	t.Helper()
	parts := strings.Split(strings.TrimSpace(token), ".")
	require.Len(t, parts, 3)
	decode := func(part string, to any) {
		raw, err := base64.RawURLEncoding.DecodeString(part)
		require.NoError(t, err)
		require.NoError(t, json.Unmarshal(raw, to))
	}
	var header struct{ Alg, Kid string }
	decode(parts[0], &header)
	require.Equal(t, "RS256", header.Alg)
	require.Contains(t, keys, header.Kid)
	signature, err := base64.RawURLEncoding.DecodeString(parts[2])
	require.NoError(t, err)
	digest := sha256.Sum256([]byte(parts[0] + "." + parts[1]))
	require.NoError(t, rsa.VerifyPKCS1v15(keys[header.Kid], crypto.SHA256, digest[:], signature))
	var claims struct {
		Sub         string
		Iat, Exp    int64
		Permissions []string
	}
	decode(parts[1], &claims)
	require.WithinDuration(t, time.Now().AddDate(0, 0, 400), time.Unix(claims.Exp, 0), 25*time.Hour)
	require.LessOrEqual(t, claims.Iat, time.Now().Unix())
	return claims.Sub, claims.Permissions
}

var roles = map[string][]string{
	"api": {"remote-issuance:write"}, "worker": {"remote-issuance:worker", "remote-issuance:write"}, "migrate": {"temporal-system:admin"},
}

func TestTokensForTheTemporalServer(t *testing.T) {
	dir, _ := made(t)
	before := contents(t, dir)
	old := keySet(t, dir)
	require.Len(t, old, 1)
	for role, want := range roles {
		subject, got := permitted(t, old, before["temporal_"+role+"_token"])
		require.Equal(t, role, subject)
		require.Equal(t, want, got)
	}

	// A renewal: the old tokens are good until the next one.
	inode, err := os.Stat(filepath.Join(dir, "temporal_api_token"))
	require.NoError(t, err)
	for renewals := range 2 {
		renew := exec.Command("sh", "temporal-tokens.sh", dir)
		renew.Env = append(os.Environ(), "TEMPORAL_KEYS_READ_AFTER=0")
		out, err := renew.CombinedOutput()
		require.NoError(t, err, string(out))
		keys := keySet(t, dir)
		require.Len(t, keys, 2)
		for role := range roles {
			permitted(t, keys, contents(t, dir)["temporal_"+role+"_token"])
			if renewals == 0 {
				permitted(t, keys, before["temporal_"+role+"_token"])
			}
		}
		if renewals == 1 {
			for id := range old {
				require.NotContains(t, keys, id)
			}
		}
	}
	same, err := os.Stat(filepath.Join(dir, "temporal_api_token"))
	require.NoError(t, err)
	require.True(t, os.SameFile(inode, same), "a mounted file is written in place")
}

// Whoever has no token of ours or of the operators' issuer does not get past the Temporal server, and each process has its own.
func TestTheTemporalServerAsksForTokens(t *testing.T) {
	c := composed(t)
	for variable, want := range map[string]string{
		"TEMPORAL_AUTH_AUTHORIZER": "default", "TEMPORAL_AUTH_CLAIM_MAPPER": "default", "TEMPORAL_JWT_KEY_SOURCE1": "file:///run/secrets/temporal_token_keys",
		"TEMPORAL_JWT_PERMISSIONS_CLAIM": "permissions", "TEMPORAL_TLS_REQUIRE_CLIENT_AUTH": "true", "USE_INTERNAL_FRONTEND": "true",
		"TEMPORAL_SERVICES": "frontend,internal-frontend,history,matching,worker",
	} {
		require.Equal(t, want, c.Services["temporal"].Environment[variable], variable)
	}
	require.Contains(t, c.Services["temporal"].Environment["TEMPORAL_JWT_KEY_SOURCE2"], "${OIDC_KEYS:?")
	require.Contains(t, c.Services["temporal"].Secrets, "temporal_token_keys")
	require.Empty(t, c.Services["temporal"].Ports, "nobody outside of the composition speaks to it")
	for name, s := range c.Services {
		var tokens []string
		for _, secret := range s.Secrets {
			if strings.HasSuffix(secret, "_token") {
				tokens = append(tokens, secret)
			}
		}
		if roles[name] == nil {
			require.Empty(t, tokens, name)
			continue
		}
		require.Equal(t, []string{"temporal_" + name + "_token"}, tokens)
		require.Equal(t, "/run/secrets/temporal_"+name+"_token", s.Environment["TEMPORAL_TOKEN_FILE"])
	}
	ui := c.Services["temporal-ui"].Environment
	require.Equal(t, "true", ui["TEMPORAL_AUTH_ENABLED"])
	require.Equal(t, "true", ui["TEMPORAL_DISABLE_WRITE_ACTIONS"])
}
