package process

import (
	"crypto/rand"

	"github.com/remote-issuance/remote-issuance/internal/storage"
)

// HashesAtOnce bounds the memory of verifying password hashes of earlier versions: 19 MiB each.
const HashesAtOnce = 4

// CredentialIssuer makes and reveals the credentials of the certificate storage.
func (b *Base) CredentialIssuer(store storage.Store) (*storage.Issuer, error) {
	hasher, err := storage.NewHasher(b.Config.Keys.Master.Keyring(), HashesAtOnce)
	if err != nil {
		return nil, err
	}
	return storage.NewIssuer(store, hasher, b.Config.Keys.Master.Keyring(), rand.Reader, storage.DefaultTerm)
}
