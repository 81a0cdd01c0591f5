package pki

import (
	"math/big"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"golang.org/x/crypto/cryptobyte"
	"golang.org/x/crypto/cryptobyte/asn1"
)

// forgeCRL makes a list with the extensions given, for the list and its one entry.
func forgeCRL(t *testing.T, n *node, version int64, list, entry []Extension) []byte {
	t.Helper()
	a, err := SignatureAlgorithm(n.cert.PublicKey)
	require.NoError(t, err)
	tbs, err := build(func(b *cryptobyte.Builder) {
		addSequence(b, func(b *cryptobyte.Builder) {
			b.AddASN1Int64(version)
			b.AddBytes(a.Raw)
			b.AddBytes(n.cert.SubjectName.Raw)
			addTime(b, reference.Add(-time.Hour))
			addTime(b, reference.Add(time.Hour))
			addSequence(b, func(b *cryptobyte.Builder) {
				addSequence(b, func(b *cryptobyte.Builder) {
					b.AddASN1Int64(77)
					addTime(b, reference)
					if entry != nil {
						addExtensions(b, entry)
					}
				})
			})
			b.AddASN1(explicitTag(0), func(b *cryptobyte.Builder) { addExtensions(b, list) })
		})
	})
	require.NoError(t, err)
	der, err := SignTBS(tbs, n.key)
	require.NoError(t, err)
	return der
}

func flag(n uint8) []byte {
	return value(func(b *cryptobyte.Builder) {
		addSequence(b, func(b *cryptobyte.Builder) {
			b.AddASN1(contextTag(n), func(b *cryptobyte.Builder) { b.AddUint8(0xFF) })
		})
	})
}

func TestListsThatSpeakOfSomethingElseAreRefused(t *testing.T) {
	n := issue(t, "ca", nil, step{})
	reason := value(func(b *cryptobyte.Builder) { b.AddASN1Enum(1) })
	for name, c := range map[string]struct {
		version     int64
		list, entry []Extension
		want        Code
	}{
		"plain":                    {version: 1},
		"first version":            {version: 0, want: CodeMalformed},
		"reason":                   {version: 1, entry: []Extension{{OID: OIDReasonCode, Value: reason}}},
		"broken reason":            {version: 1, entry: []Extension{{OID: OIDReasonCode, Value: []byte{5, 0}}}, want: CodeMalformed},
		"unknown beside entry":     {version: 1, entry: []Extension{{OID: OID{1, 2, 3}, Value: reason}}},
		"critical beside entry":    {version: 1, entry: []Extension{{OID: OID{2, 5, 29, 29}, Critical: true, Value: reason}}, want: CodeCriticalExtension},
		"delta list":               {version: 1, list: []Extension{{OID: OID{2, 5, 29, 27}, Critical: true, Value: reason}}, want: CodeCriticalExtension},
		"unknown extension":        {version: 1, list: []Extension{{OID: OID{1, 2, 3}, Value: reason}}},
		"broken number":            {version: 1, list: []Extension{{OID: OIDCRLNumber, Value: []byte{5, 0}}}, want: CodeMalformed},
		"broken key id":            {version: 1, list: []Extension{{OID: OIDAuthorityKeyID, Value: []byte{5, 0}}}, want: CodeMalformed},
		"users only":               {version: 1, list: []Extension{{OID: OIDIssuingDistribution, Critical: true, Value: flag(1)}}},
		"indirect":                 {version: 1, list: []Extension{{OID: OIDIssuingDistribution, Critical: true, Value: flag(4)}}, want: CodeCriticalExtension},
		"broken distribution":      {version: 1, list: []Extension{{OID: OIDIssuingDistribution, Critical: true, Value: []byte{5, 0}}}, want: CodeMalformed},
		"repeated extension":       {version: 1, list: []Extension{{OID: OIDCRLNumber, Value: []byte{2, 1, 1}}, {OID: OIDCRLNumber, Value: []byte{2, 1, 1}}}, want: CodeRepeated},
		"attribute authorities":    {version: 1, list: []Extension{{OID: OIDIssuingDistribution, Critical: true, Value: flag(5)}}, want: CodeCriticalExtension},
		"certification only":       {version: 1, list: []Extension{{OID: OIDIssuingDistribution, Critical: true, Value: flag(2)}}},
		"entry's repeated reason":  {version: 1, entry: []Extension{{OID: OIDReasonCode, Value: reason}, {OID: OIDReasonCode, Value: reason}}, want: CodeRepeated},
		"entry without extensions": {version: 1, entry: []Extension{}},
	} {
		t.Run(name, func(t *testing.T) {
			crl, err := ParseCRL(forgeCRL(t, n, c.version, c.list, c.entry))
			require.Equal(t, c.want, CodeOf(err), "%v", err)
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
	for n, want := range map[uint8]Code{1: "", 2: CodeCRLMissing} {
		crl, err := ParseCRL(forgeCRL(t, root, 1, []Extension{{OID: OIDIssuingDistribution, Critical: true, Value: flag(n)}}, nil))
		require.NoError(t, err)
		v := NewValidator(Trust{Roots: []*Certificate{root.cert}, CRLs: []*CRL{crl}}, Options{})
		_, err = v.Validate(leaf.cert, reference)
		require.Equal(t, want, CodeOf(err))
	}
}

func TestListsAreBuiltWithinTheirLimits(t *testing.T) {
	n := issue(t, "ca", nil, step{})
	good := CRLTemplate{Number: big.NewInt(1), ThisUpdate: reference, NextUpdate: reference.Add(time.Hour)}
	for name, change := range map[string]func(c *CRLTemplate){
		"no number": func(c *CRLTemplate) { c.Number = nil },
		"reversed":  func(c *CRLTemplate) { c.NextUpdate = reference.Add(-time.Hour) },
		"serial":    func(c *CRLTemplate) { c.Entries = []Revoked{{SerialNumber: big.NewInt(0), At: reference}} },
	} {
		c := good
		change(&c)
		_, err := BuildCRL(c, n.cert, n.key)
		require.Equal(t, CodeMalformed, CodeOf(err), name)
	}
	crl, err := BuildCRL(good, n.cert, n.key)
	require.NoError(t, err)
	require.Equal(t, n.cert.SubjectKeyID, crl.AuthorityKeyID)
	require.Equal(t, int64(1), crl.Number.Int64())
	for r := ReasonUnspecified; r <= ReasonAACompromise; r++ {
		require.NotEmpty(t, r.String())
	}
	require.Equal(t, "superseded", ReasonSuperseded.String())
}

// forgeAttributes makes an attribute certificate of either version with its
// attributes in a form of one's own.
func forgeAttributes(t *testing.T, n, holder *node, second bool, attributes func(b *cryptobyte.Builder)) []byte {
	t.Helper()
	a, err := SignatureAlgorithm(n.cert.PublicKey)
	require.NoError(t, err)
	tbs, err := build(func(b *cryptobyte.Builder) {
		addSequence(b, func(b *cryptobyte.Builder) {
			base := func(b *cryptobyte.Builder) {
				b.AddASN1(explicitTag(0), func(b *cryptobyte.Builder) {
					addDirectoryName(b, holder.cert.IssuerName)
					b.AddASN1BigInt(holder.cert.SerialNumber)
				})
			}
			if second {
				b.AddASN1Int64(1)
				addSequence(b, base)
				b.AddASN1(explicitTag(0), func(b *cryptobyte.Builder) { addDirectoryName(b, n.cert.SubjectName) })
			} else {
				base(b)
				addDirectoryName(b, n.cert.SubjectName)
			}
			b.AddBytes(a.Raw)
			b.AddASN1Int64(5)
			addSequence(b, func(b *cryptobyte.Builder) {
				b.AddASN1GeneralizedTime(reference.Add(-time.Hour))
				b.AddASN1GeneralizedTime(reference.Add(time.Hour))
			})
			addSequence(b, attributes)
			addExtensions(b, []Extension{{OID: OID{2, 5, 29, 56}, Value: []byte{5, 0}}})
		})
	})
	require.NoError(t, err)
	der, err := SignTBS(tbs, n.key)
	require.NoError(t, err)
	return der
}

func TestM6_AttributeCertificatesOfEitherVersionAndForm(t *testing.T) {
	root := issue(t, "root", nil, step{})
	authority := issue(t, "authority", root, step{notCA: true})
	holder := issue(t, "holder", root, step{notCA: true})
	unp := NameAttribute{Type: OIDUNP, Value: "190000018"}
	forms := map[string]func(b *cryptobyte.Builder){
		"attributes": func(b *cryptobyte.Builder) {
			addSequence(b, func(b *cryptobyte.Builder) {
				b.AddASN1ObjectIdentifier(OIDUNP)
				b.AddASN1(asn1.SET, func(b *cryptobyte.Builder) { addText(b, UTF8String, unp.Value) })
			})
			addSequence(b, func(b *cryptobyte.Builder) {
				b.AddASN1ObjectIdentifier(OID{2, 5, 4, 72})
				b.AddASN1(asn1.SET, func(b *cryptobyte.Builder) { b.AddASN1NULL() })
			})
		},
		"names": func(b *cryptobyte.Builder) { addRDN(b, unp, BMPString) },
	}
	trust := Trust{Roots: []*Certificate{root.cert}, Intermediates: []*Certificate{authority.cert}}
	off := NewValidator(trust, Options{Revocation: RevocationOff})
	for name, form := range forms {
		for _, second := range []bool{false, true} {
			a, err := ParseAttributeCertificate(forgeAttributes(t, authority, holder, second, form))
			require.NoError(t, err, name)
			require.Equal(t, "190000018", a.Subject().UNP)
			require.NoError(t, off.ValidateAttribute(a, holder.cert, reference))
		}
	}

	a, err := ParseAttributeCertificate(forgeAttributes(t, authority, holder, true, forms["names"]))
	require.NoError(t, err)
	require.Equal(t, CodeUnknownIssuer, CodeOf(NewValidator(Trust{Roots: trust.Roots}, Options{}).ValidateAttribute(a, holder.cert, reference)))
	lists := trust
	lists.CRLs = []*CRL{
		root.list(t, reference, reference.Add(time.Hour)),
		authority.list(t, reference, reference.Add(time.Hour), Revoked{SerialNumber: a.SerialNumber, At: reference}),
	}
	require.Equal(t, CodeRevoked, CodeOf(NewValidator(lists, Options{}).ValidateAttribute(a, holder.cert, reference)))
	lists.CRLs = []*CRL{root.list(t, reference, reference.Add(time.Hour), Revoked{SerialNumber: authority.cert.SerialNumber, At: reference})}
	leaf := NewValidator(lists, Options{Revocation: RevocationLeaf})
	require.Equal(t, CodeRevoked, CodeOf(leaf.ValidateAttribute(a, holder.cert, reference)), "the authority itself")
	a.Extensions[0].Critical = true
	require.Equal(t, CodeCriticalExtension, CodeOf(off.ValidateAttribute(a, holder.cert, reference)))
}
