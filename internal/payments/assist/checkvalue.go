package assist

import (
	"crypto/md5" //nolint:gosec // the gateway's own algorithm
	"crypto/subtle"
	"encoding/hex"
	"strings"

	"github.com/remote-issuance/remote-issuance/internal/payments"
)

func md5hex(s string) string {
	sum := md5.Sum([]byte(s)) //nolint:gosec // the gateway's own algorithm
	return hex.EncodeToString(sum[:])
}

// CheckValue signs the text x with a secret word as ASSIST does:
// UPPER(md5(UPPER(md5(salt)+md5(x)))), each md5 in lower-case hex.
func CheckValue(salt payments.Secret, x string) string {
	return strings.ToUpper(md5hex(strings.ToUpper(md5hex(salt.Reveal()) + md5hex(x))))
}

// checkMatches compares a received check value with that of x in constant time.
func checkMatches(salt payments.Secret, received, x string) bool {
	got := []byte(strings.ToUpper(strings.TrimSpace(received)))
	return subtle.ConstantTimeCompare(got, []byte(CheckValue(salt, x))) == 1
}
