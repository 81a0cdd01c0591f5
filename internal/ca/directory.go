package ca

import (
	"context"
	"crypto"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"path"

	"github.com/remote-issuance/remote-issuance/internal/pki/cms"
)

// Files of an issuer's folder; its name is the folder's.
const (
	// FileCertificate holds the issuer's certificate and then those of its issuers, in PEM.
	FileCertificate = "certificate.pem"
	// FileKey holds the encrypted private key: see DecryptKey.
	FileKey = "key.pem"
	// FileToken says, in the place of FileKey, where in a token the key is: see Token.
	FileToken = "token.json"
	// FileProfile holds the Profile.
	FileProfile = "profile.json"
)

// Secret gives the passphrase of an issuer's key file, or the PIN of its token.
type Secret func(ctx context.Context, issuer string) ([]byte, error)

// Token says where a key is in a PKCS#11 token.
type Token struct {
	// Module is the path of the vendor's library.
	Module string `json:"module"`
	// TokenLabel names the token, KeyLabel the pair of keys in it.
	TokenLabel string `json:"tokenLabel"`
	KeyLabel   string `json:"keyLabel"`
}

// LoadDirectory makes an issuer of every folder in a directory, in order of
// their names.
func LoadDirectory(ctx context.Context, directory fs.FS, secret Secret, random io.Reader) (*Registry, error) {
	entries, err := fs.ReadDir(directory, ".")
	if err != nil {
		return nil, fmt.Errorf("issuers: %w", err)
	}
	var issuers []Issuer
	for _, e := range entries {
		if !e.IsDir() {
			continue
		}
		folder, err := fs.Sub(directory, e.Name())
		if err != nil {
			return nil, fmt.Errorf("issuer %s: %w", e.Name(), err)
		}
		a, err := LoadFolder(ctx, e.Name(), folder, secret, random)
		if err != nil {
			return nil, err
		}
		issuers = append(issuers, a)
	}
	return NewRegistry(issuers...)
}

// LoadFolder makes one issuer of its folder.
func LoadFolder(ctx context.Context, name string, folder fs.FS, secret Secret, random io.Reader) (*Authority, error) {
	raw, err := fs.ReadFile(folder, FileProfile)
	if err != nil {
		return nil, fmt.Errorf("issuer %s: %w", name, err)
	}
	profile, err := ParseProfile(raw)
	if err != nil {
		return nil, fmt.Errorf("issuer %s: %w", name, err)
	}
	if raw, err = fs.ReadFile(folder, FileCertificate); err != nil {
		return nil, fmt.Errorf("issuer %s: %w", name, err)
	}
	chain, err := cms.ParseCertificates(raw)
	if err != nil {
		return nil, fmt.Errorf("issuer %s: %s: %w", name, FileCertificate, err)
	}
	pass, err := secret(ctx, name)
	if err != nil {
		return nil, fmt.Errorf("issuer %s: passphrase: %w", name, err)
	}
	signer, err := openKey(folder, pass)
	if err != nil {
		return nil, fmt.Errorf("issuer %s: %w", name, err)
	}
	return NewAuthority(name, chain, signer, profile, random)
}

func openKey(folder fs.FS, secret []byte) (crypto.Signer, error) {
	file, err := fs.ReadFile(folder, FileKey)
	if err == nil {
		return DecryptKey(file, secret)
	}
	if !errors.Is(err, fs.ErrNotExist) {
		return nil, err
	}
	if file, err = fs.ReadFile(folder, FileToken); err != nil {
		return nil, fmt.Errorf("neither %s nor %s: %w", FileKey, FileToken, err)
	}
	var t Token
	if err := json.Unmarshal(file, &t); err != nil {
		return nil, fmt.Errorf("%s: %w", FileToken, err)
	}
	if t.TokenLabel == "" || t.KeyLabel == "" || !path.IsAbs(t.Module) {
		return nil, fmt.Errorf("%s: want tokenLabel, keyLabel and the absolute path of the module", FileToken)
	}
	return OpenToken(t, secret)
}
