package web

import (
	"bytes"
	"crypto/rand"
	"encoding/base64"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/remote-issuance/remote-issuance/internal/seal"
)

func ring(t testing.TB, names ...string) *seal.Keyring {
	t.Helper()
	var parts []string
	for _, name := range names {
		// The key follows from its name, so that two rings can share it.
		parts = append(parts, name+":"+base64.StdEncoding.EncodeToString(bytes.Repeat([]byte(name), 32)[:32]))
	}
	r, err := seal.ParseKeyring(strings.Join(parts, ","))
	require.NoError(t, err)
	return r
}

// carry is a request with the cookies that a browser has after an answer.
func carry(before *http.Request, w *httptest.ResponseRecorder) *http.Request {
	kept := map[string]string{}
	if before != nil {
		for _, c := range before.Cookies() {
			kept[c.Name] = c.Value
		}
	}
	for _, c := range w.Result().Cookies() {
		if kept[c.Name] = c.Value; c.MaxAge < 0 {
			delete(kept, c.Name)
		}
	}
	r := httptest.NewRequest(http.MethodGet, "/", nil)
	for name, value := range kept {
		r.AddCookie(&http.Cookie{Name: name, Value: value})
	}
	return r
}

func TestASessionOfAnySizeComesBackAsItWent(t *testing.T) {
	now := time.Now()
	keys := ring(t, "a")
	rapid.Check(t, func(t *rapid.T) {
		j := jar{keys: keys, secure: rapid.Bool().Draw(t, "secure")}
		r := httptest.NewRequest(http.MethodGet, "/", nil)
		for range rapid.IntRange(1, 4).Draw(t, "times") {
			// What cannot be compressed is the largest.
			token := make([]byte, rapid.IntRange(0, 12000).Draw(t, "octets"))
			_, _ = rand.Read(token)
			s := NewSession(base64.RawURLEncoding.EncodeToString(token), "Имя", []string{"applicant"}, now.Add(time.Hour))
			w := httptest.NewRecorder()
			if err := j.putSession(w, r, s, now); err != nil {
				t.Fatal(err)
			}
			for _, c := range w.Result().Cookies() {
				if len(c.Name)+len(c.Value) > 4000 || !c.HttpOnly || c.SameSite != http.SameSiteLaxMode || c.Secure != j.secure || c.Path != "/" ||
					strings.HasPrefix(c.Name, "__Host-") != j.secure || len(s.Token) > 16 && strings.Contains(c.Value, s.Token) {
					t.Fatalf("cookie %s of %d octets", c.Name, len(c.Value))
				}
			}
			r = carry(r, w)
			got := j.session(r, now)
			if got == nil || got.Token != s.Token || !bytes.Equal(got.Secret, s.Secret) || !got.Has("applicant") {
				t.Fatal("another session came back")
			}
		}
	})
}

func TestASessionIsNobodyElses(t *testing.T) {
	now := time.Now()
	j := jar{keys: ring(t, "a")}
	w := httptest.NewRecorder()
	require.NoError(t, j.putSession(w, httptest.NewRequest(http.MethodGet, "/", nil), NewSession("token", "", nil, now.Add(time.Hour)), now))
	r := carry(nil, w)
	require.NotNil(t, j.session(r, now))
	require.Nil(t, j.session(r, now.Add(time.Hour)), "the token has expired")
	require.Nil(t, jar{keys: ring(t, "b")}.session(r, now), "sealed with another key")
	require.NotNil(t, jar{keys: ring(t, "b", "a")}.session(r, now), "a key that was rotated still opens")

	value := r.Cookies()[0].Value
	for i := range value {
		changed := httptest.NewRequest(http.MethodGet, "/", nil)
		other := byte('A')
		if value[i] == 'A' {
			other = 'B'
		}
		text := value[:i] + string(other) + value[i+1:]
		if raw, _ := base64.RawURLEncoding.DecodeString(text); bytes.Equal(raw, must(base64.RawURLEncoding.DecodeString(value))) {
			continue // the last letter has bits that carry nothing
		}
		changed.AddCookie(&http.Cookie{Name: sessionCookie, Value: text})
		require.Nil(t, j.session(changed, now), i)
	}

	// What is sealed for one purpose is nothing for another.
	w = httptest.NewRecorder()
	j.putFlash(w, httptest.NewRequest(http.MethodGet, "/", nil), Flash{Notice: "common.notice.title"})
	note := carry(nil, w)
	require.Equal(t, "common.notice.title", j.peekFlash(note).Notice)
	swapped := httptest.NewRequest(http.MethodGet, "/", nil)
	swapped.AddCookie(&http.Cookie{Name: sessionCookie, Value: note.Cookies()[0].Value})
	require.Nil(t, j.session(swapped, now))
	for _, nonsense := range []string{"", "AA", strings.Repeat("A", 5000), "%00"} {
		bad := httptest.NewRequest(http.MethodGet, "/", nil)
		bad.AddCookie(&http.Cookie{Name: sessionCookie, Value: nonsense})
		require.Nil(t, j.session(bad, now))
	}
}

func must[T any](v T, _ error) T { return v }

func TestASessionThatIsTooLargeIsAnError(t *testing.T) {
	token := make([]byte, 40<<10)
	_, _ = rand.Read(token)
	now := time.Now()
	err := jar{keys: ring(t, "a")}.putSession(httptest.NewRecorder(), httptest.NewRequest(http.MethodGet, "/", nil),
		NewSession(base64.StdEncoding.EncodeToString(token), "", nil, now.Add(time.Hour)), now)
	require.ErrorIs(t, err, errTooLarge)
}

func TestFormTokensAreOfTheirSessionAndNeverTheSame(t *testing.T) {
	a, b := NewSession("", "", nil, time.Time{}), NewSession("", "", nil, time.Time{})
	seen := map[string]bool{}
	for range 100 {
		token := a.FormToken()
		require.True(t, a.Made(token))
		require.False(t, b.Made(token))
		require.False(t, seen[token])
		seen[token] = true
	}
	rapid.Check(t, func(t *rapid.T) {
		if a.Made(rapid.String().Draw(t, "token")) || a.Made(base64.RawURLEncoding.EncodeToString(rapid.SliceOfN(rapid.Byte(), 64, 64).Draw(t, "octets"))) {
			t.Fatal("a token that was not made is taken")
		}
	})
}

func TestNobodyIsLedAway(t *testing.T) {
	for text, want := range map[string]string{
		"/orders/1?x=2": "/orders/1?x=2", "": "/orders", "//evil.example": "/orders", "https://evil.example/": "/orders", `/\evil.example`: "/orders",
		`\\evil.example`: "/orders", "/%2f/evil.example": "/orders", "javascript:alert(1)": "/orders", "/a\r\nSet-Cookie: x": "/orders",
		"orders": "/orders", "/sign-in?to=/sign-in": "/orders", "/a#b": "/a", "///evil.example": "/orders", "/%5cevil.example": "/%5cevil.example",
	} {
		require.Equal(t, want, LocalPath(text), text)
	}
	rapid.Check(t, func(t *rapid.T) {
		text := rapid.OneOf(rapid.String(), rapid.StringMatching(`[/\\:a-z.%@?#]{0,20}`)).Draw(t, "text")
		got := LocalPath(text)
		u, err := url.Parse("https://portal.example.by")
		if err != nil {
			t.Fatal(err)
		}
		to, err := u.Parse(got)
		if err != nil || to.Host != "portal.example.by" || !strings.HasPrefix(got, "/") || strings.HasPrefix(got, "//") || strings.ContainsAny(got, "\\\r\n") {
			t.Fatalf("%q leads to %q", text, got)
		}
	})
}

func TestThePolicyTakesNothingButOrigins(t *testing.T) {
	const bare = "form-action 'self';"
	require.Contains(t, policy(Page{}), bare)
	for _, target := range []string{"", "x", "javascript:alert(1)", "https://", "https://a; script-src *", "//a.example", "data:text/html,x", "https://a'b/"} {
		require.Contains(t, policy(Page{FormTargets: []string{target}}), bare, target)
	}
	require.Contains(t, policy(Page{FormTargets: []string{"https://pay.example.by:8443/a?b"}}), "form-action 'self' https://pay.example.by:8443;")
	require.NotContains(t, policy(Page{}), "wasm-unsafe-eval")
	require.Contains(t, policy(Page{WebAssembly: true}), "script-src 'self' 'wasm-unsafe-eval'")
	require.NotContains(t, policy(Page{WebAssembly: true}), "'unsafe-eval'")
	require.NotContains(t, policy(Page{WebAssembly: true}), "unsafe-inline")
}
