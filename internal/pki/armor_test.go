package pki_test

import (
	"bytes"
	"encoding/pem"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/remote-issuance/remote-issuance/internal/pki"
	"github.com/remote-issuance/remote-issuance/internal/pki/cms"
	"github.com/remote-issuance/remote-issuance/internal/pki/fault"
	"github.com/remote-issuance/remote-issuance/internal/pki/pkitest"
)

// A block is read whatever text stands before it and however lines end.
func TestArmorIsReadInEveryDress(t *testing.T) {
	encoded := pkitest.Sample(t, "req/emp1-ok.req")
	block := string(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE REQUEST", Bytes: encoded}))
	rapid.Check(t, func(t *rapid.T) {
		before := rapid.SampledFrom([]string{"", "Certificate Request:\n  Version: 1\n", "0 zero\n", "---\n", "\n\n", "-----END X-----\n"}).Draw(t, "before")
		mark := rapid.SampledFrom([]string{"", "\xEF\xBB\xBF"}).Draw(t, "mark")
		after := rapid.SampledFrom([]string{"", "\x1A", "\n\n", " \t\n\x1A\x1A"}).Draw(t, "after")
		end := rapid.SampledFrom([]string{"\n", "\r\n", "\r"}).Draw(t, "end")
		file := mark + strings.ReplaceAll(before+block+after, "\n", end)
		r, err := cms.ParseRequestFile([]byte(file))
		require.NoError(t, err, "%q", file)
		require.Equal(t, encoded, r.Raw)
	})
}

func TestArmorRefusesWhatFollowsAndWhatIsNone(t *testing.T) {
	block := pem.EncodeToMemory(&pem.Block{Type: "X509 CRL", Bytes: pkitest.Sample(t, "crl/issuing.crl")})
	for name, c := range map[string]struct {
		file []byte
		want fault.Code
	}{
		"one":            {block, ""},
		"mark":           {append([]byte("\xEF\xBB\xBF"), block...), ""},
		"text after":     {append(bytes.Clone(block), "more"...), fault.Trailing},
		"two":            {append(bytes.Clone(block), block...), fault.Trailing},
		"indented":       {bytes.ReplaceAll(block, []byte("-----B"), []byte(" -----B")), fault.Malformed},
		"damaged":        {bytes.Replace(block, []byte("MI"), []byte("#I"), 1), fault.Malformed},
		"of no list":     {pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: []byte{0x30, 0}}), fault.Malformed},
		"empty":          {nil, fault.Malformed},
		"DER and a tail": {append(pkitest.Sample(t, "crl/issuing.crl"), '\n'), fault.Trailing},
	} {
		_, err := pki.ParseCRLFile(c.file)
		require.Equal(t, c.want, fault.CodeOf(err), name)
	}
}
