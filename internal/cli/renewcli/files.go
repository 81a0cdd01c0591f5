package renewcli

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/remote-issuance/remote-issuance/internal/pki"
	"github.com/remote-issuance/remote-issuance/internal/pki/bpki"
	"github.com/remote-issuance/remote-issuance/internal/pki/cms"
	"github.com/remote-issuance/remote-issuance/internal/stb/bign"
)

// The files of a renewal.
const (
	fileKey         = "new.key"
	fileRequest     = "request.cms"
	fileCertificate = "new.cer"
)

// directory holds the files of one renewal.
type directory string

func (d directory) path(name string) string { return filepath.Join(string(d), name) }

// read reads a file of the renewal; false when it was not written yet.
func (d directory) read(name string) ([]byte, bool, error) {
	data, err := readLimited(d.path(name))
	if errors.Is(err, fs.ErrNotExist) {
		return nil, false, nil
	}
	return data, err == nil, err
}

// write writes a new file, for its owner only, down to the disk; it refuses to write
// over one.
func (d directory) write(name string, data []byte) error {
	if err := os.MkdirAll(string(d), 0o700); err != nil {
		return err
	}
	f, err := os.OpenFile(d.path(name), os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return err
	}
	_, err = f.Write(data)
	if err = errors.Join(err, f.Sync(), f.Close()); err != nil {
		return fmt.Errorf("%s: %w", d.path(name), err)
	}
	return d.sync()
}

// sync makes the names of new files outlive a power cut.
func (d directory) sync() error {
	f, err := os.Open(string(d))
	if err != nil {
		return err
	}
	return errors.Join(f.Sync(), f.Close())
}

// damaged tells what to do with a file that a crash has cut short.
func (d directory) damaged(name string, err error) error {
	return fmt.Errorf("%s is damaged (%w): nothing is written over it, take another directory for --out", d.path(name), err)
}

const maxFile = 256 << 10

func readLimited(name string) ([]byte, error) {
	f, err := os.Open(name) //nolint:gosec // the user names the file
	if err != nil {
		return nil, err
	}
	defer func() { _ = f.Close() }()
	data, err := io.ReadAll(io.LimitReader(f, maxFile+1))
	if err == nil && len(data) > maxFile {
		err = fmt.Errorf("%s is too large", name)
	}
	return data, err
}

// readCertificate reads the first certificate of a file.
func readCertificate(name string) (*pki.Certificate, error) {
	data, err := readLimited(name)
	if err != nil {
		return nil, err
	}
	list, err := cms.ParseCertificates(data)
	if err == nil && len(list) == 0 {
		err = errors.New("no certificate in it")
	}
	if err != nil {
		return nil, fmt.Errorf("%s: %w", name, err)
	}
	return list[0], nil
}

// readPassword reads a file of one line.
func readPassword(name string) ([]byte, error) {
	data, err := readLimited(name)
	if err != nil {
		return nil, err
	}
	password := bytes.TrimRight(data, "\r\n")
	if len(password) == 0 || bytes.ContainsAny(password, "\r\n\x00") {
		return nil, fmt.Errorf("%s: want one line with the password", name)
	}
	return password, nil
}

// openKey opens a container with the password of a file.
func openKey(name, passwordFile string) (*bign.PrivateKey, error) {
	password, err := readPassword(passwordFile)
	if err != nil {
		return nil, err
	}
	defer clear(password)
	container, err := readLimited(name)
	if err != nil {
		return nil, err
	}
	key, err := bpki.OpenKey(container, password)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", name, err)
	}
	return key, nil
}
