package bpki_test

import (
	"encoding/asn1"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/remote-issuance/remote-issuance/internal/pki"
	"github.com/remote-issuance/remote-issuance/internal/pki/bpki"
)

func TestSTB78_ChallengePassword(t *testing.T) {
	ticket := "0123456789ABCDEF0123456789ABCDEF"
	for text, want := range map[string]bpki.Challenge{
		"/INFO:erip234123":                            {Info: "erip234123"},
		"/EPWD:" + ticket:                             {Ticket: ticket},
		"/EPWD:" + ticket + "/INFO:SN112358":          {Ticket: ticket, Info: "SN112358"},
		"/INFO:SN112358/EPWD:" + ticket:               {Ticket: ticket, Info: "SN112358"},
		"/INFO:№ 7, /x:":                              {Info: "№ 7, /x:"},
		"/INFO:" + strings.Repeat("ж", 128):           {Info: strings.Repeat("ж", 128)},
		"/EPWD:" + ticket + ticket + "/INFO:" + " a ": {Ticket: ticket + ticket, Info: " a "},
	} {
		got, err := bpki.ParseChallenge(text)
		require.NoError(t, err, text)
		require.Equal(t, want, got)
		der, err := want.Marshal()
		require.NoError(t, err)
		got, err = bpki.ParseChallengeValue(der)
		require.NoError(t, err)
		require.Equal(t, want, got)
	}
	for _, text := range []string{
		"", "erip234123", "/INFO:", "/EPWD:", "/INFO", "/info:a", " /INFO:a", "/INFO:a/INFO:b", "/INFO:/EPWD:" + ticket,
		"/EPWD:" + ticket + "/EPWD:" + ticket, "/EPWD:" + ticket + "x", "/EPWD:" + strings.ToLower(ticket), "/EPWD:" + ticket[1:],
		"/INFO:" + strings.Repeat("ж", 129), "/INFO:a\x00", "/INFO:\xFF", "/INFO:a\nb", "/EPWD:" + ticket + "/INFO:",
		"/EPWD:" + ticket + "/INFO:a/EPWD:" + ticket, strings.Repeat("/INFO:a", 1<<13),
	} {
		_, err := bpki.ParseChallenge(text)
		require.ErrorIs(t, err, bpki.ErrMalformed, "%.80q", text)
	}
	for _, c := range []bpki.Challenge{{}, {Ticket: "AB"}, {Info: "a/EPWD:b"}, {Info: "/INFO:"}, {Info: "\x1b[0m"}} {
		_, err := c.Text()
		require.ErrorIs(t, err, bpki.ErrMalformed)
	}
	for _, der := range []string{"", "\x0c\x07/INFO:a\x00", "\x13\x07/INFO:a", "\x0c\x08/INFO:a", "\x0c\x81\x07/INFO:a"} {
		_, err := bpki.ParseChallengeValue([]byte(der))
		require.ErrorIs(t, err, bpki.ErrMalformed)
	}
}

// TestSTB78_PaymentInTheRequestOfAnotherProgram reads the attribute where it stands.
func TestSTB78_PaymentInTheRequestOfAnotherProgram(t *testing.T) {
	v := loadVectors(t).Request
	r, err := pki.ParseRequest(v.DER)
	require.NoError(t, err)
	require.NoError(t, r.CheckSignature())
	for _, a := range r.Attributes {
		if a.OID.Equal(asn1.ObjectIdentifier{1, 2, 840, 113549, 1, 9, 7}) {
			c, err := bpki.ParseChallengeValue(a.Values[0])
			require.NoError(t, err)
			require.Equal(t, bpki.Challenge{Info: v.Info}, c)
			return
		}
	}
	require.Fail(t, "no challengePassword")
}

func FuzzChallenge(f *testing.F) {
	f.Add("/EPWD:0123456789ABCDEF0123456789ABCDEF/INFO:SN112358")
	f.Add("/INFO:SN112358/EPWD:0123456789ABCDEF0123456789ABCDEF")
	f.Fuzz(func(t *testing.T, text string) {
		c, err := bpki.ParseChallenge(text)
		if err != nil {
			return
		}
		written, err := c.Text()
		require.NoError(t, err)
		require.Len(t, written, len(text))
		got, err := bpki.ParseChallenge(written)
		require.NoError(t, err)
		require.Equal(t, c, got)
	})
}
