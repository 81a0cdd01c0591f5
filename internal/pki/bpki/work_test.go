package bpki_test

import (
	"bytes"
	"context"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/remote-issuance/remote-issuance/internal/pki/bpki"
)

const (
	date    = "Mon, 23 Nov 2026 12:00:00 GMT"
	address = "http://ca.example/spawn"
)

func TestSTB78_WorkIsForOneMessage(t *testing.T) {
	body := []byte("container")
	n, err := bpki.Work(context.Background(), 8, date, address, body, nil)
	require.NoError(t, err)
	require.NoError(t, n.Check(8, date, address, body))
	require.NoError(t, n.Check(1, date, address, body))
	require.ErrorIs(t, n.Check(9, date, address, body), bpki.ErrWork)

	n.Level = 30
	require.ErrorIs(t, n.Check(8, date, address, body), bpki.ErrWork)
	// By chance another message has the work once in 2^24; the salt is fixed for the test.
	n, err = bpki.Work(context.Background(), 12, date, address, body, bytes.NewReader(make([]byte, 8)))
	require.NoError(t, err)
	require.ErrorIs(t, n.Check(12, strings.Replace(date, "12:00", "12:01", 1), address, body), bpki.ErrWork)
	require.ErrorIs(t, n.Check(12, date, address+"/", body), bpki.ErrWork)
	require.ErrorIs(t, n.Check(12, date, address, append(body, 0)), bpki.ErrWork)

	text, err := bpki.ParseNonce(n.String())
	require.NoError(t, err)
	require.Equal(t, n, text)
}

func TestSTB78_WorkHasBounds(t *testing.T) {
	for _, level := range []int{-1, 0, bpki.MaxWork + 1, 256} {
		_, err := bpki.Work(context.Background(), level, date, address, nil, nil)
		require.ErrorIs(t, err, bpki.ErrWork)
	}
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	_, err := bpki.Work(ctx, bpki.MaxWork, date, address, nil, nil)
	require.ErrorIs(t, err, context.Canceled)
	_, err = bpki.Work(context.Background(), 1, date, address, nil, bytes.NewReader(nil))
	require.Error(t, err)
}

func TestSTB78_HeaderNonce(t *testing.T) {
	n, err := bpki.ParseNonce("0123456789ABCDEF:16")
	require.NoError(t, err)
	require.Equal(t, bpki.Nonce{Salt: [8]byte{0x01, 0x23, 0x45, 0x67, 0x89, 0xAB, 0xCD, 0xEF}, Level: 16}, n)
	require.Equal(t, "0123456789ABCDEF:16", n.String())
	level, err := bpki.ParseLevel("20")
	require.NoError(t, err)
	require.Equal(t, 20, level)
	for _, text := range []string{
		"", "20", ":16", "0123456789ABCDEF", "0123456789ABCDEF:", "0123456789ABCDEF:0", "0123456789ABCDEF:016", "0123456789ABCDEF:+1",
		"0123456789ABCDEF:257", "0123456789ABCDEF:-1", "0123456789ABCDEF: 1", "0123456789ABCDEFAA:16", "0123456789ABCDEG:16",
		"0123456789ABCDEF:16:1", "0123456789ABCDEF:99999999999999999999", strings.Repeat("A", 1<<16),
	} {
		_, err := bpki.ParseNonce(text)
		require.ErrorIs(t, err, bpki.ErrMalformed, "%.40q", text)
	}
}
