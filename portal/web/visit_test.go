package web

import (
	"net/http/httptest"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestWhereARequestCameFromIsPassedOnWhole(t *testing.T) {
	for want, c := range map[string]struct {
		remote string
		said   []string
	}{
		"192.0.2.1":                          {"192.0.2.1:4711", nil},
		"198.51.100.7, 192.0.2.1":            {"192.0.2.1:4711", []string{"198.51.100.7"}},
		"1.2.3.4, 198.51.100.7, 2001:db8::1": {"[2001:db8::1]:4711", []string{"1.2.3.4", "198.51.100.7"}},
		"@":                                  {"@", nil},
	} {
		r := httptest.NewRequest("GET", "/", nil)
		r.RemoteAddr = c.remote
		for _, s := range c.said {
			r.Header.Add("X-Forwarded-For", s)
		}
		require.Equal(t, want, origin(r))
		require.Equal(t, want, origin(r), "asking changes nothing")
	}
}
