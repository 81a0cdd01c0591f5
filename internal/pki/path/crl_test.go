package path_test

import (
	"math/big"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"golang.org/x/crypto/cryptobyte"
	"golang.org/x/crypto/cryptobyte/asn1"

	"github.com/remote-issuance/remote-issuance/internal/pki"
	"github.com/remote-issuance/remote-issuance/internal/pki/alg"
	"github.com/remote-issuance/remote-issuance/internal/pki/der"
	"github.com/remote-issuance/remote-issuance/internal/pki/fault"
	"github.com/remote-issuance/remote-issuance/internal/pki/path"
	"github.com/remote-issuance/remote-issuance/internal/pki/pkitest"
)

// forgeCRL makes a list with the extensions given, for the list and its one entry.
func forgeCRL(t *testing.T, n *node, version int64, list, entry []pki.Extension) []byte {
	t.Helper()
	a, err := alg.SignatureAlgorithm(n.cert.PublicKey)
	require.NoError(t, err)
	tbs, err := der.Build(func(b *cryptobyte.Builder) {
		der.AddSequence(b, func(b *cryptobyte.Builder) {
			b.AddASN1Int64(version)
			b.AddBytes(a.Raw)
			b.AddBytes(n.cert.SubjectName.Raw)
			der.AddTime(b, reference.Add(-time.Hour))
			der.AddTime(b, reference.Add(time.Hour))
			der.AddSequence(b, func(b *cryptobyte.Builder) {
				der.AddSequence(b, func(b *cryptobyte.Builder) {
					b.AddASN1Int64(77)
					der.AddTime(b, reference)
					if entry != nil {
						pkitest.AddExtensions(b, entry)
					}
				})
			})
			b.AddASN1(der.ExplicitTag(0), func(b *cryptobyte.Builder) { pkitest.AddExtensions(b, list) })
		})
	})
	require.NoError(t, err)
	encoded, err := pki.SignTBS(tbs, n.key)
	require.NoError(t, err)
	return encoded
}

func flag(n uint8) []byte {
	return der.Value(func(b *cryptobyte.Builder) {
		der.AddSequence(b, func(b *cryptobyte.Builder) {
			b.AddASN1(der.ContextTag(n), func(b *cryptobyte.Builder) { b.AddUint8(0xFF) })
		})
	})
}

func TestListsThatSpeakOfSomethingElseAreRefused(t *testing.T) {
	n := issue(t, "ca", nil, step{})
	reason := der.Value(func(b *cryptobyte.Builder) { b.AddASN1Enum(1) })
	for name, c := range map[string]struct {
		version     int64
		list, entry []pki.Extension
		want        fault.Code
	}{
		"plain":                    {version: 1},
		"first version":            {version: 0, want: fault.Malformed},
		"reason":                   {version: 1, entry: []pki.Extension{{OID: pki.OIDReasonCode, Value: reason}}},
		"broken reason":            {version: 1, entry: []pki.Extension{{OID: pki.OIDReasonCode, Value: []byte{5, 0}}}, want: fault.Malformed},
		"unknown beside entry":     {version: 1, entry: []pki.Extension{{OID: der.OID{1, 2, 3}, Value: reason}}},
		"critical beside entry":    {version: 1, entry: []pki.Extension{{OID: der.OID{2, 5, 29, 29}, Critical: true, Value: reason}}, want: fault.CriticalExtension},
		"delta list":               {version: 1, list: []pki.Extension{{OID: der.OID{2, 5, 29, 27}, Critical: true, Value: reason}}, want: fault.CriticalExtension},
		"unknown extension":        {version: 1, list: []pki.Extension{{OID: der.OID{1, 2, 3}, Value: reason}}},
		"broken number":            {version: 1, list: []pki.Extension{{OID: pki.OIDCRLNumber, Value: []byte{5, 0}}}, want: fault.Malformed},
		"broken key id":            {version: 1, list: []pki.Extension{{OID: pki.OIDAuthorityKeyID, Value: []byte{5, 0}}}, want: fault.Malformed},
		"users only":               {version: 1, list: []pki.Extension{{OID: pki.OIDIssuingDistribution, Critical: true, Value: flag(1)}}},
		"indirect":                 {version: 1, list: []pki.Extension{{OID: pki.OIDIssuingDistribution, Critical: true, Value: flag(4)}}, want: fault.CriticalExtension},
		"broken distribution":      {version: 1, list: []pki.Extension{{OID: pki.OIDIssuingDistribution, Critical: true, Value: []byte{5, 0}}}, want: fault.Malformed},
		"repeated extension":       {version: 1, list: []pki.Extension{{OID: pki.OIDCRLNumber, Value: []byte{2, 1, 1}}, {OID: pki.OIDCRLNumber, Value: []byte{2, 1, 1}}}, want: fault.Repeated},
		"attribute authorities":    {version: 1, list: []pki.Extension{{OID: pki.OIDIssuingDistribution, Critical: true, Value: flag(5)}}},
		"some reasons":             {version: 1, list: []pki.Extension{{OID: pki.OIDIssuingDistribution, Critical: true, Value: flag(3)}}, want: fault.CriticalExtension},
		"certification only":       {version: 1, list: []pki.Extension{{OID: pki.OIDIssuingDistribution, Critical: true, Value: flag(2)}}},
		"entry's repeated reason":  {version: 1, entry: []pki.Extension{{OID: pki.OIDReasonCode, Value: reason}, {OID: pki.OIDReasonCode, Value: reason}}, want: fault.Repeated},
		"entry without extensions": {version: 1, entry: []pki.Extension{}},
	} {
		t.Run(name, func(t *testing.T) {
			crl, err := pki.ParseCRL(forgeCRL(t, n, c.version, c.list, c.entry))
			if err == nil {
				err = crl.Usable()
			}
			require.Equal(t, c.want, fault.CodeOf(err), "%v", err)
			if c.want != "" {
				return
			}
			require.NoError(t, crl.CheckSignatureFrom(n.cert))
			r, ok := crl.Find(big.NewInt(77))
			require.True(t, ok)
			require.True(t, r.At.Equal(reference))
			_, ok = crl.Find(big.NewInt(78))
			require.False(t, ok)
		})
	}
}

func TestA1_PartitionedListsCountForTheirPartOnly(t *testing.T) {
	root := issue(t, "root", nil, step{})
	leaf := issue(t, "leaf", root, step{notCA: true})
	for n, want := range map[uint8]fault.Code{1: "", 2: fault.CRLMissing} {
		crl, err := pki.ParseCRL(forgeCRL(t, root, 1, []pki.Extension{{OID: pki.OIDIssuingDistribution, Critical: true, Value: flag(n)}}, nil))
		require.NoError(t, err)
		v := path.NewValidator(path.Trust{Roots: []*pki.Certificate{root.cert}, CRLs: []*pki.CRL{crl}}, path.Options{})
		_, err = v.Validate(leaf.cert, reference)
		require.Equal(t, want, fault.CodeOf(err))
	}
}

func TestListsAreBuiltWithinTheirLimits(t *testing.T) {
	n := issue(t, "ca", nil, step{})
	good := pki.CRLTemplate{Number: big.NewInt(1), ThisUpdate: reference, NextUpdate: reference.Add(time.Hour)}
	for name, change := range map[string]func(c *pki.CRLTemplate){
		"no number": func(c *pki.CRLTemplate) { c.Number = nil },
		"reversed":  func(c *pki.CRLTemplate) { c.NextUpdate = reference.Add(-time.Hour) },
		"serial":    func(c *pki.CRLTemplate) { c.Entries = []pki.Revoked{{SerialNumber: big.NewInt(0), At: reference}} },
	} {
		c := good
		change(&c)
		_, err := pki.BuildCRL(c, n.cert, n.key)
		require.Equal(t, fault.Malformed, fault.CodeOf(err), name)
	}
	crl, err := pki.BuildCRL(good, n.cert, n.key)
	require.NoError(t, err)
	require.Equal(t, n.cert.SubjectKeyID, crl.AuthorityKeyID)
	require.Equal(t, int64(1), crl.Number.Int64())
	for r := pki.ReasonUnspecified; r <= pki.ReasonAACompromise; r++ {
		require.NotEmpty(t, r.String())
	}
	require.Equal(t, "superseded", pki.ReasonSuperseded.String())
}

// forgeAttributes makes an attribute certificate of either version with its
// attributes in a form of one's own.
func forgeAttributes(t *testing.T, n, holder *node, second bool, attributes func(b *cryptobyte.Builder)) []byte {
	t.Helper()
	a, err := alg.SignatureAlgorithm(n.cert.PublicKey)
	require.NoError(t, err)
	tbs, err := der.Build(func(b *cryptobyte.Builder) {
		der.AddSequence(b, func(b *cryptobyte.Builder) {
			base := func(b *cryptobyte.Builder) {
				b.AddASN1(der.ExplicitTag(0), func(b *cryptobyte.Builder) {
					pkitest.AddDirectoryName(b, holder.cert.IssuerName)
					b.AddASN1BigInt(holder.cert.SerialNumber)
				})
			}
			if second {
				b.AddASN1Int64(1)
				der.AddSequence(b, base)
				b.AddASN1(der.ExplicitTag(0), func(b *cryptobyte.Builder) { pkitest.AddDirectoryName(b, n.cert.SubjectName) })
			} else {
				base(b)
				pkitest.AddDirectoryName(b, n.cert.SubjectName)
			}
			b.AddBytes(a.Raw)
			b.AddASN1Int64(5)
			der.AddSequence(b, func(b *cryptobyte.Builder) {
				b.AddASN1GeneralizedTime(reference.Add(-time.Hour))
				b.AddASN1GeneralizedTime(reference.Add(time.Hour))
			})
			der.AddSequence(b, attributes)
			pkitest.AddExtensions(b, []pki.Extension{{OID: der.OID{2, 5, 29, 56}, Value: []byte{5, 0}}})
		})
	})
	require.NoError(t, err)
	encoded, err := pki.SignTBS(tbs, n.key)
	require.NoError(t, err)
	return encoded
}

func TestM6_AttributeCertificatesOfEitherVersionAndForm(t *testing.T) {
	root := issue(t, "root", nil, step{})
	authority := issue(t, "authority", root, step{notCA: true})
	holder := issue(t, "holder", root, step{notCA: true})
	unp := pki.NameAttribute{Type: pki.OIDUNP, Value: "190000018"}
	forms := map[string]func(b *cryptobyte.Builder){
		"attributes": func(b *cryptobyte.Builder) {
			der.AddSequence(b, func(b *cryptobyte.Builder) {
				b.AddASN1ObjectIdentifier(pki.OIDUNP)
				b.AddASN1(asn1.SET, func(b *cryptobyte.Builder) { der.AddText(b, der.UTF8String, unp.Value) })
			})
			der.AddSequence(b, func(b *cryptobyte.Builder) {
				b.AddASN1ObjectIdentifier(der.OID{2, 5, 4, 72})
				b.AddASN1(asn1.SET, func(b *cryptobyte.Builder) { b.AddASN1NULL() })
			})
		},
		"names": func(b *cryptobyte.Builder) { pkitest.AddRDN(b, unp.Type, der.UTF8String, []byte(unp.Value)) },
	}
	trust := path.Trust{Roots: []*pki.Certificate{root.cert}, Intermediates: []*pki.Certificate{authority.cert}}
	off := path.NewValidator(trust, path.Options{Revocation: path.RevocationOff})
	for name, form := range forms {
		for _, second := range []bool{false, true} {
			a, err := pki.ParseAttributeCertificate(forgeAttributes(t, authority, holder, second, form))
			require.NoError(t, err, name)
			require.Equal(t, "190000018", a.Subject().UNP)
			require.NoError(t, off.ValidateAttribute(a, holder.cert, reference))
		}
	}

	a, err := pki.ParseAttributeCertificate(forgeAttributes(t, authority, holder, true, forms["names"]))
	require.NoError(t, err)
	require.Equal(t, fault.UnknownIssuer, fault.CodeOf(path.NewValidator(path.Trust{Roots: trust.Roots}, path.Options{}).ValidateAttribute(a, holder.cert, reference)))
	lists := trust
	lists.CRLs = []*pki.CRL{
		root.list(t, reference, reference.Add(time.Hour)),
		authority.list(t, reference, reference.Add(time.Hour), pki.Revoked{SerialNumber: a.SerialNumber, At: reference}),
	}
	require.Equal(t, fault.Revoked, fault.CodeOf(path.NewValidator(lists, path.Options{}).ValidateAttribute(a, holder.cert, reference)))
	lists.CRLs = []*pki.CRL{root.list(t, reference, reference.Add(time.Hour), pki.Revoked{SerialNumber: authority.cert.SerialNumber, At: reference})}
	leaf := path.NewValidator(lists, path.Options{Revocation: path.RevocationLeaf})
	require.Equal(t, fault.Revoked, fault.CodeOf(leaf.ValidateAttribute(a, holder.cert, reference)), "the authority itself")
	a.Extensions[0].Critical = true
	require.Equal(t, fault.CriticalExtension, fault.CodeOf(off.ValidateAttribute(a, holder.cert, reference)))
}
