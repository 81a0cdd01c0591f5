package request

import (
	"testing"

	"github.com/stretchr/testify/require"
	"golang.org/x/crypto/cryptobyte"
	"golang.org/x/crypto/cryptobyte/asn1"

	"github.com/remote-issuance/remote-issuance/internal/order"
	"github.com/remote-issuance/remote-issuance/internal/pki"
	"github.com/remote-issuance/remote-issuance/internal/pki/bpki"
)

// naming is a request with the attribute challengePassword.
func naming(values ...[]byte) *pki.Request {
	return &pki.Request{Attributes: []pki.Attribute{{OID: pki.OIDChallengePassword, Values: values}}}
}

func text(t testing.TB, tag asn1.Tag, s string) []byte {
	t.Helper()
	b := cryptobyte.NewBuilder(nil)
	b.AddASN1(tag, func(b *cryptobyte.Builder) { b.AddBytes([]byte(s)) })
	der, err := b.Bytes()
	require.NoError(t, err)
	return der
}

func TestP3_ThePaymentNamedInARequestIsReadLikeANumber(t *testing.T) {
	for info, want := range map[string]order.PaymentNumber{
		"erip234123": 234123, "ERIP000234123": 234123, "NOAIS000092239": 92239, "roais 000092239": 92239, "NОАIS000092239": 92239,
		"erip": 0, "erip0": 0, "erip1234567890": 0, "erip-1": 0, "NOAIS00009223": 0, "something else": 0, "erip 234123": 234123,
	} {
		value, err := bpki.Challenge{Info: info}.Marshal()
		require.NoError(t, err, info)
		require.Equal(t, want, namedPayment(naming(value)), info)
		value, err = bpki.Challenge{Info: info, Ticket: "0123456789ABCDEF0123456789ABCDEF"}.Marshal()
		require.NoError(t, err, info)
		require.Equal(t, want, namedPayment(naming(value)), "beside a ticket: %s", info)
	}
}

func TestP3_OtherTextsNameNoPaymentAndRefuseNothing(t *testing.T) {
	good := text(t, asn1.UTF8String, "/INFO:erip234123")
	require.EqualValues(t, 234123, namedPayment(naming(good)))
	for name, r := range map[string]*pki.Request{
		"no attribute":    {},
		"two values":      naming(good, good),
		"no value":        naming(),
		"another type":    naming(text(t, asn1.PrintableString, "/INFO:erip234123")),
		"a password":      naming(text(t, asn1.UTF8String, "secret")),
		"two payments":    naming(text(t, asn1.UTF8String, "/INFO:erip1/INFO:erip2")),
		"octets after it": naming(append(append([]byte{}, good...), 0)),
		"NUL":             naming(text(t, asn1.UTF8String, "/INFO:erip\x00234123")),
		"not UTF-8":       naming(text(t, asn1.UTF8String, "/INFO:erip\xff")),
		"64 KiB":          naming(text(t, asn1.UTF8String, "/INFO:"+string(make([]byte, 64<<10)))),
	} {
		require.Zero(t, namedPayment(r), name)
	}
}

func FuzzNamedPayment(f *testing.F) {
	f.Add([]byte("\x0c\x10/INFO:erip234123"))
	f.Fuzz(func(t *testing.T, value []byte) {
		n := namedPayment(naming(value))
		require.True(t, n >= 0 && n <= order.MaxPaymentNumber)
	})
}
