package path_test

import (
	"crypto"
	"crypto/rand"
	"crypto/x509"
	"math/big"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/remote-issuance/remote-issuance/internal/pki"
	"github.com/remote-issuance/remote-issuance/internal/pki/alg"
	"github.com/remote-issuance/remote-issuance/internal/pki/der"
	"github.com/remote-issuance/remote-issuance/internal/pki/fault"
	"github.com/remote-issuance/remote-issuance/internal/pki/path"
)

// node is a certificate with its key, for paths made in tests.
type node struct {
	cert *pki.Certificate
	key  crypto.Signer
}

// step says how one certificate of a path differs from a good one.
type step struct {
	notCA      bool
	maxPath    *int
	usage      x509.KeyUsage
	from, to   time.Time
	extensions []pki.Extension
	noKeyIDs   bool
}

// issue makes a certificate under a parent, or a root without one.
func issue(t *testing.T, name string, parent *node, s step) *node {
	t.Helper()
	key, err := alg.GenerateKey(alg.KeyECDSAP256, rand.Reader)
	require.NoError(t, err)
	subject, err := pki.NewName(der.UTF8String, pki.NameAttribute{Type: pki.OIDCommonName, Value: name})
	require.NoError(t, err)
	id, err := alg.SubjectKeyID(key.Public())
	require.NoError(t, err)
	serial, err := pki.NewSerial()
	require.NoError(t, err)
	if s.from.IsZero() {
		s.from, s.to = reference.AddDate(-1, 0, 0), reference.AddDate(1, 0, 0)
	}
	extensions := s.extensions
	if !s.notCA {
		limit := -1
		if s.maxPath != nil {
			limit = *s.maxPath
		}
		extensions = append(extensions, pki.BasicConstraintsExtension(true, limit))
	}
	if s.usage != 0 {
		extensions = append(extensions, pki.KeyUsageExtension(s.usage))
	}
	issuer, signer := subject, key
	if parent != nil {
		issuer, signer = parent.cert.SubjectName, parent.key
	}
	if !s.noKeyIDs {
		extensions = append(extensions, pki.SubjectKeyIDExtension(id))
		if parent != nil {
			extensions = append(extensions, pki.AuthorityKeyIDExtension(parent.cert.SubjectKeyID))
		}
	}
	c, err := pki.BuildCertificate(pki.Template{
		SerialNumber: serial, Subject: subject, NotBefore: s.from, NotAfter: s.to, PublicKey: key.Public(), Extensions: extensions,
	}, issuer, signer)
	require.NoError(t, err)
	return &node{c, key}
}

func (n *node) list(t *testing.T, from, to time.Time, revoked ...pki.Revoked) *pki.CRL {
	t.Helper()
	crl, err := pki.BuildCRL(pki.CRLTemplate{Number: big.NewInt(from.Unix()), ThisUpdate: from, NextUpdate: to, Entries: revoked}, n.cert, n.key)
	require.NoError(t, err)
	return crl
}

func limit(n int) *int { return &n }

func TestA1_PathConstraintsAreKept(t *testing.T) {
	unknownCritical := []pki.Extension{{OID: der.OID{1, 2, 3, 4}, Critical: true, Value: []byte{5, 0}}}
	for name, c := range map[string]struct {
		root, sub, leaf step
		options         path.Options
		want            fault.Code
	}{
		"good":                      {leaf: step{notCA: true}},
		"without key ids":           {step{noKeyIDs: true}, step{noKeyIDs: true}, step{notCA: true, noKeyIDs: true}, path.Options{}, ""},
		"issuer is no ca":           {sub: step{notCA: true}, leaf: step{notCA: true}, want: fault.NotCA},
		"issuer may not sign":       {sub: step{usage: x509.KeyUsageDigitalSignature}, leaf: step{notCA: true}, want: fault.NotCA},
		"issuer may sign":           {sub: step{usage: x509.KeyUsageCertSign}, leaf: step{notCA: true}},
		"path length kept":          {root: step{maxPath: limit(1)}, sub: step{maxPath: limit(0)}, leaf: step{notCA: true}},
		"path too long":             {root: step{maxPath: limit(0)}, leaf: step{notCA: true}, want: fault.PathTooLong},
		"expired":                   {leaf: step{notCA: true, from: reference.AddDate(-2, 0, 0), to: reference.Add(-time.Second)}, want: fault.Expired},
		"last second":               {leaf: step{notCA: true, from: reference.AddDate(-2, 0, 0), to: reference}},
		"first second":              {leaf: step{notCA: true, from: reference, to: reference.AddDate(1, 0, 0)}},
		"not yet valid":             {leaf: step{notCA: true, from: reference.Add(time.Second), to: reference.AddDate(1, 0, 0)}, want: fault.NotYetValid},
		"issuer expired":            {sub: step{from: reference.AddDate(-2, 0, 0), to: reference.Add(-time.Second)}, leaf: step{notCA: true}, want: fault.Expired},
		"critical unknown":          {leaf: step{notCA: true, extensions: unknownCritical}, want: fault.CriticalExtension},
		"critical unknown accepted": {leaf: step{notCA: true, extensions: unknownCritical}, options: path.Options{Critical: []der.OID{{1, 2, 3, 4}}}},
		"issuer's critical":         {sub: step{extensions: unknownCritical}, leaf: step{notCA: true}, want: fault.CriticalExtension},
		"usage missing":             {leaf: step{notCA: true, usage: x509.KeyUsageKeyAgreement}, options: path.Options{KeyUsage: x509.KeyUsageDigitalSignature}, want: fault.KeyUsage},
		"usage there":               {leaf: step{notCA: true, usage: x509.KeyUsageDigitalSignature}, options: path.Options{KeyUsage: x509.KeyUsageDigitalSignature}},
		"policy missing":            {leaf: step{notCA: true}, options: path.Options{Policies: []der.OID{{1, 2, 3}}}, want: fault.Policy},
		"policy there":              {leaf: step{notCA: true, extensions: []pki.Extension{pki.PoliciesExtension(der.OID{1, 2, 3})}}, options: path.Options{Policies: []der.OID{{1, 2, 3}}}},
	} {
		t.Run(name, func(t *testing.T) {
			root := issue(t, "root", nil, c.root)
			sub := issue(t, "sub", root, c.sub)
			leaf := issue(t, "leaf", sub, c.leaf)
			c.options.Revocation = path.RevocationOff
			v := path.NewValidator(path.Trust{Roots: []*pki.Certificate{root.cert}, Intermediates: []*pki.Certificate{sub.cert}}, c.options)
			chain, err := v.Validate(leaf.cert, reference)
			require.Equal(t, c.want, fault.CodeOf(err), "%v", err)
			if c.want == "" {
				require.Len(t, chain, 3)
			}
		})
	}
}

func TestA1_IssuersAreFoundAndToldApart(t *testing.T) {
	root, impostor := issue(t, "root", nil, step{}), issue(t, "root", nil, step{})
	sub := issue(t, "sub", root, step{})
	leaf := issue(t, "leaf", sub, step{notCA: true})
	off := path.Options{Revocation: path.RevocationOff}

	_, err := path.NewValidator(path.Trust{}, off).Validate(leaf.cert, reference)
	require.Equal(t, fault.UnknownIssuer, fault.CodeOf(err))
	_, err = path.NewValidator(path.Trust{Roots: []*pki.Certificate{root.cert}}, off).Validate(leaf.cert, reference)
	require.Equal(t, fault.UnknownIssuer, fault.CodeOf(err))
	_, err = path.NewValidator(path.Trust{Roots: []*pki.Certificate{root.cert}}, off).Validate(leaf.cert, reference, sub.cert)
	require.NoError(t, err, "candidates of the message complete the path")
	_, err = path.NewValidator(path.Trust{Roots: []*pki.Certificate{impostor.cert}}, off).Validate(leaf.cert, reference, sub.cert)
	require.Equal(t, fault.UnknownIssuer, fault.CodeOf(err), "another key identifier")
	_, err = path.NewValidator(path.Trust{Roots: []*pki.Certificate{impostor.cert, root.cert}}, off).Validate(leaf.cert, reference, sub.cert)
	require.NoError(t, err, "the impostor does not hide the root")

	bare := issue(t, "root", nil, step{noKeyIDs: true})
	other := issue(t, "root", nil, step{noKeyIDs: true})
	child := issue(t, "child", bare, step{notCA: true, noKeyIDs: true})
	_, err = path.NewValidator(path.Trust{Roots: []*pki.Certificate{other.cert}}, off).Validate(child.cert, reference)
	require.Equal(t, fault.BadSignature, fault.CodeOf(err))
	_, err = path.NewValidator(path.Trust{Roots: []*pki.Certificate{bare.cert}}, off).With(path.Trust{}).Validate(bare.cert, reference)
	require.NoError(t, err, "a root is its own path")
}

// Many look-alike issuers must not make the search explode.
func TestA1_LookAlikesCostABoundedEffort(t *testing.T) {
	root := issue(t, "loop", nil, step{noKeyIDs: true})
	var many []*pki.Certificate
	parent := root
	for range 40 {
		parent = issue(t, "loop", parent, step{noKeyIDs: true})
		many = append(many, parent.cert)
	}
	stranger := issue(t, "loop", nil, step{noKeyIDs: true})
	leaf := issue(t, "leaf", stranger, step{notCA: true, noKeyIDs: true})
	v := path.NewValidator(path.Trust{Roots: []*pki.Certificate{root.cert}, Intermediates: many}, path.Options{Revocation: path.RevocationOff})
	_, err := v.Validate(leaf.cert, reference)
	require.NotEmpty(t, fault.CodeOf(err))
	_, err = v.Validate(many[30], reference)
	require.NotEmpty(t, fault.CodeOf(err), "a path of more than eight certificates")
	_, err = v.Validate(many[2], reference)
	require.NoError(t, err)
}

func TestTrustDirectoryIsSorted(t *testing.T) {
	dir := t.TempDir()
	_, err := path.LoadTrust(dir)
	require.ErrorContains(t, err, "no self-signed")
	_, err = path.LoadTrust(filepath.Join(dir, "none"))
	require.Error(t, err)
	root := issue(t, "root", nil, step{})
	sub := issue(t, "sub", root, step{})
	crl := root.list(t, reference, reference.Add(time.Hour))
	put := func(name string, data []byte) {
		require.NoError(t, os.WriteFile(filepath.Join(dir, name), data, 0o600))
	}
	key, err := alg.MarshalPrivateKey(root.key)
	require.NoError(t, err)
	put("chain.pem", pki.EncodeCertificates(root.cert, sub.cert))
	put("root.cer", root.cert.Raw)
	put("root.crl", crl.Raw)
	put("root.key.pem", key)
	put("README", []byte("text"))
	require.NoError(t, os.Mkdir(filepath.Join(dir, "more"), 0o700))
	trust, err := path.LoadTrust(dir)
	require.NoError(t, err)
	require.Len(t, trust.Roots, 1)
	require.Len(t, trust.Intermediates, 1)
	require.Len(t, trust.CRLs, 1)
	put("bad.cer", []byte("no certificate"))
	trust, err = path.LoadTrust(dir)
	require.NoError(t, err)
	require.Len(t, trust.Skipped, 1)
	require.Equal(t, "bad.cer", trust.Skipped[0].File)
	require.Equal(t, fault.Malformed, fault.CodeOf(trust.Skipped[0].Err))
	require.Len(t, trust.Roots, 1)
}
