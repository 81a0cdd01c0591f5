package audit

import (
	"crypto"
	"crypto/ed25519"
	"crypto/rand"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"fmt"
	"io/fs"
)

// ErrKeyFile is returned for a file that holds no key of checkpoints.
var ErrKeyFile = errors.New("not a key of checkpoints")

const (
	privateBlock = "PRIVATE KEY"
	publicBlock  = "PUBLIC KEY"
)

// GenerateKey makes a new Ed25519 key: its private half in PKCS#8 PEM and its
// public half in SubjectPublicKeyInfo PEM.
func GenerateKey() (private, public []byte, err error) {
	pub, key, err := ed25519.GenerateKey(rand.Reader)
	if err != nil {
		return nil, nil, fmt.Errorf("checkpoint key: %w", err)
	}
	privateDER, errPrivate := x509.MarshalPKCS8PrivateKey(key)
	publicDER, errPublic := x509.MarshalPKIXPublicKey(pub)
	if err := errors.Join(errPrivate, errPublic); err != nil {
		return nil, nil, fmt.Errorf("checkpoint key: %w", err)
	}
	return pem.EncodeToMemory(&pem.Block{Type: privateBlock, Bytes: privateDER}),
		pem.EncodeToMemory(&pem.Block{Type: publicBlock, Bytes: publicDER}), nil
}

// ParseKey reads the private key that signs checkpoints: PKCS#8 in PEM,
// Ed25519 or ECDSA. ErrKeyFile for anything else; the error shows nothing of it.
func ParseKey(file []byte) (crypto.Signer, error) {
	block, _ := pem.Decode(file)
	if block == nil || block.Type != privateBlock {
		return nil, fmt.Errorf("%w: want PEM with a %s", ErrKeyFile, privateBlock)
	}
	key, err := x509.ParsePKCS8PrivateKey(block.Bytes)
	signer, ok := key.(crypto.Signer)
	if err != nil || !ok {
		return nil, fmt.Errorf("%w: want PKCS#8", ErrKeyFile)
	}
	if _, err := NewSigner(signer); err != nil {
		return nil, err
	}
	return signer, nil
}

// ParsePublicKey reads one public key in PEM. ErrKeyFile for anything else.
func ParsePublicKey(file []byte) (crypto.PublicKey, error) {
	block, _ := pem.Decode(file)
	if block == nil || block.Type != publicBlock {
		return nil, fmt.Errorf("%w: want PEM with a %s", ErrKeyFile, publicBlock)
	}
	key, err := x509.ParsePKIXPublicKey(block.Bytes)
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrKeyFile, err)
	}
	return key, nil
}

// ReadKeys reads the keys that verify checkpoints from every *.pem of a folder.
func ReadKeys(folder fs.FS) (Keys, error) {
	found, err := ReadPublicKeys(folder)
	if err != nil {
		return nil, err
	}
	return NewKeys(found...)
}

// ReadPublicKeys reads every *.pem of a folder.
func ReadPublicKeys(folder fs.FS) ([]crypto.PublicKey, error) {
	names, err := fs.Glob(folder, "*.pem")
	if err != nil {
		return nil, err
	}
	keys := make([]crypto.PublicKey, 0, len(names))
	for _, name := range names {
		data, err := fs.ReadFile(folder, name)
		if err != nil {
			return nil, fmt.Errorf("checkpoint keys: %w", err)
		}
		key, err := ParsePublicKey(data)
		if err != nil {
			return nil, fmt.Errorf("checkpoint keys: %s: %w", name, err)
		}
		keys = append(keys, key)
	}
	return keys, nil
}
