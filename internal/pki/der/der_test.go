package der_test

import (
	"bytes"
	"testing"

	"github.com/stretchr/testify/require"
	"golang.org/x/crypto/cryptobyte"
	"golang.org/x/crypto/cryptobyte/asn1"

	"github.com/remote-issuance/remote-issuance/internal/pki/der"
	"github.com/remote-issuance/remote-issuance/internal/pki/fault"
)

func TestTagAboveThirtyIsRefused(t *testing.T) {
	require.Equal(t, fault.Malformed, fault.CodeOf(der.Check([]byte{0x3F, 0x81, 0x01, 0x00})))
	require.Equal(t, fault.Malformed, fault.CodeOf(der.Check([]byte{byte(asn1.SEQUENCE), 0x81, 0x01, 0x00})))
	require.Equal(t, fault.Malformed, fault.CodeOf(der.Check([]byte{0x30, 0x85, 1, 1, 1, 1, 1})))
	require.Equal(t, fault.Truncated, fault.CodeOf(der.Check([]byte{0x30, 0x84, 0xFF, 0xFF, 0xFF, 0xFF})))
	deep := bytes.Repeat([]byte{0x30, 0x80}, 200)
	require.Equal(t, fault.Indefinite, fault.CodeOf(der.Check(deep)))
	nested := []byte{5, 0}
	for range 60 {
		nested = der.Value(func(b *cryptobyte.Builder) {
			b.AddASN1(asn1.SEQUENCE, func(b *cryptobyte.Builder) { b.AddBytes(nested) })
		})
	}
	require.Equal(t, fault.Malformed, fault.CodeOf(der.Check(nested)))
}
