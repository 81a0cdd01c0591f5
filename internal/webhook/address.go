package webhook

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/netip"
	"net/url"
	"strconv"
	"strings"
	"syscall"
	"time"

	"github.com/remote-issuance/remote-issuance/internal/text"
)

// Errors of addresses.
var (
	// ErrURL: the text is no address that messages can be sent to.
	ErrURL = errors.New("want an https address without user, password and fragment, 2048 characters at most")
	// ErrAddress: the address leads into a network that is not public.
	ErrAddress = errors.New("the address is not in the public internet")
	// ErrName: the name cannot be resolved now.
	ErrName = errors.New("the name of the host cannot be resolved")
)

// maxURL is the longest address in octets.
const maxURL = 2048

// resolving is how long a name may take.
const resolving = 5 * time.Second

// Reach is where messages may go: the public internet over TLS, and nowhere
// else. A receiver's name is looked at when it is registered and the address
// again at each connection, so that it cannot turn to our own network in between.
type Reach struct {
	// Loopback also lets messages go to this machine, and without TLS; for trying things out.
	Loopback bool
	// Resolver resolves names; nil stands for the system's.
	Resolver *net.Resolver
}

// Check tells whether messages may go to the URL. Errors: ErrURL, ErrAddress, ErrName.
func (r Reach) Check(ctx context.Context, raw string) error {
	host, err := r.hostOf(raw)
	if err != nil {
		return err
	}
	if address, err := netip.ParseAddr(host); err == nil {
		return r.allow(address)
	}
	ctx, cancel := context.WithTimeout(ctx, resolving)
	defer cancel()
	resolver := r.Resolver
	if resolver == nil {
		resolver = net.DefaultResolver
	}
	found, err := resolver.LookupNetIP(ctx, "ip", host)
	if err != nil || len(found) == 0 {
		return fmt.Errorf("%w: %s", ErrName, host)
	}
	for _, address := range found {
		if err := r.allow(address); err != nil {
			return err
		}
	}
	return nil
}

// hostOf reads the host of a URL whose form is right.
func (r Reach) hostOf(raw string) (string, error) {
	if len(raw) > maxURL || text.Refuse(raw) != nil {
		return "", ErrURL
	}
	u, err := url.Parse(raw)
	switch {
	case err != nil, u.Opaque != "", u.User != nil, u.Fragment != "", strings.HasSuffix(raw, "#"), u.Hostname() == "", !goodPort(u.Port()):
		return "", ErrURL
	case u.Scheme == "https":
		return u.Hostname(), nil
	case u.Scheme == "http" && r.Loopback && isLoopback(u.Hostname()):
		return u.Hostname(), nil
	default:
		return "", ErrURL
	}
}

func goodPort(port string) bool {
	n, err := strconv.ParseUint(port, 10, 16)
	return port == "" || err == nil && n > 0
}

func isLoopback(host string) bool {
	address, err := netip.ParseAddr(host)
	return host == "localhost" || err == nil && address.Unmap().IsLoopback()
}

// control refuses a connection by the address that is really connected to.
func (r Reach) control(_, address string, _ syscall.RawConn) error {
	to, err := netip.ParseAddrPort(address)
	if err != nil {
		return fmt.Errorf("%w: %w", ErrAddress, err)
	}
	return r.allow(to.Addr())
}

func (r Reach) allow(address netip.Addr) error {
	if r.Loopback && address.Unmap().IsLoopback() {
		return nil
	}
	if !public(address) {
		return fmt.Errorf("%w: %s", ErrAddress, address)
	}
	return nil
}

// special are the networks of IANA's registries of special-purpose addresses
// (RFC 6890 and its successors) that netip has no word for.
var special = networks(
	"0.0.0.0/8", "100.64.0.0/10", "192.0.0.0/24", "192.0.2.0/24", "192.88.99.0/24", "198.18.0.0/15", "198.51.100.0/24",
	"203.0.113.0/24", "240.0.0.0/4",
	"2001::/23", "2001:db8::/32", "3fff::/20",
)

var (
	// unicast holds the public addresses of IPv6.
	unicast = netip.MustParsePrefix("2000::/3")
	// sixToFour and nat64 hold an address of IPv4.
	sixToFour = netip.MustParsePrefix("2002::/16")
	nat64     = netip.MustParsePrefix("64:ff9b::/96")
)

func networks(list ...string) []netip.Prefix {
	out := make([]netip.Prefix, 0, len(list))
	for _, text := range list {
		out = append(out, netip.MustParsePrefix(text))
	}
	return out
}

// public tells whether an address is one of the public internet, whichever way
// it is written: IPv4 within IPv6 is looked at as IPv4.
func public(a netip.Addr) bool {
	a = a.Unmap()
	octets := a.AsSlice()
	switch {
	case !a.IsValid(), a.Zone() != "":
		return false
	case nat64.Contains(a):
		return public(netip.AddrFrom4([4]byte(octets[12:16])))
	case sixToFour.Contains(a):
		return public(netip.AddrFrom4([4]byte(octets[2:6])))
	case a.Is6() && !unicast.Contains(a), !a.IsGlobalUnicast(), a.IsPrivate(), a.IsLoopback():
		return false
	}
	for _, network := range special {
		if network.Contains(a) {
			return false
		}
	}
	return true
}
