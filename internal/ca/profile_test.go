package ca

import (
	"encoding/json"
	"math/big"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/remote-issuance/remote-issuance/internal/order"
	"github.com/remote-issuance/remote-issuance/internal/pki"
	"github.com/remote-issuance/remote-issuance/internal/pki/alg"
)

func TestProfileSurvivesJSON(t *testing.T) {
	t.Parallel()
	p := gosProfile(alg.KeyBign256)
	read, err := ParseProfile(profileJSON(t, p))
	require.NoError(t, err)
	require.Equal(t, p.Kinds[order.KindEmployee].Policies, read.Kinds[order.KindEmployee].Policies)
	require.JSONEq(t, string(profileJSON(t, p)), string(profileJSON(t, read)))
}

func TestProfilesThatAreRefused(t *testing.T) {
	t.Parallel()
	for name, spoil := range map[string]func(*Profile){
		"no keys":                func(p *Profile) { p.SubjectKeys = nil },
		"short serials":          func(p *Profile) { p.SerialOctets = 8 },
		"long serials":           func(p *Profile) { p.SerialOctets = 21 },
		"text":                   func(p *Profile) { p.Text = "latin1" },
		"list without a term":    func(p *Profile) { p.CRLHours = 0 },
		"no list":                func(p *Profile) { p.CRLAddresses = nil },
		"relative address":       func(p *Profile) { p.OCSPAddress = "/ocsp" },
		"scheme":                 func(p *Profile) { p.IssuerAddress = "file://host/x" },
		"nobody served":          func(p *Profile) { p.Kinds = nil },
		"unknown kind":           func(p *Profile) { p.Kinds["robot"] = p.Kinds[order.KindEmployee] },
		"no such attribute":      kind(func(k *KindProfile) { k.SubjectAttributes = append(k.SubjectAttributes, OID{pki.OID{2, 5, 4, 17}}) }),
		"lint without reason":    func(p *Profile) { p.LintsOff = map[string]string{"e_subject_common_name_max_length": ""} },
		"no such lint":           func(p *Profile) { p.LintsOff = map[string]string{"e_subject_common": "why"} },
		"no usage":               kind(func(k *KindProfile) { k.KeyUsage = nil }),
		"CA's usage":             kind(func(k *KindProfile) { k.KeyUsage = []string{"keyCertSign"} }),
		"no attributes":          kind(func(k *KindProfile) { k.SubjectAttributes, k.RequiredAttributes = nil, nil }),
		"impossible demand":      kind(func(k *KindProfile) { k.RequiredAttributes = oids(pki.OIDUnit) }),
		"constraints of a field": kind(func(k *KindProfile) { k.SubjectExtensions = oids(pki.OIDBasicConstraints) }),
		"policies of a field":    kind(func(k *KindProfile) { k.SubjectExtensions = oids(pki.OIDPolicyRoot) }),
		"a tree of fields":       kind(func(k *KindProfile) { k.SubjectExtensions = oids(pki.OID{1, 2, 112, 1, 2, 1, 1}) }),
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			p := gosProfile(alg.KeyBign256)
			spoil(&p)
			_, err := ParseProfile(profileJSON(t, p))
			require.ErrorIs(t, err, ErrProfile)
		})
	}
}

func kind(change func(*KindProfile)) func(*Profile) {
	return func(p *Profile) {
		k := p.Kinds[order.KindEmployee]
		change(&k)
		p.Kinds[order.KindEmployee] = k
	}
}

func TestProfileTextIsReadStrictly(t *testing.T) {
	t.Parallel()
	good := string(profileJSON(t, gosProfile(alg.KeyBign256)))
	for _, bad := range []string{
		"", "[]", strings.Replace(good, "crlHours", "crlHuors", 1), good + "{}", strings.Replace(good, "2.5.4.4", "2.5.x.4", 1),
		strings.Replace(good, "2.5.4.4", "2", 1),
	} {
		_, err := ParseProfile([]byte(bad))
		require.ErrorIs(t, err, ErrProfile)
	}
}

func FuzzParseProfile(f *testing.F) {
	raw, err := json.Marshal(gosProfile(alg.KeyBign256))
	require.NoError(f, err)
	f.Add(raw)
	f.Fuzz(func(t *testing.T, raw []byte) {
		if p, err := ParseProfile(raw); err == nil {
			require.NoError(t, p.Validate())
		}
	})
}

func TestSerialsAreRandomAndPositive(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		octets := rapid.IntRange(minSerialOctets, maxSerialOctets).Draw(t, "octets")
		raw := rapid.SliceOfN(rapid.Byte(), octets, octets).Draw(t, "raw")
		s, err := NewSerial(strings.NewReader(string(raw)), octets)
		require.NoError(t, err)
		require.Positive(t, s.Int().Sign())
		require.Equal(t, octets*8-1, s.Int().BitLen(), "one length, and no sign bit")
		back, err := ParseSerial(strings.ToUpper(string(s)))
		require.NoError(t, err)
		require.Equal(t, s, back)
	})
	for _, octets := range []int{0, 8, 21} {
		_, err := NewSerial(zeros{}, octets)
		require.ErrorIs(t, err, ErrSerial)
	}
}

func TestTextsThatAreNoSerial(t *testing.T) {
	t.Parallel()
	for _, s := range []string{"", "0", "-1", "xyz", strings.Repeat("f", 41), strings.Repeat("0", 60) + "1"} {
		_, err := ParseSerial(s)
		require.ErrorIs(t, err, ErrSerial, s)
	}
	require.Nil(t, Serial("x").Int())
	_, err := SerialOf(nil)
	require.ErrorIs(t, err, ErrSerial)
	_, err = SerialOf(new(big.Int))
	require.ErrorIs(t, err, ErrSerial)
}

func FuzzParseSerial(f *testing.F) {
	f.Add("40e46b8d7f2ae2fb00000003")
	f.Add("0x1_0")
	f.Fuzz(func(t *testing.T, s string) {
		if serial, err := ParseSerial(s); err == nil {
			again, err := SerialOf(serial.Int())
			require.NoError(t, err)
			require.Equal(t, serial, again)
		}
	})
}

// What is delivered, what rehearsals go by and what the local stack has is one profile.
func TestDeliveredProfileIsTheStandardOne(t *testing.T) {
	t.Parallel()
	raw, err := os.ReadFile(filepath.Join("..", "..", "deploy", "ca", "profile.json"))
	require.NoError(t, err)
	delivered, err := ParseProfile(raw)
	require.NoError(t, err)
	standard := StandardProfile()
	require.NoError(t, standard.Validate())
	standard.SubjectKeys = delivered.SubjectKeys
	require.JSONEq(t, string(profileJSON(t, standard)), string(profileJSON(t, delivered)))
}

func TestLintsThatAreOffExist(t *testing.T) {
	t.Parallel()
	p := StandardProfile()
	for name, reason := range gosLintsOff {
		require.NotEmpty(t, reason)
		p.LintsOff = map[string]string{name: reason}
		require.NoError(t, p.Validate(), name)
	}
}
