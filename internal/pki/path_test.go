package pki

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
)

// node is a certificate with its key, for paths made in tests.
type node struct {
	cert *Certificate
	key  crypto.Signer
}

// step says how one certificate of a path differs from a good one.
type step struct {
	notCA      bool
	maxPath    *int
	usage      x509.KeyUsage
	from, to   time.Time
	extensions []Extension
	noKeyIDs   bool
}

// issue makes a certificate under a parent, or a root without one.
func issue(t *testing.T, name string, parent *node, s step) *node {
	t.Helper()
	key, err := GenerateKey(KeyECDSAP256, rand.Reader)
	require.NoError(t, err)
	subject, err := NewName(UTF8String, NameAttribute{Type: OIDCommonName, Value: name})
	require.NoError(t, err)
	id, err := SubjectKeyID(key.Public())
	require.NoError(t, err)
	serial, err := NewSerial()
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
		extensions = append(extensions, BasicConstraintsExtension(true, limit))
	}
	if s.usage != 0 {
		extensions = append(extensions, KeyUsageExtension(s.usage))
	}
	issuer, signer := subject, key
	if parent != nil {
		issuer, signer = parent.cert.SubjectName, parent.key
	}
	if !s.noKeyIDs {
		extensions = append(extensions, SubjectKeyIDExtension(id))
		if parent != nil {
			extensions = append(extensions, AuthorityKeyIDExtension(parent.cert.SubjectKeyID))
		}
	}
	c, err := BuildCertificate(Template{
		SerialNumber: serial, Subject: subject, NotBefore: s.from, NotAfter: s.to, PublicKey: key.Public(), Extensions: extensions,
	}, issuer, signer)
	require.NoError(t, err)
	return &node{c, key}
}

func (n *node) list(t *testing.T, from, to time.Time, revoked ...Revoked) *CRL {
	t.Helper()
	crl, err := BuildCRL(CRLTemplate{Number: big.NewInt(from.Unix()), ThisUpdate: from, NextUpdate: to, Entries: revoked}, n.cert, n.key)
	require.NoError(t, err)
	return crl
}

func limit(n int) *int { return &n }

func TestA1_PathConstraintsAreKept(t *testing.T) {
	unknownCritical := []Extension{{OID: OID{1, 2, 3, 4}, Critical: true, Value: []byte{5, 0}}}
	for name, c := range map[string]struct {
		root, sub, leaf step
		options         Options
		want            Code
	}{
		"good":                      {leaf: step{notCA: true}},
		"without key ids":           {step{noKeyIDs: true}, step{noKeyIDs: true}, step{notCA: true, noKeyIDs: true}, Options{}, ""},
		"issuer is no ca":           {sub: step{notCA: true}, leaf: step{notCA: true}, want: CodeNotCA},
		"issuer may not sign":       {sub: step{usage: x509.KeyUsageDigitalSignature}, leaf: step{notCA: true}, want: CodeNotCA},
		"issuer may sign":           {sub: step{usage: x509.KeyUsageCertSign}, leaf: step{notCA: true}},
		"path length kept":          {root: step{maxPath: limit(1)}, sub: step{maxPath: limit(0)}, leaf: step{notCA: true}},
		"path too long":             {root: step{maxPath: limit(0)}, leaf: step{notCA: true}, want: CodePathTooLong},
		"expired":                   {leaf: step{notCA: true, from: reference.AddDate(-2, 0, 0), to: reference.Add(-time.Second)}, want: CodeExpired},
		"last second":               {leaf: step{notCA: true, from: reference.AddDate(-2, 0, 0), to: reference}},
		"first second":              {leaf: step{notCA: true, from: reference, to: reference.AddDate(1, 0, 0)}},
		"not yet valid":             {leaf: step{notCA: true, from: reference.Add(time.Second), to: reference.AddDate(1, 0, 0)}, want: CodeNotYetValid},
		"issuer expired":            {sub: step{from: reference.AddDate(-2, 0, 0), to: reference.Add(-time.Second)}, leaf: step{notCA: true}, want: CodeExpired},
		"critical unknown":          {leaf: step{notCA: true, extensions: unknownCritical}, want: CodeCriticalExtension},
		"critical unknown accepted": {leaf: step{notCA: true, extensions: unknownCritical}, options: Options{Critical: []OID{{1, 2, 3, 4}}}},
		"issuer's critical":         {sub: step{extensions: unknownCritical}, leaf: step{notCA: true}, want: CodeCriticalExtension},
		"usage missing":             {leaf: step{notCA: true, usage: x509.KeyUsageKeyAgreement}, options: Options{KeyUsage: x509.KeyUsageDigitalSignature}, want: CodeKeyUsage},
		"usage there":               {leaf: step{notCA: true, usage: x509.KeyUsageDigitalSignature}, options: Options{KeyUsage: x509.KeyUsageDigitalSignature}},
		"policy missing":            {leaf: step{notCA: true}, options: Options{Policies: []OID{{1, 2, 3}}}, want: CodePolicy},
		"policy there":              {leaf: step{notCA: true, extensions: []Extension{PoliciesExtension(OID{1, 2, 3})}}, options: Options{Policies: []OID{{1, 2, 3}}}},
	} {
		t.Run(name, func(t *testing.T) {
			root := issue(t, "root", nil, c.root)
			sub := issue(t, "sub", root, c.sub)
			leaf := issue(t, "leaf", sub, c.leaf)
			c.options.Revocation = RevocationOff
			v := NewValidator(Trust{Roots: []*Certificate{root.cert}, Intermediates: []*Certificate{sub.cert}}, c.options)
			chain, err := v.Validate(leaf.cert, reference)
			require.Equal(t, c.want, CodeOf(err), "%v", err)
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
	off := Options{Revocation: RevocationOff}

	_, err := NewValidator(Trust{}, off).Validate(leaf.cert, reference)
	require.Equal(t, CodeUnknownIssuer, CodeOf(err))
	_, err = NewValidator(Trust{Roots: []*Certificate{root.cert}}, off).Validate(leaf.cert, reference)
	require.Equal(t, CodeUnknownIssuer, CodeOf(err))
	_, err = NewValidator(Trust{Roots: []*Certificate{root.cert}}, off).Validate(leaf.cert, reference, sub.cert)
	require.NoError(t, err, "candidates of the message complete the path")
	_, err = NewValidator(Trust{Roots: []*Certificate{impostor.cert}}, off).Validate(leaf.cert, reference, sub.cert)
	require.Equal(t, CodeUnknownIssuer, CodeOf(err), "another key identifier")
	_, err = NewValidator(Trust{Roots: []*Certificate{impostor.cert, root.cert}}, off).Validate(leaf.cert, reference, sub.cert)
	require.NoError(t, err, "the impostor does not hide the root")

	bare := issue(t, "root", nil, step{noKeyIDs: true})
	other := issue(t, "root", nil, step{noKeyIDs: true})
	child := issue(t, "child", bare, step{notCA: true, noKeyIDs: true})
	_, err = NewValidator(Trust{Roots: []*Certificate{other.cert}}, off).Validate(child.cert, reference)
	require.Equal(t, CodeBadSignature, CodeOf(err))
	_, err = NewValidator(Trust{Roots: []*Certificate{bare.cert}}, off).With(Trust{}).Validate(bare.cert, reference)
	require.NoError(t, err, "a root is its own path")
}

// Many look-alike issuers must not make the search explode.
func TestA1_LookAlikesCostABoundedEffort(t *testing.T) {
	root := issue(t, "loop", nil, step{noKeyIDs: true})
	var many []*Certificate
	parent := root
	for range 40 {
		parent = issue(t, "loop", parent, step{noKeyIDs: true})
		many = append(many, parent.cert)
	}
	stranger := issue(t, "loop", nil, step{noKeyIDs: true})
	leaf := issue(t, "leaf", stranger, step{notCA: true, noKeyIDs: true})
	v := NewValidator(Trust{Roots: []*Certificate{root.cert}, Intermediates: many}, Options{Revocation: RevocationOff})
	_, err := v.Validate(leaf.cert, reference)
	require.NotEmpty(t, CodeOf(err))
	_, err = v.Validate(many[30], reference)
	require.NotEmpty(t, CodeOf(err), "a path of more than eight certificates")
	_, err = v.Validate(many[2], reference)
	require.NoError(t, err)
}

func TestTrustDirectoryIsSorted(t *testing.T) {
	dir := t.TempDir()
	_, err := LoadTrust(dir)
	require.ErrorContains(t, err, "no self-signed")
	_, err = LoadTrust(filepath.Join(dir, "none"))
	require.Error(t, err)
	root := issue(t, "root", nil, step{})
	sub := issue(t, "sub", root, step{})
	crl := root.list(t, reference, reference.Add(time.Hour))
	put := func(name string, data []byte) {
		require.NoError(t, os.WriteFile(filepath.Join(dir, name), data, 0o600))
	}
	key, err := MarshalPrivateKey(root.key)
	require.NoError(t, err)
	put("chain.pem", EncodeCertificates(root.cert, sub.cert))
	put("root.cer", root.cert.Raw)
	put("root.crl", crl.Raw)
	put("root.key.pem", key)
	put("README", []byte("text"))
	require.NoError(t, os.Mkdir(filepath.Join(dir, "more"), 0o700))
	trust, err := LoadTrust(dir)
	require.NoError(t, err)
	require.Len(t, trust.Roots, 1)
	require.Len(t, trust.Intermediates, 1)
	require.Len(t, trust.CRLs, 1)
	put("bad.cer", []byte("no certificate"))
	_, err = LoadTrust(dir)
	require.ErrorContains(t, err, "bad.cer")
}
