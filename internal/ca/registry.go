package ca

import (
	"crypto"
	"errors"
	"fmt"

	"github.com/remote-issuance/remote-issuance/internal/pki/alg"
)

// ErrNoIssuer is returned for a key that no issuer certifies, and for a name that no issuer has.
var ErrNoIssuer = errors.New("no issuer")

// Registry picks the issuer by the kind of the subject's key: bign keys are
// certified with bign, the others with theirs.
type Registry struct {
	list  []Issuer
	named map[string]Issuer
	keys  map[alg.KeyAlgorithm]Issuer
}

// NewRegistry refuses two issuers of one name or for one kind of key.
func NewRegistry(issuers ...Issuer) (*Registry, error) {
	r := &Registry{list: issuers, named: make(map[string]Issuer), keys: make(map[alg.KeyAlgorithm]Issuer)}
	if len(issuers) == 0 {
		return nil, fmt.Errorf("%w is configured", ErrNoIssuer)
	}
	for _, i := range issuers {
		if _, ok := r.named[i.Name()]; ok {
			return nil, fmt.Errorf("%w: two are named %s", ErrIssuer, i.Name())
		}
		r.named[i.Name()] = i
		for _, k := range i.SubjectKeys() {
			if other, ok := r.keys[k]; ok {
				return nil, fmt.Errorf("%w: %s and %s both certify %s keys", ErrIssuer, other.Name(), i.Name(), k)
			}
			r.keys[k] = i
		}
	}
	return r, nil
}

// For gives the issuer that certifies a public key.
func (r *Registry) For(public crypto.PublicKey) (Issuer, error) {
	kind, err := alg.KeyAlgorithmOf(public)
	if err != nil {
		return nil, err
	}
	i, ok := r.keys[kind]
	if !ok {
		return nil, fmt.Errorf("%w certifies %s keys", ErrNoIssuer, kind)
	}
	return i, nil
}

// Named gives the issuer of a name.
func (r *Registry) Named(name string) (Issuer, error) {
	i, ok := r.named[name]
	if !ok {
		return nil, fmt.Errorf("%w is named %q", ErrNoIssuer, name)
	}
	return i, nil
}

// All gives every issuer, in the order in which they were registered.
func (r *Registry) All() []Issuer { return r.list }
