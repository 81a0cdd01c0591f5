package process

import (
	"crypto/rand"

	"github.com/remote-issuance/remote-issuance/internal/storage"
)

// HashesAtOnce bounds the memory of password hashing: 19 MiB each.
const HashesAtOnce = 4

// Desk makes and reveals the credentials of the certificate storage.
func (b *Base) Desk(store storage.Store) (*storage.Desk, error) {
	hasher, err := storage.NewHasher(storage.DefaultCost(), HashesAtOnce)
	if err != nil {
		return nil, err
	}
	return storage.NewDesk(store, hasher, b.Config.Keys.Master.Keyring(), rand.Reader, storage.DefaultTerm)
}
