package webhook

import (
	"context"
	"net/netip"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"
)

func TestOnlyPublicAddressesAreReached(t *testing.T) {
	for address, want := range map[string]bool{
		"8.8.8.8": true, "93.184.216.34": true, "172.15.255.255": true, "172.32.0.1": true, "100.63.255.255": true, "100.128.0.1": true,
		"2a00:1450:4001::1": true, "2606:4700::1111": true,
		"127.0.0.1": false, "127.255.255.254": false, "0.0.0.0": false, "0.1.2.3": false,
		"10.0.0.1": false, "172.16.0.1": false, "172.31.255.255": false, "192.168.1.1": false,
		"169.254.169.254": false, "100.64.0.1": false, "100.127.255.255": false,
		"192.0.0.1": false, "192.0.2.1": false, "198.18.0.1": false, "198.51.100.1": false, "203.0.113.1": false, "192.88.99.1": false,
		"224.0.0.1": false, "239.1.1.1": false, "240.0.0.1": false, "255.255.255.255": false,
		"::": false, "::1": false, "fe80::1": false, "fe80::1%eth0": false, "fec0::1": false, "fc00::1": false, "fd12:3456::1": false,
		"ff02::1": false, "2001:db8::1": false, "2001::1": false, "3fff::1": false, "100::1": false, "5f00::1": false,
		"::ffff:127.0.0.1": false, "::ffff:10.0.0.1": false, "::ffff:169.254.169.254": false, "::ffff:8.8.8.8": true,
		"::127.0.0.1": false, "::8.8.8.8": false,
		"64:ff9b::7f00:1": false, "64:ff9b::a00:1": false, "64:ff9b::808:808": true, "64:ff9b:1::808:808": false,
		"2002:7f00:1::": false, "2002:a00:1::1": false, "2002:808:808::1": true,
	} {
		require.Equal(t, want, public(netip.MustParseAddr(address)), address)
	}
	require.False(t, public(netip.Addr{}))
}

// Whatever stands around an address of IPv4, it is the same address.
func TestPropertyIPv4WithinIPv6IsIPv4(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		a := [4]byte(rapid.SliceOfN(rapid.Byte(), 4, 4).Draw(t, "address"))
		v4 := netip.AddrFrom4(a)
		mapped := [16]byte{10: 0xff, 11: 0xff, 12: a[0], 13: a[1], 14: a[2], 15: a[3]}
		translated := [16]byte{1: 0x64, 2: 0xff, 3: 0x9b, 12: a[0], 13: a[1], 14: a[2], 15: a[3]}
		tunnelled := [16]byte{0x20, 2, a[0], a[1], a[2], a[3]}
		for _, octets := range [][16]byte{mapped, translated, tunnelled} {
			require.Equal(t, public(v4), public(netip.AddrFrom16(octets)), "%v", netip.AddrFrom16(octets))
		}
		if v4.IsPrivate() || v4.IsLoopback() || v4.IsLinkLocalUnicast() || v4.IsMulticast() {
			require.False(t, public(v4))
		}
	})
}

func TestAddressesOfEndpoints(t *testing.T) {
	for raw, want := range map[string]error{
		"https://8.8.8.8/hook":          nil,
		"https://8.8.8.8:8443/hook?x=1": nil,
		"https://[2606:4700::1111]/":    nil,
		"http://8.8.8.8/":               ErrURL,
		"https://user@8.8.8.8/":         ErrURL,
		"https://user:p@8.8.8.8/":       ErrURL,
		"https://8.8.8.8/#f":            ErrURL,
		"https://8.8.8.8/#":             ErrURL,
		"https://8.8.8.8:0/":            ErrURL,
		"https://8.8.8.8:65536000/":     ErrURL,
		"https:8.8.8.8":                 ErrURL,
		"https:///hook":                 ErrURL,
		"https://":                      ErrURL,
		"//8.8.8.8/":                    ErrURL,
		"ftp://8.8.8.8/":                ErrURL,
		"file:///etc/passwd":            ErrURL,
		"":                              ErrURL,
		"https://8.8.8.8/\x00":          ErrURL,
		"https://8.8.8.8/a\nb":          ErrURL,
		"https://8.8.8.8/\u202e":        ErrURL,
		"https://8.8.8.8/" + strings.Repeat("a", maxURL): ErrURL,
		"https://127.0.0.1/":                             ErrAddress,
		"https://[::1]/":                                 ErrAddress,
		"https://[::ffff:10.0.0.1]/":                     ErrAddress,
		"https://169.254.169.254/latest":                 ErrAddress,
		"https://10.1.2.3/":                              ErrAddress,
		"https://localhost/":                             ErrAddress,
		"http://127.0.0.1/":                              ErrURL,
		"https://name.that.does.not.exist.invalid/":      ErrName,
	} {
		if err := (Reach{}).Check(t.Context(), raw); want == nil {
			require.NoError(t, err, raw)
		} else {
			require.ErrorIs(t, err, want, raw)
		}
	}
}

func TestLoopbackIsReachedOnlyWhereAllowed(t *testing.T) {
	r := Reach{Loopback: true}
	for raw, want := range map[string]error{
		"http://127.0.0.1:8099/": nil, "http://[::1]:8099/": nil, "http://localhost:8099/": nil, "https://127.0.0.1/": nil,
		"http://10.0.0.1/": ErrURL, "http://8.8.8.8/": ErrURL, "https://10.0.0.1/": ErrAddress, "http://localhost.example/": ErrURL,
	} {
		if err := r.Check(t.Context(), raw); want == nil {
			require.NoError(t, err, raw)
		} else {
			require.ErrorIs(t, err, want, raw)
		}
	}
}

func FuzzReach(f *testing.F) {
	f.Add("https://127.0.0.1/")
	f.Add("https://[::ffff:127.0.0.1]:8443/x")
	f.Add("https://2130706433/")
	f.Fuzz(func(t *testing.T, raw string) {
		host, err := (Reach{}).hostOf(raw)
		if err != nil {
			return
		}
		require.NotEmpty(t, host)
		require.True(t, strings.HasPrefix(strings.ToLower(raw), "https://"))
		ctx, cancel := context.WithCancel(t.Context())
		cancel() // no name is asked for
		if address, err := netip.ParseAddr(host); err == nil && !public(address) {
			require.ErrorIs(t, (Reach{}).Check(ctx, raw), ErrAddress)
		}
	})
}
