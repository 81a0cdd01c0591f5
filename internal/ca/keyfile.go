package ca

import (
	"bytes"
	"crypto"
	"crypto/aes"
	"crypto/cipher"
	"crypto/pbkdf2"
	"crypto/rand"
	"crypto/sha256"
	"encoding/asn1"
	"encoding/pem"
	"errors"
	"fmt"

	"github.com/remote-issuance/remote-issuance/internal/pki"
	"github.com/remote-issuance/remote-issuance/internal/pki/alg"
)

// Errors of encrypted key files.
var (
	// ErrKeyFile is returned for a file that is no key in a form known here.
	ErrKeyFile = errors.New("not an encrypted private key: want PKCS#8 with PBES2, PBKDF2 with HMAC-SHA-256 and AES-256-CBC in PEM")
	// ErrPassphrase is returned when the passphrase does not open the file.
	ErrPassphrase = errors.New("the passphrase does not open the private key")
)

const (
	pemEncryptedKey = "ENCRYPTED PRIVATE KEY"
	keyLength       = 32
	saltLength      = 16
	// iterations of new files; OpenSSL's own default is 2048, which is read as well.
	iterations    = 600_000
	minIterations = 2048
	maxIterations = 10_000_000
)

func oidPBES2() pki.OID      { return pki.OID{1, 2, 840, 113549, 1, 5, 13} }
func oidPBKDF2() pki.OID     { return pki.OID{1, 2, 840, 113549, 1, 5, 12} }
func oidHMACSHA256() pki.OID { return pki.OID{1, 2, 840, 113549, 2, 9} }
func oidAES256CBC() pki.OID  { return pki.OID{2, 16, 840, 1, 101, 3, 4, 1, 42} }

// The structures of RFC 5958 (EncryptedPrivateKeyInfo) and RFC 8018 (PBES2).
type encryptedKey struct {
	Algorithm struct {
		OID        asn1.ObjectIdentifier
		Parameters pbes2
	}
	Data []byte
}

type pbes2 struct {
	Derivation struct {
		OID        asn1.ObjectIdentifier
		Parameters pbkdf2Parameters
	}
	Encryption struct {
		OID asn1.ObjectIdentifier
		IV  []byte
	}
}

type pbkdf2Parameters struct {
	Salt       []byte
	Iterations int
	Length     int `asn1:"optional"`
	PRF        struct {
		OID        asn1.ObjectIdentifier
		Parameters asn1.RawValue `asn1:"optional"`
	}
}

// EncryptKey writes a private key of any family as encrypted PKCS#8 in PEM,
// in a form that OpenSSL reads too.
func EncryptKey(key crypto.Signer, passphrase []byte) ([]byte, error) {
	return encryptKey(key, passphrase, iterations)
}

func encryptKey(key crypto.Signer, passphrase []byte, iterations int) ([]byte, error) {
	if len(passphrase) == 0 {
		return nil, ErrPassphrase
	}
	plainPEM, err := alg.MarshalPrivateKey(key)
	if err != nil {
		return nil, fmt.Errorf("encrypt private key: %w", err)
	}
	block, _ := pem.Decode(plainPEM)
	if block == nil {
		return nil, ErrKeyFile
	}
	random := make([]byte, saltLength+aes.BlockSize)
	if _, err := rand.Read(random); err != nil {
		return nil, fmt.Errorf("encrypt private key: %w", err)
	}
	var e encryptedKey
	e.Algorithm.OID = oidPBES2()
	p := &e.Algorithm.Parameters
	p.Derivation.OID = oidPBKDF2()
	p.Derivation.Parameters = pbkdf2Parameters{Salt: random[:saltLength], Iterations: iterations}
	p.Derivation.Parameters.PRF.OID = oidHMACSHA256()
	p.Derivation.Parameters.PRF.Parameters = asn1.NullRawValue
	p.Encryption.OID, p.Encryption.IV = oidAES256CBC(), random[saltLength:]
	mode, err := p.cipher(passphrase)
	if err != nil {
		return nil, err
	}
	pad := aes.BlockSize - len(block.Bytes)%aes.BlockSize
	e.Data = append(bytes.Clone(block.Bytes), bytes.Repeat([]byte{byte(pad)}, pad)...)
	cipher.NewCBCEncrypter(mode, p.Encryption.IV).CryptBlocks(e.Data, e.Data)
	der, err := asn1.Marshal(e)
	if err != nil {
		return nil, fmt.Errorf("encrypt private key: %w", err)
	}
	return pem.EncodeToMemory(&pem.Block{Type: pemEncryptedKey, Bytes: der}), nil
}

// DecryptKey reads a private key of any family from encrypted PKCS#8 in PEM.
// Errors: ErrKeyFile or ErrPassphrase; they hold nothing of the key.
func DecryptKey(file, passphrase []byte) (crypto.Signer, error) {
	block, _ := pem.Decode(file)
	if block == nil || block.Type != pemEncryptedKey {
		return nil, ErrKeyFile
	}
	var e encryptedKey
	rest, err := asn1.Unmarshal(block.Bytes, &e)
	p := e.Algorithm.Parameters
	if err != nil || len(rest) != 0 || !e.Algorithm.OID.Equal(oidPBES2()) || !p.sane() ||
		len(e.Data) == 0 || len(e.Data)%aes.BlockSize != 0 {
		return nil, ErrKeyFile
	}
	mode, err := p.cipher(passphrase)
	if err != nil {
		return nil, err
	}
	plain := bytes.Clone(e.Data)
	cipher.NewCBCDecrypter(mode, p.Encryption.IV).CryptBlocks(plain, plain)
	pad := int(plain[len(plain)-1])
	if pad < 1 || pad > aes.BlockSize || !bytes.Equal(plain[len(plain)-pad:], bytes.Repeat([]byte{byte(pad)}, pad)) {
		return nil, ErrPassphrase
	}
	key, err := alg.ParsePrivateKey(plain[:len(plain)-pad])
	if err != nil {
		// One wrong passphrase in 256 leaves good padding over nonsense.
		return nil, ErrPassphrase
	}
	return key, nil
}

// sane bounds the work that a foreign file can ask for.
func (p pbes2) sane() bool {
	d := p.Derivation.Parameters
	return p.Derivation.OID.Equal(oidPBKDF2()) && p.Encryption.OID.Equal(oidAES256CBC()) &&
		d.PRF.OID.Equal(oidHMACSHA256()) && len(p.Encryption.IV) == aes.BlockSize && len(d.Salt) >= 8 &&
		d.Iterations >= minIterations && d.Iterations <= maxIterations && (d.Length == 0 || d.Length == keyLength)
}

func (p pbes2) cipher(passphrase []byte) (cipher.Block, error) {
	d := p.Derivation.Parameters
	key, err := pbkdf2.Key(sha256.New, string(passphrase), d.Salt, d.Iterations, keyLength)
	if err != nil {
		return nil, fmt.Errorf("derive key: %w", err)
	}
	return aes.NewCipher(key)
}
