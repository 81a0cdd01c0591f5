package cms

import (
	"bytes"
	"encoding/base64"
	"encoding/pem"
	"runtime"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/remote-issuance/remote-issuance/internal/pki"
	"github.com/remote-issuance/remote-issuance/internal/pki/der"
	"github.com/remote-issuance/remote-issuance/internal/pki/fault"
	"github.com/remote-issuance/remote-issuance/internal/pki/pkitest"
)

func TestRequestFilesInNoKnownFormAreRefused(t *testing.T) {
	der := pkitest.Sample(t, "req/emp1-ok.req")
	armor := func(kind string, der []byte) []byte { return pem.EncodeToMemory(&pem.Block{Type: kind, Bytes: der}) }
	indefinite := append(append([]byte{0x30, 0x80}, der[4:]...), 0, 0)
	for name, c := range map[string]struct {
		file []byte
		want fault.Code
	}{
		"empty":              {nil, fault.NotRequest},
		"text":               {[]byte("hello, world"), fault.NotRequest},
		"too large":          {make([]byte, MaxRequestFile+1), fault.TooLarge},
		"trailing octet":     {append(bytes.Clone(der), 0), fault.Trailing},
		"truncated":          {der[:len(der)-1], fault.Truncated},
		"indefinite":         {indefinite, fault.Indefinite},
		"certificate":        {pkitest.Sample(t, "cert/emp1.cer"), fault.Malformed},
		"certificate in PEM": {armor("CERTIFICATE", der), fault.NotRequest},
		"two PEM blocks":     {append(armor("CERTIFICATE REQUEST", der), armor("CERTIFICATE REQUEST", der)...), fault.Trailing},
		"broken PEM":         {[]byte("-----BEGIN CERTIFICATE REQUEST-----\nAA"), fault.NotRequest},
		"base64 of text":     {[]byte(base64.StdEncoding.EncodeToString([]byte("hello"))), fault.NotRequest},
		"detached message":   {pkitest.Sample(t, "cms/list.json.p7s"), fault.NotRequest},
		"message of a list":  {pkitest.Sample(t, "cms/list.json.p7m"), fault.NotRequest},
	} {
		_, err := ParseRequestFile(c.file)
		require.Equal(t, c.want, fault.CodeOf(err), "%s: %v", name, err)
	}
	for name, file := range map[string][]byte{
		"base64":              []byte(base64.StdEncoding.EncodeToString(der)),
		"base64 in lines":     bytes.Join(bytes.SplitAfterN([]byte(base64.StdEncoding.EncodeToString(der)), nil, 3), []byte("\r\n")),
		"base64 not padded":   []byte(base64.RawStdEncoding.EncodeToString(der)),
		"PEM of a message":    armor("PKCS7", pkitest.Sample(t, "req/emp1-ok-in-cms.p7")),
		"base64 of a message": []byte(base64.StdEncoding.EncodeToString(pkitest.Sample(t, "req/emp1-ok-in-cms.p7"))),
		"PEM after a mark":    append([]byte("\xEF\xBB\xBF"), armor("NEW CERTIFICATE REQUEST", der)...),
	} {
		r, err := ParseRequestFile(file)
		require.NoError(t, err, name)
		require.Equal(t, der, r.Raw, name)
	}
}

func TestEveryPrefixOfARequestIsRefused(t *testing.T) {
	der := pkitest.Sample(t, "req/emp1-ok.req")
	for n := range len(der) {
		_, err := pki.ParseRequest(der[:n])
		require.Equal(t, fault.Truncated, fault.CodeOf(err), "%d octets", n)
	}
}

func TestEveryFlippedBitOfARequestIsRefused(t *testing.T) {
	der := pkitest.Sample(t, "req/ind1-ok.req")
	for i := range der {
		bad := bytes.Clone(der)
		bad[i] ^= 1 << (i % 8)
		r, err := pki.ParseRequest(bad)
		if err == nil {
			err = r.CheckSignature()
		}
		require.NotEmpty(t, fault.CodeOf(err), "octet %d", i)
	}
}

// What a stranger sends must not make the service allocate more than a small
// multiple of what they sent.
func TestHostileFilesCostNoMoreThanTheirSize(t *testing.T) {
	names := make([]pki.NameAttribute, 2000)
	for i := range names {
		names[i] = pki.NameAttribute{Type: der.OID{2, 5, 4, 1000 + i}, Value: "x"}
	}
	f := newForge(t)
	f.name = names
	many := f.build(t)
	require.Less(t, len(many), MaxRequestFile)
	message := append([]byte{0x30, 0x80, 0x06, 0x09, 0x2A, 0x86, 0x48, 0x86, 0xF7, 0x0D, 0x01, 0x07, 0x02}, bytes.Repeat([]byte{0xA0, 0x80}, 5000)...)
	for name, file := range map[string][]byte{
		"lengths beyond the file": {0x30, 0x84, 0x3F, 0xFF, 0xFF, 0xFF, 0x30, 0x84, 0x3F, 0xFF, 0xFF, 0xF0},
		"many name attributes":    many,
		"nested indefinite":       message,
		"base64 of zeros":         bytes.Repeat([]byte("A"), MaxRequestFile),
		"PEM without end":         append([]byte("-----BEGIN CERTIFICATE REQUEST-----\n"), bytes.Repeat([]byte("A\n"), 20000)...),
	} {
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		_, _ = ParseRequestFile(file)
		runtime.ReadMemStats(&after)
		require.LessOrEqual(t, after.TotalAlloc-before.TotalAlloc, uint64(64*len(file)+64<<10), name)
	}
}
