package storage

import (
	"bytes"
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"
)

func TestI4_CredentialsAreReadable(t *testing.T) {
	t.Parallel()
	seen := map[Login]bool{}
	for range 200 {
		login, password, err := NewCredentials(rand.Reader)
		require.NoError(t, err)
		require.Regexp(t, `^RC-[0-9A-HJKMNP-TV-Z]{4}-[0-9A-HJKMNP-TV-Z]{4}$`, string(login))
		require.Regexp(t, `^([0-9A-HJKMNP-TV-Z]{4}-){3}[0-9A-HJKMNP-TV-Z]{4}$`, password.Reveal())
		require.False(t, seen[login])
		seen[login] = true
	}
}

func TestNewCredentialsNeedsItsRandomness(t *testing.T) {
	t.Parallel()
	broken := errors.New("no entropy")
	_, _, err := NewCredentials(iotest.ErrReader(broken))
	require.ErrorIs(t, err, broken)
	_, _, err = NewCredentials(strings.NewReader("short"))
	require.Error(t, err)
}

// However a person types what was sent, it is read as what was sent.
func TestTypedCredentialsAreUnderstood(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		raw := rapid.SliceOfN(rapid.Byte(), 15, 15).Draw(t, "raw")
		login, password, err := NewCredentials(bytes.NewReader(raw))
		require.NoError(t, err)
		habit := rapid.SampledFrom([]func(string) string{
			strings.ToLower,
			func(s string) string { return " " + s + "\n" },
			func(s string) string { return strings.ReplaceAll(s, "-", "") },
			func(s string) string { return strings.ReplaceAll(s, "-", " ") },
			func(s string) string { return strings.ReplaceAll(s, "-", "–") },
			func(s string) string { return strings.NewReplacer("0", "O", "1", "l").Replace(s) },
			func(s string) string {
				return strings.NewReplacer("C", "С", "A", "а", "X", "Х", "0", "О").Replace(s)
			},
		}).Draw(t, "habit")
		read, err := ParseLogin(habit(string(login)))
		require.NoError(t, err)
		require.Equal(t, login, read)
		require.Equal(t, password, TypedPassword(habit(password.Reveal())))
	})
}

func TestTextsThatAreNoLogin(t *testing.T) {
	t.Parallel()
	for _, s := range []string{"", "RC", "RC-1234", "RC-1234-567U", "XX-1234-5678", "RC-1234-5678-9", "логин", "RC-1234-567\x00"} {
		_, err := ParseLogin(s)
		require.ErrorIs(t, err, ErrLogin, "%q", s)
	}
}

func FuzzParseLogin(f *testing.F) {
	f.Add("RC-1234-5678")
	f.Add("rcoilo1234")
	f.Fuzz(func(t *testing.T, s string) {
		login, err := ParseLogin(s)
		if err != nil {
			return
		}
		again, err := ParseLogin(string(login))
		require.NoError(t, err)
		require.Equal(t, login, again)
	})
}

func TestPasswordsDoNotPrint(t *testing.T) {
	t.Parallel()
	p := TypedPassword("ABCD-EFGH")
	text, err := json.Marshal(struct{ P Password }{p})
	require.NoError(t, err)
	var log bytes.Buffer
	slog.New(slog.NewTextHandler(&log, nil)).Info("x", "p", p)
	for _, s := range []string{
		fmt.Sprint(p), fmt.Sprintf("%v %+v %#v %s %q %x", p, p, p, p, p, p), string(text), log.String(), p.String(),
		fmt.Sprintf("%+v", struct{ P Password }{p}),
	} {
		require.NotContains(t, s, "ABCD")
		require.NotContains(t, s, "41424344")
		require.Contains(t, s, redacted)
	}
}
