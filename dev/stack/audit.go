package stack

import (
	"errors"
	"os"
	"path/filepath"

	"github.com/remote-issuance/remote-issuance/internal/audit"
)

// auditKeyFile is the key that seals the audit log of this data directory.
func (s *Stack) auditKeyFile() string { return filepath.Join(s.dir, "audit.pem") }

// makeAuditKey makes the key once per data directory; its public half lies beside it.
func (s *Stack) makeAuditKey() error {
	path := s.auditKeyFile()
	if _, err := os.Stat(path); err == nil {
		return nil
	}
	private, public, err := audit.GenerateKey()
	if err != nil {
		return err
	}
	return errors.Join(os.WriteFile(path+".pub.pem", public, 0o644), os.WriteFile(path, private, 0o600))
}
