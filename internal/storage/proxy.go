package storage

import (
	"net/http"
	"net/netip"
	"strings"
)

// BehindProxies gives the address function for NewHandler where our own
// proxies stand before the API. Only what one of them has written is believed:
// from the end of X-Forwarded-For back to the first address that is none of
// theirs. A request that did not come through them is the connection's other
// end, whatever it says of itself; without proxies that is every request.
func BehindProxies(trusted []netip.Prefix) func(*http.Request) netip.Addr {
	ours := func(a netip.Addr) bool {
		for _, network := range trusted {
			if network.Contains(a.Unmap()) {
				return true
			}
		}
		return false
	}
	return func(r *http.Request) netip.Addr {
		nearest := remoteAddress(r)
		hops := strings.Split(strings.Join(r.Header.Values("X-Forwarded-For"), ","), ",")
		for i := len(hops) - 1; i >= 0 && ours(nearest); i-- {
			before, err := forwarded(hops[i])
			if err != nil {
				break
			}
			nearest = before
		}
		return nearest
	}
}

// forwarded reads an element of X-Forwarded-For: an address, with some proxies
// with a port.
func forwarded(s string) (netip.Addr, error) {
	s = strings.TrimSpace(s)
	if withPort, err := netip.ParseAddrPort(s); err == nil {
		return withPort.Addr(), nil
	}
	return netip.ParseAddr(strings.Trim(s, "[]"))
}
