package ca

import (
	"encoding/json"
	"math/big"
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
		"no keys":             func(p *Profile) { p.SubjectKeys = nil },
		"short serials":       func(p *Profile) { p.SerialOctets = 8 },
		"long serials":        func(p *Profile) { p.SerialOctets = 21 },
		"text":                func(p *Profile) { p.Text = "latin1" },
		"list without a term": func(p *Profile) { p.CRLHours = 0 },
		"no list":             func(p *Profile) { p.CRLAddresses = nil },
		"relative address":    func(p *Profile) { p.OCSPAddress = "/ocsp" },
		"scheme":              func(p *Profile) { p.IssuerAddress = "file://host/x" },
		"nobody served":       func(p *Profile) { p.Kinds = nil },
		"unknown kind":        func(p *Profile) { p.Kinds["robot"] = p.Kinds[order.KindEmployee] },
		"no usage":            kind(func(k *KindProfile) { k.KeyUsage = nil }),
		"CA's usage":          kind(func(k *KindProfile) { k.KeyUsage = []string{"keyCertSign"} }),
		"no attributes":       kind(func(k *KindProfile) { k.SubjectAttributes, k.RequiredAttributes = nil, nil }),
		"impossible demand":   kind(func(k *KindProfile) { k.RequiredAttributes = oids(pki.OIDUnit) }),
		"copied constraints":  kind(func(k *KindProfile) { k.CopiedExtensions = oids(pki.OIDBasicConstraints) }),
		"copied policies":     kind(func(k *KindProfile) { k.CopiedExtensions = oids(pki.OIDPolicyRoot) }),
		"copied tree":         kind(func(k *KindProfile) { k.CopiedExtensions = oids(pki.OID{1, 2, 112, 1, 2, 1, 1}) }),
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
