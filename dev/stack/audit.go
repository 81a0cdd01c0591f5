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
	if _, err := os.Stat(path); err != nil {
		private, public, err := audit.GenerateKey()
		if err != nil {
			return err
		}
		if err := errors.Join(os.WriteFile(path+".pub.pem", public, 0o644), os.WriteFile(path, private, 0o600)); err != nil {
			return err
		}
	}
	public, err := os.ReadFile(path + ".pub.pem")
	return errors.Join(err, os.MkdirAll(s.auditPublicDir(), 0o755), os.WriteFile(filepath.Join(s.auditPublicDir(), "audit.pub.pem"), public, 0o644))
}

// auditPublicDir holds the public key alone, for those who verify.
func (s *Stack) auditPublicDir() string { return filepath.Join(s.dir, "audit-public") }
