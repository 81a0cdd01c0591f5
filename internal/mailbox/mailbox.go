// Package mailbox says which e-mail addresses our mail system delivers to, and
// how they are written on the wire. The shape of an address is order's; here are
// international domains (IDNA, RFC 5891, with the mapping of UTS 46) and the
// extension SMTPUTF8 (RFC 6531).
package mailbox

import (
	"errors"
	"fmt"
	"strings"
	"unicode/utf8"

	"golang.org/x/net/idna"
)

// Errors of addresses.
var (
	// ErrDomain is a domain that cannot be registered, and so has no mailbox.
	ErrDomain = errors.New("the domain of the e-mail address cannot exist: check its spelling")
	// ErrLocalPart is a name before the @ with letters outside of ASCII where the
	// mail system cannot carry them.
	ErrLocalPart = errors.New("our mail does not reach addresses with such letters before the @: give one in Latin letters")
)

// Reach is what the mail system can deliver to.
type Reach struct {
	// UTF8 tells that our server and what is behind it have SMTPUTF8.
	UTF8 bool
}

// lookup maps and checks as resolvers do; a domain that fails has no records.
// Hyphens in third and fourth place occur in names that work.
var lookup = idna.New(
	idna.MapForLookup(), idna.Transitional(false), idna.StrictDomainName(true), idna.VerifyDNSLength(true), idna.BidiRule(), idna.CheckHyphens(false),
)

// Domain writes a domain in A-labels (xn--…), which every server understands.
// Error: ErrDomain.
func Domain(domain string) (string, error) {
	ascii, err := lookup.ToASCII(domain)
	if err != nil || ascii == "" || !utf8.ValidString(domain) {
		return "", ErrDomain
	}
	for label := range strings.SplitSeq(ascii, ".") {
		if strings.HasPrefix(label, "-") || strings.HasSuffix(label, "-") {
			return "", ErrDomain
		}
	}
	return ascii, nil
}

// Wire is the address as it goes to a mail server: the domain in A-labels, the
// name before the @ as it is. Errors: ErrDomain; ErrLocalPart without Reach.UTF8.
func (r Reach) Wire(address string) (string, error) {
	at := strings.LastIndexByte(address, '@')
	if at < 1 {
		return "", ErrDomain
	}
	local := address[:at]
	if !r.UTF8 && strings.ContainsFunc(local, func(c rune) bool { return c >= utf8.RuneSelf }) {
		return "", ErrLocalPart
	}
	domain, err := Domain(address[at+1:])
	if err != nil {
		return "", err
	}
	if wire := local + "@" + domain; len(wire) <= maxPath {
		return wire, nil
	}
	return "", fmt.Errorf("%w: it is too long in A-labels", ErrDomain)
}

// maxPath is the longest address in octets (RFC 5321, 4.5.3.1.3, without brackets).
const maxPath = 254
