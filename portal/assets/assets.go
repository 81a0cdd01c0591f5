package assets

import (
	"bytes"
	"compress/gzip"
	"crypto/sha256"
	"embed"
	"encoding/base64"
	"fmt"
	"io/fs"
	"maps"
	"mime"
	"net/http"
	"path"
	"regexp"
	"slices"
	"strconv"
	"strings"
)

// Prefix begins the address of every asset.
const Prefix = "/assets/"

//go:embed files
var files embed.FS

// asset is one file as it is served.
type asset struct {
	kind          string
	plain, packed []byte
	address       string
}

// Store finds assets by name and answers requests for them.
type Store struct {
	byName, byAddress map[string]*asset
}

// Load reads the embedded files, and more of other packages, whose names must
// not be taken. It fails only when the build is broken.
func Load(more ...fs.FS) (*Store, error) {
	own, err := fs.Sub(files, "files")
	if err != nil {
		return nil, err
	}
	s := &Store{byName: map[string]*asset{}, byAddress: map[string]*asset{}}
	for _, from := range append([]fs.FS{own}, more...) {
		if err := s.add(from); err != nil {
			return nil, fmt.Errorf("assets: %w", err)
		}
	}
	return s, nil
}

func (s *Store) add(from fs.FS) error {
	return fs.WalkDir(from, ".", func(name string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || mime.TypeByExtension(path.Ext(name)) == "" || strings.HasSuffix(name, ".txt") {
			return err
		}
		if _, taken := s.byName[name]; taken {
			return fmt.Errorf("%s is there twice", name)
		}
		content, err := fs.ReadFile(from, name)
		if err != nil {
			return err
		}
		a, err := prepare(name, content)
		if err == nil {
			s.byName[name], s.byAddress[a.address] = a, a
		}
		return err
	})
}

// typeface are the declarations of a typeface and a crest that only GOV.UK may
// show: the file stays as it was published, what is served does without them.
var typeface = regexp.MustCompile(`@font-face\{[^}]*\}`)

func prepare(name string, content []byte) (*asset, error) {
	if name == "govuk-frontend.min.css" {
		content = typeface.ReplaceAll(content, nil)
		content = bytes.ReplaceAll(content, []byte("GDS Transport,arial,sans-serif"), []byte("system-ui,-apple-system,Segoe UI,Roboto,Noto Sans,arial,sans-serif"))
		content = bytes.ReplaceAll(content, []byte("url(/assets/images/govuk-crest.svg)"), []byte("none"))
	}
	// Source maps are not shipped; browsers would ask for them.
	content = regexp.MustCompile(`(?m)(//|/\*)# sourceMappingURL=\S+( \*/)?\s*$`).ReplaceAll(content, nil)
	sum := sha256.Sum256(content)
	a := &asset{plain: content, kind: mime.TypeByExtension(path.Ext(name)), address: Prefix + base64.RawURLEncoding.EncodeToString(sum[:9]) + "/" + name}
	var packed bytes.Buffer
	w, err := gzip.NewWriterLevel(&packed, gzip.BestCompression)
	if err != nil {
		return nil, err
	}
	if _, err := w.Write(content); err != nil {
		return nil, err
	}
	if err := w.Close(); err != nil {
		return nil, err
	}
	a.packed = packed.Bytes()
	return a, nil
}

// Address is where the asset is served; empty for one that is not there.
func (s *Store) Address(name string) string {
	if a, ok := s.byName[name]; ok {
		return a.address
	}
	return ""
}

// Names lists the assets.
func (s *Store) Names() []string { return slices.Sorted(maps.Keys(s.byName)) }

// Weight is how many octets of the asset travel, compressed; 0 for one that is not there.
func (s *Store) Weight(name string) int {
	if a, ok := s.byName[name]; ok {
		return len(a.packed)
	}
	return 0
}

// ServeHTTP answers with an asset, or with 404.
func (s *Store) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	a, ok := s.byAddress[r.URL.Path]
	if !ok {
		http.NotFound(w, r)
		return
	}
	h := w.Header()
	h.Set("Content-Type", a.kind)
	h.Set("Cache-Control", "public, max-age=31536000, immutable")
	h.Set("X-Content-Type-Options", "nosniff")
	// A worker has the policy that its own script came with, not that of the page.
	h.Set("Content-Security-Policy", "default-src 'none'; script-src 'self' 'wasm-unsafe-eval'; connect-src 'self'")
	h.Set("Vary", "Accept-Encoding")
	content := a.plain
	if strings.Contains(r.Header.Get("Accept-Encoding"), "gzip") {
		h.Set("Content-Encoding", "gzip")
		content = a.packed
	}
	h.Set("Content-Length", strconv.Itoa(len(content)))
	_, _ = w.Write(content)
}
