package bign

import "errors"

var (
	// ErrKeyLength means that a key has not as many octets as its curve asks.
	ErrKeyLength = errors.New("bign: wrong key length")
	// ErrKeyRange means that a private key is not in 1..q-1 or that a
	// coordinate of a public key is not below p.
	ErrKeyRange = errors.New("bign: key out of range")
	// ErrPointNotOnCurve means that a public key is no point of its curve.
	ErrPointNotOnCurve = errors.New("bign: public key is not a point of the curve")
	// ErrDigestLength means that a digest has not the l/4 octets which the
	// curve asks: the hash function does not fit the curve.
	ErrDigestLength = errors.New("bign: digest does not fit the curve")
	// ErrHashOID means that a hash function is not named by the DER of an
	// object identifier.
	ErrHashOID = errors.New("bign: malformed object identifier of the hash function")
	// ErrSignerOpts means that [PrivateKey.Sign] got options other than
	// [SignerOpts].
	ErrSignerOpts = errors.New("bign: signer options are not bign.SignerOpts")
	// ErrVerification means that a signature does not belong to the digest
	// and the public key.
	ErrVerification = errors.New("bign: signature does not verify")
	// ErrTransportedKey means that a key is too short or too long to be transported.
	ErrTransportedKey = errors.New("bign: a key of this length cannot be transported")
	// ErrToken means that a key token is damaged or was made for another key.
	ErrToken = errors.New("bign: key token is damaged or was made for another key")
)
