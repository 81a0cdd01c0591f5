package path

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/remote-issuance/remote-issuance/internal/clock"
	"github.com/remote-issuance/remote-issuance/internal/pki"
	"github.com/remote-issuance/remote-issuance/internal/pki/cms"
	"github.com/remote-issuance/remote-issuance/internal/pki/fault"
)

// Skipped is a file of a trust directory that could not be used.
type Skipped struct {
	// File is the name without the directory.
	File string
	Err  error
	// Kept is set when what the file held before stays in use.
	Kept bool
}

// Directory is what was read from a trust directory: certificates (*.cer, *.crt,
// *.pem, *.p7b) and revocation lists (*.crl), DER or PEM. PEM files without a
// certificate, such as keys, are passed over.
type Directory struct {
	dir     string
	files   []file
	skipped []Skipped
}

// file is one file with what it holds.
type file struct {
	name         string
	info         fs.FileInfo
	readAt       time.Time
	certificates []*pki.Certificate
	list         *pki.CRL
}

// settled is the age from which an unchanged time of modification proves that a
// file has not changed: file systems count in steps of up to two seconds.
const settled = 3 * time.Second

// errRoot is why a directory cannot be relied on at all.
var errRoot = errors.New("trust directory: no self-signed certificate in it")

// LoadTrust reads a directory once. One unusable file is skipped and takes
// nothing else away; without a root the directory is an error.
func LoadTrust(dir string) (Trust, error) {
	d, err := ReadDirectory(dir, nil, clock.Now())
	if err != nil {
		return Trust{}, err
	}
	return d.Trust(), nil
}

// ReadDirectory reads a directory, again when there is a last reading of it. What
// has become worse since keeps its last good state: a file that cannot be read
// any more, a list that is gone before it is stale, a list that is older than
// the one before. A certificate that is gone is not trusted any more. Without a
// root in it, or when it cannot be listed, the reading fails as a whole.
func ReadDirectory(dir string, last *Directory, now time.Time) (*Directory, error) {
	entries, err := os.ReadDir(dir)
	if err != nil {
		return nil, fmt.Errorf("trust directory: %w", err)
	}
	d := &Directory{dir: dir, files: nil, skipped: nil}
	for _, e := range entries {
		if kindOf(e.Name()) != kindOther && !e.IsDir() {
			d.read(e.Name(), last.file(e.Name()), now)
		}
	}
	d.keepLists(last, now)
	if len(d.Trust().Roots) == 0 {
		return nil, errRoot
	}
	return d, nil
}

// file finds a file of a reading; nil for none.
func (d *Directory) file(name string) *file {
	if d == nil {
		return nil
	}
	for i := range d.files {
		if d.files[i].name == name {
			return &d.files[i]
		}
	}
	return nil
}

func (d *Directory) read(name string, last *file, now time.Time) {
	path := filepath.Join(d.dir, name)
	info, err := os.Stat(path)
	if err == nil && last != nil && last.unchanged(info) {
		d.files = append(d.files, *last)
		return
	}
	f := file{name: name, info: info, readAt: now, certificates: nil, list: nil}
	if err == nil {
		err = f.load(path)
	}
	if err == nil && last != nil && last.list != nil && f.list != nil && f.list.Scope.Same(last.list.Scope) && later(last.list, f.list) {
		err = fault.New(fault.CRLStale, "the list is older than the one before")
	}
	if err != nil {
		d.skipped = append(d.skipped, Skipped{File: name, Err: err, Kept: last != nil})
		if last == nil {
			return
		}
		// Read again the next time, whatever the file system says.
		f = *last
		f.info = nil
	}
	d.files = append(d.files, f)
}

// unchanged tells whether the file is surely the one that was read.
func (f *file) unchanged(info fs.FileInfo) bool {
	return f.info != nil && os.SameFile(f.info, info) && f.info.Size() == info.Size() &&
		f.info.ModTime().Equal(info.ModTime()) && f.readAt.Sub(info.ModTime()) > settled
}

// keepLists keeps the lists whose files are gone for as long as they prove something.
func (d *Directory) keepLists(last *Directory, now time.Time) {
	if last == nil {
		return
	}
	for _, f := range last.files {
		if f.list == nil || d.file(f.name) != nil || freshness(f.list, now) != nil {
			continue
		}
		f.info = nil
		d.files = append(d.files, f)
		d.skipped = append(d.skipped, Skipped{File: f.name, Err: fs.ErrNotExist, Kept: true})
	}
}

type fileKind int

const (
	kindOther fileKind = iota
	kindCertificates
	kindList
)

func kindOf(name string) fileKind {
	switch strings.ToLower(filepath.Ext(name)) {
	case ".crl":
		return kindList
	case ".cer", ".crt", ".p7b", ".pem":
		return kindCertificates
	default:
		return kindOther
	}
}

func (f *file) load(path string) error {
	data, err := os.ReadFile(path)
	if err != nil {
		return err
	}
	if kindOf(f.name) == kindList {
		if f.list, err = pki.ParseCRLFile(data); err != nil {
			return err
		}
		return f.list.Usable()
	}
	f.certificates, err = cms.ParseCertificates(data)
	if err != nil && strings.EqualFold(filepath.Ext(f.name), ".pem") && !strings.Contains(string(data), "BEGIN CERTIFICATE-") {
		return nil
	}
	for _, c := range f.certificates {
		if !c.SubjectName.Readable() || !c.IssuerName.Readable() {
			return fault.New(fault.Malformed, "a name in a string type that cannot be read")
		}
	}
	return err
}

// Trust is what the files hold: self-signed certificates are roots, the others
// intermediates.
func (d *Directory) Trust() Trust {
	t := Trust{Roots: nil, Intermediates: nil, CRLs: nil, Skipped: d.skipped}
	for _, f := range d.files {
		for _, c := range f.certificates {
			t.Add(c)
		}
		if f.list != nil {
			t.CRLs = append(t.CRLs, f.list)
		}
	}
	return t
}

// Findings are the files that are skipped, and those that prove nothing at an
// instant: certificates out of force, lists that are stale, have not begun, or
// are signed by none of the certificates.
func (d *Directory) Findings(at time.Time) []Skipped {
	out := slices.Clone(d.skipped)
	trust := d.Trust()
	issuers := append(slices.Clone(trust.Roots), trust.Intermediates...)
	for _, f := range d.files {
		for _, c := range f.certificates {
			if err := inForce(c.NotBefore, c.NotAfter, at); err != nil {
				out = append(out, Skipped{File: f.name, Err: err, Kept: false})
			}
		}
		if f.list == nil {
			continue
		}
		err := freshness(f.list, at)
		if err == nil && !slices.ContainsFunc(issuers, func(c *pki.Certificate) bool {
			return c.SubjectName.Equal(f.list.IssuerName) && f.list.CheckSignatureFrom(c) == nil
		}) {
			err = fault.New(fault.CRLSignature, "no certificate here has signed the list")
		}
		if err != nil {
			out = append(out, Skipped{File: f.name, Err: err, Kept: false})
		}
	}
	return out
}

// Same tells whether both readings hold the same and skip the same.
func (d *Directory) Same(o *Directory) bool {
	return slices.EqualFunc(d.files, o.files, func(a, b file) bool {
		return a.name == b.name && a.list == b.list && slices.Equal(a.certificates, b.certificates)
	}) && SameSkipped(d.skipped, o.skipped)
}

// SameSkipped tells whether two readings skip the same files for the same reasons.
func SameSkipped(a, b []Skipped) bool {
	return slices.EqualFunc(a, b, func(x, y Skipped) bool {
		return x.File == y.File && x.Kept == y.Kept && x.Err.Error() == y.Err.Error()
	})
}
