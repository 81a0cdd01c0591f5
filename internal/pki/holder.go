package pki

import (
	"strings"

	"github.com/remote-issuance/remote-issuance/internal/order"
	"github.com/remote-issuance/remote-issuance/internal/pki/der"
)

// Holder is the role in GosSUOK that a certificate is made for.
type Holder string

// The holders that the service has to tell apart.
const (
	HolderUnknown Holder = "unknown"
	// HolderIndividual is a natural person (FL).
	HolderIndividual Holder = "individual"
	// HolderRepresentative is a representative of a legal entity (YP).
	HolderRepresentative Holder = "representative"
	// HolderIDCard is a natural person with the key on an ID card (FL2), who is refused (A2).
	HolderIDCard Holder = "id-card"
)

// Profile says by what a holder is told. The policy identifiers of end entities
// are not published, so they are configuration; without them the names decide.
type Profile struct {
	// IDCardPrefix begins the serialNumber of ID-card certificates (STB 34.101.78: "IDCBY-").
	IDCardPrefix string
	// IDCard, Individual and Representative are policies that settle the matter.
	IDCard, Individual, Representative []OID
}

// DefaultProfile is what STB 34.101.78 publishes.
func DefaultProfile() Profile { return Profile{IDCardPrefix: "IDCBY-"} }

// Holder tells whom the certificate is made for.
func (p Profile) Holder(c *Certificate) Holder {
	for _, k := range []struct {
		policies []OID
		holder   Holder
	}{{p.IDCard, HolderIDCard}, {p.Individual, HolderIndividual}, {p.Representative, HolderRepresentative}} {
		for _, policy := range c.Policies {
			if der.ContainsOID(k.policies, policy) {
				return k.holder
			}
		}
	}
	return p.holderByName(c.Subject())
}

// RequestHolder tells whom the request is made for.
func (p Profile) RequestHolder(r *Request) Holder { return p.holderByName(r.Subject()) }

func (p Profile) holderByName(s order.Subject) Holder {
	switch {
	case p.IDCardPrefix != "" && strings.HasPrefix(s.PersonalNumber, p.IDCardPrefix):
		return HolderIDCard
	case s.UNP != "" || s.Organisation != "":
		return HolderRepresentative
	case s.PersonalNumber != "":
		return HolderIndividual
	default:
		return HolderUnknown
	}
}
