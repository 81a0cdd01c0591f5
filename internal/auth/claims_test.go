package auth

import (
	"encoding/base64"
	"encoding/json"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"
)

func FuzzClaims(f *testing.F) {
	f.Add(`{"scope":"applicant","personal_number":"3010190A001PB8","certificate":"MAMCAQc="}`)
	f.Add(`{"scope":"operator","unp":"100582333"}`)
	f.Fuzz(func(t *testing.T, text string) {
		var c claims
		if json.Unmarshal([]byte(text), &c) != nil {
			return
		}
		caller, err := c.caller("subject")
		if err != nil {
			require.ErrorIs(t, err, ErrToken)
			return
		}
		if caller.Has(ScopeApplicant) || caller.Has(ScopeManager) {
			require.NotEmpty(t, caller.PersonalNumber)
			require.NotEmpty(t, caller.Certificate)
		}
	})
}

func TestTextsOfTokensCanBeStored(t *testing.T) {
	for _, subject := range []string{"a\x00", "\u202ea", "a\nb", "\xff", ""} {
		_, err := claims{Scope: "operator"}.caller(subject)
		require.ErrorIs(t, err, ErrToken, "%q", subject)
	}
	caller, err := claims{Scope: "operator", Name: "Вера\x00 \u202eОбразцова\n"}.caller("operator-1")
	require.NoError(t, err)
	require.Equal(t, "Вера\ufffd \ufffdОбразцова ", caller.Name)
}

func FuzzParseDER(f *testing.F) {
	f.Add("MAMCAQc=")
	f.Add("MIIB")
	f.Fuzz(func(t *testing.T, text string) {
		der, err := parseDER(text)
		if err == nil {
			require.Equal(t, byte(0x30), der[0])
			again, err := base64.StdEncoding.DecodeString(text)
			require.NoError(t, err)
			require.Equal(t, again, der)
		}
	})
}

// TestKeysAreAskedForAgain runs without a network: what is known and when it
// was fetched is all that decides.
func TestKeysAreAskedForAgain(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		keys := newIssuerKeys("https://id.example.by", nil)
		_, stale := keys.known()
		require.True(t, stale, "nothing known yet")
		keys.fetched = time.Now()
		time.Sleep(keysTTL)
		_, stale = keys.known()
		require.False(t, stale)
		time.Sleep(time.Nanosecond)
		_, stale = keys.known()
		require.True(t, stale)
	})
}
