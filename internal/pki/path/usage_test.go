package path_test

import (
	"crypto/x509"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"golang.org/x/crypto/cryptobyte"

	"github.com/remote-issuance/remote-issuance/internal/pki"
	"github.com/remote-issuance/remote-issuance/internal/pki/der"
	"github.com/remote-issuance/remote-issuance/internal/pki/fault"
	"github.com/remote-issuance/remote-issuance/internal/pki/path"
)

// usagePeriod is PrivateKeyUsagePeriod with the ends that are not zero.
func usagePeriod(from, to time.Time) pki.Extension {
	return pki.Extension{OID: pki.OIDPrivateKeyUsagePeriod, Value: der.Value(func(b *cryptobyte.Builder) {
		der.AddSequence(b, func(b *cryptobyte.Builder) {
			for n, at := range []time.Time{from, to} {
				if !at.IsZero() {
					b.AddASN1(der.ContextTag(uint8(n)), func(b *cryptobyte.Builder) { b.AddBytes([]byte(at.UTC().Format("20060102150405Z"))) })
				}
			}
		})
	})}
}

func critical(e pki.Extension) pki.Extension {
	e.Critical = true
	return e
}

func TestA1_KeysAreUsedForWhatTheyAreFor(t *testing.T) {
	root := issue(t, "root", nil, step{})
	code := der.OID{1, 3, 6, 1, 5, 5, 7, 3, 3}
	const sign, repudiate, encipher = x509.KeyUsageDigitalSignature, x509.KeyUsageContentCommitment, x509.KeyUsageKeyEncipherment
	day := 24 * time.Hour
	for name, c := range map[string]struct {
		step                    step
		signIn, list, documents bool
	}{
		"no usage told":                {step{notCA: true}, true, true, true},
		"digital signature":            {step{notCA: true, usage: sign}, true, true, true},
		"representative":               {step{notCA: true, usage: sign | encipher}, true, true, true},
		"non-repudiation":              {step{notCA: true, usage: repudiate}, false, true, true},
		"encipherment":                 {step{notCA: true, usage: encipher}, false, false, false},
		"a CA":                         {step{}, false, false, true},
		"a CA that also signs":         {step{usage: sign | x509.KeyUsageCertSign}, false, false, true},
		"signs lists of certificates":  {step{notCA: true, usage: sign | x509.KeyUsageCRLSign}, false, false, true},
		"other purpose":                {step{notCA: true, extensions: []pki.Extension{pki.ExtKeyUsageExtension(code)}}, false, true, true},
		"a purpose of the state's":     {step{notCA: true, extensions: []pki.Extension{pki.ExtKeyUsageExtension(der.OID{1, 2, 112, 1, 2, 1})}}, true, true, true},
		"for servers and clients":      {step{notCA: true, extensions: []pki.Extension{pki.ExtKeyUsageExtension(der.OID{1, 3, 6, 1, 5, 5, 7, 3, 1}, pki.OIDClientAuth)}}, true, true, true},
		"for OCSP and code":            {step{notCA: true, extensions: []pki.Extension{pki.ExtKeyUsageExtension(der.OID{1, 3, 6, 1, 5, 5, 7, 3, 9}, code)}}, false, true, true},
		"other purpose, critical":      {step{notCA: true, extensions: []pki.Extension{critical(pki.ExtKeyUsageExtension(code))}}, false, false, false},
		"one of two purposes":          {step{notCA: true, extensions: []pki.Extension{critical(pki.ExtKeyUsageExtension(code, pki.OIDClientAuth))}}, true, true, true},
		"any purpose":                  {step{notCA: true, extensions: []pki.Extension{critical(pki.ExtKeyUsageExtension(der.OID{2, 5, 29, 37, 0}))}}, true, true, true},
		"documents only":               {step{notCA: true, extensions: []pki.Extension{critical(pki.ExtKeyUsageExtension(der.OID{1, 3, 6, 1, 5, 5, 7, 3, 36}))}}, false, true, true},
		"within the period of the key": {step{notCA: true, extensions: []pki.Extension{usagePeriod(reference.Add(-day), reference)}}, true, true, true},
		"after the period of the key":  {step{notCA: true, extensions: []pki.Extension{usagePeriod(time.Time{}, reference.Add(-time.Second))}}, false, false, false},
		"before the period of the key": {step{notCA: true, extensions: []pki.Extension{usagePeriod(reference.Add(time.Second), time.Time{})}}, false, false, false},
		"a period nobody can read":     {step{notCA: true, extensions: []pki.Extension{{OID: pki.OIDPrivateKeyUsagePeriod, Value: []byte{5, 0}}}}, false, false, false},
	} {
		t.Run(name, func(t *testing.T) {
			cert := issue(t, "leaf", root, c.step).cert
			for what, one := range map[string]struct {
				err  error
				want bool
			}{
				"sign in": {path.MaySignIn(cert, reference), c.signIn}, "list": {path.MaySignList(cert, reference), c.list},
				"documents": {path.MaySignDocuments(cert, reference), c.documents},
			} {
				require.Equal(t, one.want, one.err == nil, "%s: %v", what, one.err)
				if one.err != nil {
					require.Contains(t, []fault.Code{fault.KeyUsage, fault.Malformed}, fault.CodeOf(one.err), what)
				}
			}
		})
	}
}
