package clientbank

import (
	"crypto/sha256"
	"fmt"
	"strings"
	"unicode"

	"github.com/remote-issuance/remote-issuance/internal/payments"
)

// nameless are what banks write where an operation has no id of its own.
var nameless = map[string]bool{
	"NONREF": true, "NOTPROVIDED": true, "NOTAVAILABLE": true, "NONE": true, "NA": true, "NULL": true, "UNKNOWN": true,
	"Б": true, "БН": true, "NOREF": true, "NOID": true,
}

// identifies tells whether a reference tells one operation from another.
func identifies(reference string) bool {
	bare := strings.Map(func(r rune) rune {
		if unicode.IsLetter(r) || unicode.IsNumber(r) {
			return unicode.ToUpper(r)
		}
		return -1
	}, reference)
	// Look-alikes may have been typed in either alphabet: БH is БН.
	twin := payments.Canonical(bare)
	for name := range nameless {
		if twin == payments.Canonical(name) {
			return false
		}
	}
	return strings.Trim(bare, "0") != ""
}

// identify gives every credit its operation id (P4, P5). One that the bank has
// given to several entries of the file identifies none of them. Then the id is
// derived from what the entry says, and from its place among equal ones: two
// real credits that look alike both count, and the same file read again
// repeats nothing.
func identify(credits []Credit) {
	contents := make([][sha256.Size]byte, len(credits))
	uses := map[string]map[[sha256.Size]byte]bool{}
	for i, c := range credits {
		contents[i] = c.content()
		if identifies(c.reference) {
			key := c.Account + "/" + c.reference
			if uses[key] == nil {
				uses[key] = map[[sha256.Size]byte]bool{}
			}
			uses[key][contents[i]] = true
		}
	}
	equal := map[[sha256.Size]byte]int{}
	for i := range credits {
		c := &credits[i]
		if identifies(c.reference) && len(uses[c.Account+"/"+c.reference]) == 1 {
			c.OperationID = c.reference
			continue
		}
		equal[contents[i]]++
		c.OperationID = fmt.Sprintf("#%x.%d", contents[i][:12], equal[contents[i]])
	}
}

// content is a digest of all that a statement says of a credit.
func (c Credit) content() [sha256.Size]byte {
	n := payments.Notification{
		Source: payments.SourceClientBank, Number: c.Purpose, Amount: c.Amount, Currency: c.Currency, PayerUNP: c.PayerUNP, OccurredAt: c.BookedAt,
	}
	said := n.Content()
	return sha256.Sum256(fmt.Appendf(said[:], "%q %t %q", c.Account, c.Reversed, c.details))
}
