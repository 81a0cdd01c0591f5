package bpki

import (
	"strings"

	"golang.org/x/crypto/cryptobyte"
)

// Challenge is the attribute challengePassword of a request (STB 34.101.78, 8.2.2):
// a ticket of issue, information for the CA such as that of a payment, or both.
type Challenge struct {
	// Ticket has 32, 48 or 64 upper-case hexadecimal digits, or is empty.
	Ticket string
	// Info has up to 128 characters, or is empty.
	Info string
}

const (
	ticketPrefix, infoPrefix = "/EPWD:", "/INFO:"
	maxInfo                  = 128
)

func (c Challenge) check() error {
	switch {
	case c == Challenge{}:
		return malformed("challengePassword: empty")
	case c.Ticket != "" && !isTicket(c.Ticket):
		return malformed("challengePassword: ticket")
	case c.Info != "" && (!textWithin(c.Info, maxInfo) || strings.Contains(c.Info, ticketPrefix) || strings.Contains(c.Info, infoPrefix)):
		return malformed("challengePassword: information")
	}
	return nil
}

func isTicket(s string) bool {
	if len(s) != 32 && len(s) != 48 && len(s) != 64 {
		return false
	}
	return strings.Trim(s, "0123456789ABCDEF") == ""
}

// Text writes the attribute, the ticket first. It fails with [ErrMalformed] for
// parts that the standard does not allow.
func (c Challenge) Text() (string, error) {
	if err := c.check(); err != nil {
		return "", err
	}
	var text string
	if c.Ticket != "" {
		text = ticketPrefix + c.Ticket
	}
	if c.Info != "" {
		text += infoPrefix + c.Info
	}
	return text, nil
}

// ParseChallenge reads the text of the attribute: the two parts in either order,
// neither twice, nothing before them.
func ParseChallenge(text string) (Challenge, error) {
	var c Challenge
	for rest := text; rest != ""; {
		var part *string
		switch {
		case strings.HasPrefix(rest, ticketPrefix):
			part = &c.Ticket
		case strings.HasPrefix(rest, infoPrefix):
			part = &c.Info
		default:
			return Challenge{}, malformed("challengePassword: text without a prefix")
		}
		rest = rest[len(ticketPrefix):]
		end := len(rest)
		for _, prefix := range []string{ticketPrefix, infoPrefix} {
			if i := strings.Index(rest, prefix); i >= 0 && i < end {
				end = i
			}
		}
		if *part != "" || end == 0 {
			return Challenge{}, malformed("challengePassword: a part twice or empty")
		}
		*part, rest = rest[:end], rest[end:]
	}
	if err := c.check(); err != nil {
		return Challenge{}, err
	}
	return c, nil
}

// Marshal writes the value of the attribute in DER, a UTF8String.
func (c Challenge) Marshal() ([]byte, error) {
	text, err := c.Text()
	if err != nil {
		return nil, err
	}
	b := cryptobyte.NewBuilder(nil)
	addUTF8(b, text)
	return b.Bytes()
}

// ParseChallengeValue reads the value of the attribute from DER.
func ParseChallengeValue(der []byte) (Challenge, error) {
	s := cryptobyte.String(der)
	var text string
	if len(der) > MaxMessage {
		return Challenge{}, ErrTooLarge
	}
	if !readUTF8(&s, &text) || !s.Empty() {
		return Challenge{}, malformed("challengePassword")
	}
	return ParseChallenge(text)
}
