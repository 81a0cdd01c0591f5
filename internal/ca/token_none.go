//go:build !pkcs11

package ca

import (
	"crypto"
	"errors"
)

// ErrNoTokens is returned by OpenToken in a binary built without tokens.
var ErrNoTokens = errors.New("built without PKCS#11: build with the tag pkcs11")

// OpenToken finds a key in a PKCS#11 token; this build has no tokens.
func OpenToken(Token, []byte) (crypto.Signer, error) { return nil, ErrNoTokens }
