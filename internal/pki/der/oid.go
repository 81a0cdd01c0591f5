package der

import (
	"encoding/asn1"
	"slices"
)

// OID is an object identifier.
type OID = asn1.ObjectIdentifier

// MarshalOID writes an object identifier that is a constant of the program.
func MarshalOID(oid OID) []byte {
	der, err := asn1.Marshal(oid)
	if err != nil {
		panic("der: object identifier: " + err.Error())
	}
	return der
}

// Under tells whether an identifier is in the tree of another.
func Under(oid, root OID) bool {
	return len(oid) >= len(root) && oid[:len(root)].Equal(root)
}

// ContainsOID tells whether a list has an identifier.
func ContainsOID(list []OID, oid OID) bool {
	return slices.ContainsFunc(list, oid.Equal)
}
