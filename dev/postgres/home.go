package postgres

import (
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"github.com/remote-issuance/remote-issuance/dev/ports"
)

// home is the folder that holds everything of the cluster: cluster/ (what initdb makes), password and port.
type home string

func (h home) cluster() string  { return filepath.Join(string(h), "cluster") }
func (h home) password() string { return filepath.Join(string(h), "password") }
func (h home) port() string     { return filepath.Join(string(h), "port") }

// openHome makes or finds DATA/postgres. Where the account cannot reach it (a clone in root's own home folder), it is a link to a
// folder under /var/tmp whose name is made from the data directory's.
func openHome(dataDir string, acct account) (home, error) {
	path := filepath.Join(dataDir, "postgres")
	if err := os.MkdirAll(dataDir, 0o755); err != nil {
		return "", err
	}
	if !acct.reaches(path) {
		if err := linkOutside(path, dataDir); err != nil {
			return "", err
		}
	}
	if err := os.MkdirAll(path, 0o700); err != nil {
		return "", err
	}
	real, err := filepath.EvalSymlinks(path)
	if err != nil {
		return "", err
	}
	if err := acct.own(real); err != nil {
		return "", fmt.Errorf("give %s to the user of PostgreSQL: %w", real, err)
	}
	return home(real), nil
}

func outsideDir(dataDir string) string {
	sum := sha256.Sum256([]byte(dataDir))
	return filepath.Join("/var/tmp", "remote-issuance-postgres-"+hex.EncodeToString(sum[:8]))
}

func linkOutside(path, dataDir string) error {
	outside := outsideDir(dataDir)
	if _, err := os.Lstat(path); err == nil {
		return os.MkdirAll(outside, 0o700)
	}
	// No link means that the data directory was emptied: what lies outside belongs to a state that is no more.
	if err := discard(outside); err != nil {
		return err
	}
	if err := os.MkdirAll(outside, 0o700); err != nil {
		return err
	}
	return os.Symlink(outside, path)
}

// Remove stops a server that still runs on the cluster of dataDir and deletes the cluster. Nothing there is not an error.
func Remove(dataDir string) error {
	dataDir, err := filepath.Abs(dataDir)
	if err != nil {
		return err
	}
	path := filepath.Join(dataDir, "postgres")
	if err := discard(outsideDir(dataDir)); err != nil {
		return err
	}
	return discard(path)
}

func discard(path string) error {
	if err := stopStale(home(path).cluster()); err != nil {
		return err
	}
	return os.RemoveAll(path)
}

// secret reads the password of the cluster's owner, or makes one. The file belongs to the account, because initdb reads it too.
func (h home) secret(acct account) (string, error) {
	raw, err := os.ReadFile(h.password())
	if err == nil {
		return strings.TrimSpace(string(raw)), nil
	}
	if !errors.Is(err, fs.ErrNotExist) {
		return "", err
	}
	random := make([]byte, 24)
	if _, err := rand.Read(random); err != nil {
		return "", err
	}
	password := hex.EncodeToString(random)
	if err := os.WriteFile(h.password(), []byte(password+"\n"), 0o600); err != nil {
		return "", err
	}
	return password, acct.own(h.password())
}

// choosePort returns the wanted port, else the one of the last start when it is free, else a free one; and remembers it.
func (h home) choosePort(wanted int) (int, error) {
	port := wanted
	if port == 0 {
		raw, err := os.ReadFile(h.port())
		if err == nil {
			port, _ = strconv.Atoi(strings.TrimSpace(string(raw)))
		}
		if port == 0 || !ports.IsFree("127.0.0.1", port) {
			port, err = ports.Free("127.0.0.1")
			if err != nil {
				return 0, err
			}
		}
	} else if !ports.IsFree("127.0.0.1", port) {
		return 0, fmt.Errorf("port %d of PostgreSQL is in use by another program", port)
	}
	return port, os.WriteFile(h.port(), []byte(strconv.Itoa(port)+"\n"), 0o600)
}
