package webhook

import (
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"fmt"
	"log/slog"
	"strconv"
	"strings"
	"time"
)

// secretPrefix marks secrets of symmetric signatures.
const secretPrefix = "whsec_"

// secretSize is the length of new secrets in octets; the rules want 24 to 64.
const secretSize = 32

// Secret is what one endpoint's messages are signed with. It prints as nothing.
type Secret struct{ key []byte }

// NewSecret makes a random secret.
func NewSecret() Secret {
	key := make([]byte, secretSize)
	// It never fails: the program ends when the system has no randomness.
	_, _ = rand.Read(key)
	return Secret{key: key}
}

// SecretOf is the secret with that key, as a store has kept it.
func SecretOf(key []byte) Secret { return Secret{key: key} }

// Key is what a store keeps, sealed.
func (s Secret) Key() []byte { return s.key }

// Reveal is the secret as its receiver is given it: whsec_ and base64.
func (s Secret) Reveal() string { return secretPrefix + base64.StdEncoding.EncodeToString(s.key) }

// String hides the secret.
func (s Secret) String() string { return secretPrefix + "[redacted]" }

// Format keeps every verb of fmt from printing the secret.
func (s Secret) Format(f fmt.State, _ rune) { _, _ = f.Write([]byte(s.String())) }

// LogValue keeps slog from printing the secret.
func (s Secret) LogValue() slog.Value { return slog.StringValue(s.String()) }

// MarshalJSON keeps the secret out of JSON.
func (s Secret) MarshalJSON() ([]byte, error) { return []byte(`"` + s.String() + `"`), nil }

// sign gives the value of webhook-signature: HMAC-SHA256 over identifier,
// instant and body under each of the secrets, those of a rotation side by side.
func sign(secrets []Secret, id string, at time.Time, body []byte) string {
	signatures := make([]string, 0, len(secrets))
	for _, s := range secrets {
		mac := hmac.New(sha256.New, s.key)
		_, _ = mac.Write([]byte(id + "." + strconv.FormatInt(at.Unix(), 10) + "."))
		_, _ = mac.Write(body)
		signatures = append(signatures, "v1,"+base64.StdEncoding.EncodeToString(mac.Sum(nil)))
	}
	return strings.Join(signatures, " ")
}
