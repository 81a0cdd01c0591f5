package worker

import (
	"errors"
	"fmt"
	"os"

	"github.com/remote-issuance/remote-issuance/internal/config"
)

// folders are those that the worker writes into.
func folders(c config.Worker) error {
	return errors.Join(writable("TRUST_DIR", c.Trust.Dir), writable("STATEMENTS_DIR", c.Statements.Dir),
		writable("ERIP_REGISTERS_DIR", c.Settlement.Dir))
}

// writable tries to write into a directory at the start: otherwise the first
// revocation list that cannot be published says it, hours later.
func writable(variable string, dir config.Dir) error {
	if dir == "" {
		return nil
	}
	probe, err := os.CreateTemp(string(dir), ".probe-*")
	if err != nil {
		return fmt.Errorf("%s: user %d has to be able to write there: %w", variable, os.Getuid(), err)
	}
	return errors.Join(probe.Close(), os.Remove(probe.Name()))
}
