package path_test

import (
	"fmt"
	"math/big"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"golang.org/x/crypto/cryptobyte"
	"pgregory.net/rapid"

	"github.com/remote-issuance/remote-issuance/internal/pki"
	"github.com/remote-issuance/remote-issuance/internal/pki/der"
	"github.com/remote-issuance/remote-issuance/internal/pki/fault"
	"github.com/remote-issuance/remote-issuance/internal/pki/path"
)

// list is a revocation list to be forged.
type list struct {
	number     int64
	this, next time.Time
	entries    []pki.Revoked
	extensions []pki.Extension
}

func (n *node) forge(t testing.TB, l list) *pki.CRL {
	t.Helper()
	tbs, err := pki.BuildTBSCRL(pki.CRLTemplate{
		Number: big.NewInt(l.number), ThisUpdate: l.this, NextUpdate: l.next, Entries: l.entries, AuthorityKeyID: n.cert.SubjectKeyID,
		Extensions: l.extensions,
	}, pki.IssuerOf(n.cert))
	require.NoError(t, err)
	encoded, err := pki.SignTBS(tbs, n.key)
	require.NoError(t, err)
	crl, err := pki.ParseCRL(encoded)
	require.NoError(t, err)
	return crl
}

// point is IssuingDistributionPoint of an address, with a flag if it is not 0.
func point(address string, flag uint8) []pki.Extension {
	return []pki.Extension{{OID: pki.OIDIssuingDistribution, Critical: true, Value: der.Value(func(b *cryptobyte.Builder) {
		der.AddSequence(b, func(b *cryptobyte.Builder) {
			if address != "" {
				b.AddASN1(der.ExplicitTag(0), func(b *cryptobyte.Builder) {
					b.AddASN1(der.ExplicitTag(0), func(b *cryptobyte.Builder) {
						b.AddASN1(der.ContextTag(6), func(b *cryptobyte.Builder) { b.AddBytes([]byte(address)) })
					})
				})
			}
			if flag != 0 {
				b.AddASN1(der.ContextTag(flag), func(b *cryptobyte.Builder) { b.AddUint8(0xFF) })
			}
		})
	})}}
}

func TestA1_ListsCountForTheirPointAndScope(t *testing.T) {
	root := issue(t, "root", nil, step{})
	leaf := issue(t, "leaf", root, step{notCA: true, extensions: []pki.Extension{pki.CRLDistributionExtension("http://a/1.crl", "http://a/2.crl")}})
	bare := issue(t, "bare", root, step{notCA: true})
	hour := time.Hour
	revoked := []pki.Revoked{{SerialNumber: leaf.cert.SerialNumber, At: reference.Add(-hour), Reason: pki.ReasonKeyCompromise}}
	fresh := func(e []pki.Extension, entries ...pki.Revoked) *pki.CRL {
		return root.forge(t, list{number: 5, this: reference.Add(-hour), next: reference.Add(hour), entries: entries, extensions: e})
	}
	older := func(e []pki.Extension, entries ...pki.Revoked) *pki.CRL {
		return root.forge(t, list{number: 4, this: reference.Add(-2 * hour), next: reference.Add(hour), entries: entries, extensions: e})
	}
	delta := []pki.Extension{{OID: der.OID{2, 5, 29, 27}, Critical: true, Value: []byte{2, 1, 1}}}
	for name, c := range map[string]struct {
		cert  *node
		lists []*pki.CRL
		want  fault.Code
	}{
		"complete":                           {leaf, []*pki.CRL{fresh(nil)}, ""},
		"of its point":                       {leaf, []*pki.CRL{fresh(point("http://a/2.crl", 0))}, ""},
		"of its point, for users":            {leaf, []*pki.CRL{fresh(point("http://a/1.crl", 1))}, ""},
		"of another point":                   {leaf, []*pki.CRL{fresh(point("http://a/3.crl", 0))}, fault.CRLMissing},
		"of a point, of no point":            {bare, []*pki.CRL{fresh(point("http://a/1.crl", 0))}, fault.CRLMissing},
		"for CAs":                            {leaf, []*pki.CRL{fresh(point("", 2))}, fault.CRLMissing},
		"for attributes":                     {leaf, []*pki.CRL{fresh(point("", 5))}, fault.CRLMissing},
		"indirect":                           {leaf, []*pki.CRL{fresh(point("", 4))}, fault.CRLMissing},
		"some reasons":                       {leaf, []*pki.CRL{fresh(point("", 3))}, fault.CRLMissing},
		"delta":                              {leaf, []*pki.CRL{fresh(delta)}, fault.CRLMissing},
		"good beside delta":                  {leaf, []*pki.CRL{fresh(delta), older(nil)}, ""},
		"revoked beside a newer other scope": {leaf, []*pki.CRL{older(point("", 1), revoked...), fresh(point("", 2))}, fault.Revoked},
		"revoked in one of two points":       {leaf, []*pki.CRL{fresh(point("http://a/1.crl", 0)), older(point("http://a/2.crl", 0), revoked...)}, fault.Revoked},
		"revoked in another's point":         {leaf, []*pki.CRL{fresh(nil), fresh(point("http://a/9.crl", 0), revoked...)}, ""},
		"newest of one scope":                {leaf, []*pki.CRL{fresh(nil), older(nil, revoked...)}, ""},
		"newest of one scope, other order":   {leaf, []*pki.CRL{older(nil), fresh(nil, revoked...)}, fault.Revoked},
		"two of one number":                  {leaf, []*pki.CRL{fresh(nil), fresh(nil, revoked...)}, fault.Revoked},
		"two of one number, other order":     {leaf, []*pki.CRL{fresh(nil, revoked...), fresh(nil)}, fault.Revoked},
		"two of one number and a newer one":  {leaf, []*pki.CRL{older(nil, revoked...), older(nil), fresh(nil)}, ""},
		"begins later":                       {leaf, []*pki.CRL{root.forge(t, list{number: 9, this: reference.Add(hour), next: reference.Add(2 * hour)})}, fault.CRLStale},
		"begins in a moment":                 {leaf, []*pki.CRL{root.forge(t, list{number: 9, this: reference.Add(time.Minute), next: reference.Add(hour)})}, ""},
		"made beforehand takes nothing back": {leaf, []*pki.CRL{root.forge(t, list{number: 9, this: reference.Add(hour), next: reference.Add(2 * hour)}), older(nil, revoked...)}, fault.Revoked},
		"minus the number is another number": {leaf, []*pki.CRL{negative(t, root, leaf)}, ""},
		"another number of more octets":      {leaf, []*pki.CRL{long(t, root)}, ""},
	} {
		t.Run(name, func(t *testing.T) {
			v := path.NewValidator(path.Trust{Roots: []*pki.Certificate{root.cert}, CRLs: c.lists}, path.Options{})
			_, err := v.Validate(c.cert.cert, reference)
			require.Equal(t, c.want, fault.CodeOf(err), "%v", err)
		})
	}
}

// negative is a list with minus the serial number of a certificate.
func negative(t *testing.T, root, leaf *node) *pki.CRL {
	t.Helper()
	return root.rawEntries(t, new(big.Int).Neg(leaf.cert.SerialNumber))
}

// long is a list with a serial number of more octets than certificates may have.
func long(t *testing.T, root *node) *pki.CRL {
	t.Helper()
	return root.rawEntries(t, new(big.Int).Lsh(big.NewInt(1), 400))
}

// rawEntries puts serial numbers into a list that BuildTBSCRL would refuse.
func (n *node) rawEntries(t *testing.T, serials ...*big.Int) *pki.CRL {
	t.Helper()
	plain, err := pki.BuildTBSCRL(pki.CRLTemplate{
		Number: big.NewInt(1), ThisUpdate: reference.Add(-time.Hour), NextUpdate: reference.Add(time.Hour),
	}, pki.IssuerOf(n.cert))
	require.NoError(t, err)
	in, body := cryptobyte.String(plain), cryptobyte.String(nil)
	require.True(t, in.ReadASN1(&body, 0x30))
	tbs := der.Value(func(b *cryptobyte.Builder) {
		der.AddSequence(b, func(b *cryptobyte.Builder) {
			for !body.PeekASN1Tag(der.ExplicitTag(0)) {
				var e []byte
				require.True(t, der.ReadElement(&body, &e))
				b.AddBytes(e)
			}
			der.AddSequence(b, func(b *cryptobyte.Builder) {
				for _, serial := range serials {
					der.AddSequence(b, func(b *cryptobyte.Builder) {
						b.AddASN1BigInt(serial)
						der.AddTime(b, reference.Add(-time.Hour))
					})
				}
			})
			b.AddBytes(body)
		})
	})
	encoded, err := pki.SignTBS(tbs, n.key)
	require.NoError(t, err)
	crl, err := pki.ParseCRL(encoded)
	require.NoError(t, err)
	return crl
}

// Of several entries for one number the order does not matter: it is revoked
// from the first that cannot be taken back, or by a hold that nothing removes.
func TestA1_EntriesForOneNumberAreDecidedByTime(t *testing.T) {
	root := issue(t, "root", nil, step{})
	serial := big.NewInt(77)
	rapid.Check(t, func(r *rapid.T) {
		entries := rapid.SliceOfN(rapid.Custom(func(r *rapid.T) pki.Revoked {
			return pki.Revoked{
				SerialNumber: serial, At: reference.Add(time.Duration(rapid.IntRange(-5, 5).Draw(r, "hour")) * time.Hour),
				Reason: rapid.SampledFrom([]pki.Reason{pki.ReasonKeyCompromise, pki.ReasonCertificateHold, pki.ReasonRemoveFromCRL, 7}).Draw(r, "reason"),
			}
		}), 0, 5).Draw(r, "entries")
		var hold, removed, final bool
		var lastHold, lastRemoved time.Time
		for _, e := range entries {
			switch {
			case e.At.After(reference):
			case e.Reason == pki.ReasonRemoveFromCRL:
				if removed = true; e.At.After(lastRemoved) {
					lastRemoved = e.At
				}
			case e.Reason == pki.ReasonCertificateHold:
				if hold = true; e.At.After(lastHold) {
					lastHold = e.At
				}
			default:
				final = true
			}
		}
		want := final || hold && (!removed || lastRemoved.Before(lastHold))
		shuffled := rapid.Permutation(entries).Draw(r, "order")
		crl := root.forge(t, list{number: 1, this: reference.Add(-time.Hour), next: reference.Add(time.Hour), entries: shuffled})
		_, got := crl.Revokes(serial, reference)
		require.Equal(r, want, got, fmt.Sprint(entries))
	})
}

func TestA1_LookingUpAmongHundredThousandEntriesIsQuick(t *testing.T) {
	root := issue(t, "root", nil, step{})
	entries := make([]pki.Revoked, 100_000)
	for i := range entries {
		entries[i] = pki.Revoked{SerialNumber: big.NewInt(int64(i) + 1), At: reference.Add(-time.Hour)}
	}
	crl := root.forge(t, list{number: 1, this: reference.Add(-time.Hour), next: reference.Add(time.Hour), entries: entries})
	const each = 50 * time.Microsecond
	begin := time.Now()
	for _, e := range entries {
		_, ok := crl.Revokes(e.SerialNumber, reference)
		require.True(t, ok)
	}
	require.Less(t, time.Since(begin)/time.Duration(len(entries)), each)
}
