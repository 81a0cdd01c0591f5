package alg

import (
	"hash"

	"github.com/remote-issuance/remote-issuance/internal/pki/der"
	"github.com/remote-issuance/remote-issuance/internal/stb/bash"
	"github.com/remote-issuance/remote-issuance/internal/stb/belt"
)

// addSTB registers the Belarusian algorithms (STB 34.101.31, .45, .77). Their
// parameters must be NULL: absent ones are refused.
func (r *registry) addSTB() {
	stb := func(name string, oid der.OID, f func() hash.Hash) *Digest {
		return r.addDigest(&Digest{name: name, oid: oid, new: f, rule: parametersNull})
	}
	r.addBign(
		stb("belt-hash", belt.OIDHash, belt.New),
		stb("bash256", bash.OID256, bash.New256),
		stb("bash384", bash.OID384, bash.New384),
		stb("bash512", bash.OID512, bash.New512),
	)
}
