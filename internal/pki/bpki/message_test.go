package bpki_test

import (
	"bytes"
	"math/big"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/remote-issuance/remote-issuance/internal/pki/bpki"
)

func drawText(t *rapid.T, name string, most int) string {
	runes := rapid.SampledFrom([]rune("aZ0 №«ёЎў/:,-𝄞"))
	return string(rapid.SliceOfN(runes, 1, most).Draw(t, name))
}

func TestSTB78_ResponsesComeBack(t *testing.T) {
	failures := []bpki.Failure{
		bpki.FailureBadAlgorithm, bpki.FailureBadRequest, bpki.FailureBadDataFormat, bpki.FailureTimeNotAvailable,
		bpki.FailureUnacceptedPolicy, bpki.FailureUnacceptedExtension, bpki.FailureAddInfoNotAvailable, bpki.FailureSystem,
	}
	rapid.Check(t, func(t *rapid.T) {
		r := bpki.Response{Status: rapid.SampledFrom([]bpki.Status{bpki.StatusGranted, bpki.StatusRejection, bpki.StatusWaiting}).Draw(t, "status")}
		copy(r.RequestID[:], rapid.SliceOfN(rapid.Byte(), 32, 32).Draw(t, "id"))
		if r.Status == bpki.StatusRejection {
			r.Failure = rapid.SampledFrom(failures).Draw(t, "failure")
			for range rapid.IntRange(0, 8).Draw(t, "comments") {
				r.Comments = append(r.Comments, drawText(t, "comment", 30))
			}
		}
		if rapid.Bool().Draw(t, "repeated") {
			r.Nonce = rapid.SliceOfN(rapid.Byte(), 8, 8).Draw(t, "nonce")
		}
		der, err := r.Marshal()
		require.NoError(t, err)
		got, err := bpki.ParseResponse(der)
		require.NoError(t, err)
		require.Equal(t, r, got)
		_, err = bpki.ParseResponse(append(der, 0))
		require.ErrorIs(t, err, bpki.ErrMalformed)
		_, err = bpki.ParseResponse(der[:rapid.IntRange(0, len(der)-1).Draw(t, "cut")])
		require.ErrorIs(t, err, bpki.ErrMalformed)
	})
}

func TestSTB78_ResponsesThatContradictThemselves(t *testing.T) {
	for name, r := range map[string]bpki.Response{
		"granted with a reason":       {Failure: bpki.FailureBadRequest},
		"granted with a comment":      {Comments: []string{"text"}},
		"waiting with a reason":       {Status: bpki.StatusWaiting, Failure: bpki.FailureSystem},
		"refused without a reason":    {Status: bpki.StatusRejection},
		"refused for what is unknown": {Status: bpki.StatusRejection, Failure: 2},
		"reason beyond the list":      {Status: bpki.StatusRejection, Failure: 27},
		"granted with modifications":  {Status: 1},
		"negative":                    {Status: -1},
		"short nonce":                 {Nonce: make([]byte, 7)},
		"empty nonce":                 {Nonce: []byte{}},
		"empty comment":               {Status: bpki.StatusRejection, Failure: bpki.FailureSystem, Comments: []string{""}},
		"control character":           {Status: bpki.StatusRejection, Failure: bpki.FailureSystem, Comments: []string{"a\x00b"}},
		"no UTF-8":                    {Status: bpki.StatusRejection, Failure: bpki.FailureSystem, Comments: []string{"\xFF"}},
		"many comments":               {Status: bpki.StatusRejection, Failure: bpki.FailureSystem, Comments: strings.Split("abcdefghi", "")},
	} {
		_, err := r.Marshal()
		require.ErrorIs(t, err, bpki.ErrMalformed, name)
	}
}

// TestSTB78_ResponseOctets is written by hand after RFC 3161, 2.4.2.
func TestSTB78_ResponseOctets(t *testing.T) {
	id := strings.Repeat("\xAA", 32)
	for text, want := range map[string]bpki.Response{
		"\x30\x27\x30\x03\x02\x01\x00\x04\x20" + id:                                              {Status: bpki.StatusGranted},
		"\x30\x2B\x30\x07\x02\x01\x02\x03\x02\x05\x20\x04\x20" + id:                              {Status: bpki.StatusRejection, Failure: bpki.FailureBadRequest},
		"\x30\x2E\x30\x0A\x02\x01\x02\x03\x05\x06\x00\x00\x00\x40\x04\x20" + id:                  {Status: bpki.StatusRejection, Failure: bpki.FailureSystem},
		"\x30\x31\x30\x03\x02\x01\x03\x04\x20" + id + "\x04\x08\x01\x02\x03\x04\x05\x06\x07\x08": {Status: bpki.StatusWaiting, Nonce: []byte{1, 2, 3, 4, 5, 6, 7, 8}},
	} {
		copy(want.RequestID[:], id)
		got, err := bpki.ParseResponse([]byte(text))
		require.NoError(t, err, "%x", text)
		require.Equal(t, want, got)
		der, err := want.Marshal()
		require.NoError(t, err)
		require.Equal(t, []byte(text), der)
	}
	for name, text := range map[string]string{
		"two reasons":      "\x30\x2B\x30\x07\x02\x01\x02\x03\x02\x05\xA0\x04\x20" + id,
		"zeros at the end": "\x30\x2B\x30\x07\x02\x01\x02\x03\x02\x04\x20\x04\x20" + id,
		"no bits":          "\x30\x2A\x30\x06\x02\x01\x02\x03\x01\x00\x04\x20" + id,
		"empty comments":   "\x30\x2D\x30\x09\x02\x01\x02\x30\x00\x03\x02\x05\x20\x04\x20" + id,
		"long status":      "\x30\x28\x30\x04\x02\x02\x00\x00\x04\x20" + id,
		"short id":         "\x30\x26\x30\x03\x02\x01\x00\x04\x1F" + id[1:],
		"empty nonce":      "\x30\x29\x30\x03\x02\x01\x00\x04\x20" + id + "\x04\x00",
	} {
		_, err := bpki.ParseResponse([]byte(text))
		require.ErrorIs(t, err, bpki.ErrMalformed, name)
	}
}

func TestSTB78_RevocationsComeBack(t *testing.T) {
	issuer := holder(t, curves()[0]).Certificate.Issuer
	rapid.Check(t, func(t *rapid.T) {
		r := bpki.RevokeRequest{
			Issuer:       issuer,
			SerialNumber: big.NewInt(rapid.Int64Range(1, 1<<62).Draw(t, "serial")),
			Reason:       rapid.SampledFrom([]bpki.Reason{0, 1, 2, 3, 4, 5, 6, 8, 9, 10}).Draw(t, "reason"),
		}
		if rapid.Bool().Draw(t, "with a password") {
			r.Password = drawText(t, "password", 50)
		}
		if rapid.Bool().Draw(t, "with a comment") {
			r.Comment = drawText(t, "comment", 50)
		}
		if rapid.Bool().Draw(t, "with a date") {
			r.InvalidityDate = time.Unix(rapid.Int64Range(0, 1<<32).Draw(t, "date"), 0).UTC()
		}
		der, err := r.Marshal()
		require.NoError(t, err)
		got, err := bpki.ParseRevokeRequest(der)
		require.NoError(t, err)
		require.Equal(t, r, got)
		_, err = bpki.ParseRevokeRequest(append(der, 0))
		require.ErrorIs(t, err, bpki.ErrMalformed)
	})
	good := bpki.RevokeRequest{Issuer: issuer, SerialNumber: big.NewInt(1)}
	for name, change := range map[string]func(r *bpki.RevokeRequest){
		"no serial number":   func(r *bpki.RevokeRequest) { r.SerialNumber = nil },
		"negative number":    func(r *bpki.RevokeRequest) { r.SerialNumber = big.NewInt(-1) },
		"huge number":        func(r *bpki.RevokeRequest) { r.SerialNumber = new(big.Int).Lsh(big.NewInt(1), 160) },
		"unused reason":      func(r *bpki.RevokeRequest) { r.Reason = 7 },
		"unknown reason":     func(r *bpki.RevokeRequest) { r.Reason = 11 },
		"no issuer":          func(r *bpki.RevokeRequest) { r.Issuer = nil },
		"control characters": func(r *bpki.RevokeRequest) { r.Comment = "a\nb" },
		"long password":      func(r *bpki.RevokeRequest) { r.Password = strings.Repeat("a", 256) },
	} {
		r := good
		change(&r)
		_, err := r.Marshal()
		require.ErrorIs(t, err, bpki.ErrMalformed, name)
	}
}

func TestSTB78_SmallRequestsComeBack(t *testing.T) {
	r := bpki.RetrieveRequest{RequestID: bpki.RequestIDOf([]byte("x")), Nonce: [8]byte{1, 2, 3}}
	der, err := r.Marshal()
	require.NoError(t, err)
	got, err := bpki.ParseRetrieveRequest(der)
	require.NoError(t, err)
	require.Equal(t, r, got)
	for _, bad := range [][]byte{nil, der[:len(der)-1], append(bytes.Clone(der), 0), {0x30, 0}, make([]byte, bpki.MaxMessage+1)} {
		_, err = bpki.ParseRetrieveRequest(bad)
		require.Error(t, err)
	}

	der, err = bpki.MarshalRevocationPassword("пароль/RPWD:")
	require.NoError(t, err)
	password, err := bpki.ParseRevocationPassword(der)
	require.NoError(t, err)
	require.Equal(t, "пароль/RPWD:", password)
	for _, bad := range []string{"", "\x0c\x06/RPWD:", "\x0c\x07/XPWD:a", "\x0c\x07/RPWD:a\x00", "\x0c\x07/RPWD:\x00", "\x13\x07/RPWD:a"} {
		_, err = bpki.ParseRevocationPassword([]byte(bad))
		require.ErrorIs(t, err, bpki.ErrMalformed, "%q", bad)
	}
	for _, bad := range []string{"", "a\x00", "\xFF", strings.Repeat("a", 256)} {
		_, err = bpki.MarshalRevocationPassword(bad)
		require.ErrorIs(t, err, bpki.ErrMalformed)
	}
}

func FuzzResponse(f *testing.F) {
	der, err := bpki.Response{Status: bpki.StatusRejection, Failure: bpki.FailureSystem, Comments: []string{"text"}, Nonce: make([]byte, 8)}.Marshal()
	require.NoError(f, err)
	f.Add(der)
	f.Fuzz(func(t *testing.T, der []byte) {
		r, err := bpki.ParseResponse(der)
		if err != nil {
			return
		}
		again, err := r.Marshal()
		require.NoError(t, err)
		require.Equal(t, der, again)
	})
}

func FuzzRevokeRequest(f *testing.F) {
	der, err := bpki.RevokeRequest{
		Issuer: []byte{0x30, 0}, SerialNumber: big.NewInt(200), Password: "a", Reason: 1, InvalidityDate: now, Comment: "b",
	}.Marshal()
	require.NoError(f, err)
	f.Add(der)
	f.Fuzz(func(t *testing.T, der []byte) {
		r, err := bpki.ParseRevokeRequest(der)
		if err != nil {
			return
		}
		again, err := r.Marshal()
		require.NoError(t, err)
		require.Equal(t, der, again)
	})
}
