package status

import (
	"encoding/hex"
	"errors"
	"fmt"
	"os"
	"path/filepath"

	"github.com/remote-issuance/remote-issuance/internal/pki"
)

// ReadLists reads the term of every revocation list (*.crl) of a directory; one
// that is none keeps nobody from seeing the others.
func ReadLists(dir string) ([]List, error) {
	if info, err := os.Stat(dir); err != nil || !info.IsDir() {
		return nil, errors.Join(fmt.Errorf("%s: not a directory", dir), err)
	}
	paths, err := filepath.Glob(filepath.Join(dir, "*.crl"))
	if err != nil {
		return nil, err
	}
	lists := make([]List, 0, len(paths))
	for _, path := range paths {
		list := List{Name: filepath.Base(path)}
		data, err := os.ReadFile(path)
		if err != nil {
			return nil, err
		}
		if crl, err := pki.ParseCRLFile(data); err != nil {
			list.Unreadable = true
		} else {
			list.Scope = fmt.Sprintf("%s %t %t", hex.EncodeToString(crl.IssuerName.Raw), crl.Scope.OnlyUsers, crl.Scope.OnlyCAs)
			list.ThisUpdate, list.NextUpdate = crl.ThisUpdate, crl.NextUpdate
		}
		lists = append(lists, list)
	}
	return lists, nil
}
