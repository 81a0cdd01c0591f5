package storage

import (
	"net/http"
	"net/http/httptest"
	"net/netip"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestI5_OnlyOurProxiesAreBelieved(t *testing.T) {
	t.Parallel()
	ours := []netip.Prefix{netip.MustParsePrefix("10.0.0.0/8"), netip.MustParsePrefix("fd00::/8")}
	for name, c := range map[string]struct {
		trusted []netip.Prefix
		remote  string
		header  []string
		want    string
	}{
		"no proxy":                         {nil, "10.1.1.1:5", []string{"192.0.2.1"}, "10.1.1.1"},
		"stranger says something":          {ours, "198.51.100.7:5", []string{"192.0.2.1"}, "198.51.100.7"},
		"one proxy":                        {ours, "10.1.1.1:5", []string{"192.0.2.1"}, "192.0.2.1"},
		"visitor's own words come first":   {ours, "10.1.1.1:5", []string{"203.0.113.9, 192.0.2.1"}, "192.0.2.1"},
		"two proxies":                      {ours, "10.1.1.1:5", []string{"192.0.2.1, 10.2.2.2"}, "192.0.2.1"},
		"two headers":                      {ours, "10.1.1.1:5", []string{"203.0.113.9", "192.0.2.1,10.2.2.2"}, "192.0.2.1"},
		"all are ours":                     {ours, "10.1.1.1:5", []string{"10.3.3.3, 10.2.2.2"}, "10.3.3.3"},
		"no header":                        {ours, "10.1.1.1:5", nil, "10.1.1.1"},
		"garbage is not skipped":           {ours, "10.1.1.1:5", []string{"192.0.2.1, unknown"}, "10.1.1.1"},
		"a port":                           {ours, "10.1.1.1:5", []string{"192.0.2.1:8080"}, "192.0.2.1"},
		"IPv6":                             {ours, "[fd00::1]:5", []string{"2001:db8::5"}, "2001:db8::5"},
		"IPv6 with port":                   {ours, "[fd00::1]:5", []string{"[2001:db8::5]:80"}, "2001:db8::5"},
		"an IPv4 address in an IPv6 frame": {ours, "[::ffff:10.1.1.1]:5", []string{"192.0.2.1"}, "192.0.2.1"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := httptest.NewRequest(http.MethodPost, CertificatePath, nil)
			r.RemoteAddr = c.remote
			for _, h := range c.header {
				r.Header.Add("X-Forwarded-For", h)
			}
			require.Equal(t, c.want, BehindProxies(c.trusted)(r).String())
		})
	}
}

func FuzzForwarded(f *testing.F) {
	f.Add("192.0.2.1, 10.0.0.1")
	f.Add("[2001:db8::1]:80,unknown")
	f.Fuzz(func(t *testing.T, header string) {
		r := httptest.NewRequest(http.MethodPost, CertificatePath, nil)
		r.RemoteAddr = "10.1.1.1:5"
		r.Header.Set("X-Forwarded-For", header)
		a := BehindProxies([]netip.Prefix{netip.MustParsePrefix("10.0.0.0/8")})(r)
		require.True(t, a.IsValid())
	})
}
