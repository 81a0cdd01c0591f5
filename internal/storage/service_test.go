package storage

import (
	"errors"
	"net/netip"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

func TestI5_LoginAndPasswordOpenTheStorage(t *testing.T) {
	t.Parallel()
	b := setup(t)
	login, password := b.provide(t, "order-1")
	bundle, err := b.service.Open(t.Context(), login, password, home)
	require.NoError(t, err)
	require.Equal(t, b.store.issued.Certificate, bundle.CertificateDER)
	require.NotEmpty(t, bundle.ChainP7B)
	require.Equal(t, 1, b.store.fetched)
}

func TestI5_WrongAndUnknownGetOneAnswer(t *testing.T) {
	t.Parallel()
	b := setup(t)
	login, password := b.provide(t, "order-1")
	for _, try := range [][2]string{{login, "ABCD"}, {"RC-0000-0000", password}, {"nonsense\x00", password}, {"", ""}, {login, ""}} {
		_, err := b.service.Open(t.Context(), try[0], try[1], home)
		require.ErrorIs(t, err, ErrDenied)
	}
	require.Zero(t, b.store.fetched)
}

func TestI5_CredentialsEnd(t *testing.T) {
	t.Parallel()
	b := setup(t)
	login, password := b.provide(t, "order-1")
	*b.clock = b.clock.Add(DefaultTerm)
	_, err := b.service.Open(t.Context(), login, password, home)
	require.ErrorIs(t, err, ErrExpired)
	_, err = b.service.Open(t.Context(), login, "ABCD", home)
	require.ErrorIs(t, err, ErrDenied, "who does not know the password learns nothing")
}

func TestNetworkOfAnAddress(t *testing.T) {
	t.Parallel()
	for in, want := range map[string]string{
		"192.0.2.7": "192.0.2.7", "::ffff:192.0.2.7": "192.0.2.7",
		"2001:db8:1:2:3:4:5:6": "2001:db8:1:2::/64", "fe80::1%eth0": "fe80::/64",
	} {
		require.Equal(t, want, Network(netip.MustParseAddr(in)))
	}
}

func TestCountersDoNotNameAnybody(t *testing.T) {
	t.Parallel()
	b := setup(t)
	login, password := b.provide(t, "order-1")
	_, err := b.service.Open(t.Context(), login, password, home)
	require.NoError(t, err)
	require.Len(t, b.attempts.counts, 5)
	require.Zero(t, b.attempts.all(), "a right password costs nothing")
	for counter := range b.attempts.counts {
		require.Regexp(t, `^[0-9a-f]{64}$`, counter.Key)
		require.False(t, b.clock.Before(counter.Start))
		require.True(t, b.clock.Before(counter.End))
	}
}

func TestOpenFailsClosed(t *testing.T) {
	t.Parallel()
	broken := errors.New("connection lost")
	b := setup(t)
	login, password := b.provide(t, "order-1")
	b.attempts.fail = broken
	_, err := b.service.Open(t.Context(), login, password, home)
	require.ErrorIs(t, err, broken)
	b.attempts.fail, b.store.fail = nil, broken
	_, err = b.service.Open(t.Context(), login, password, home)
	require.ErrorIs(t, err, broken)
	require.Zero(t, b.store.fetched)
}

func TestOldHashIsRenewedAtAGoodLogin(t *testing.T) {
	t.Parallel()
	b := setup(t)
	login, password := b.provide(t, "order-1")
	under, err := hasher(t, "m0", "m1").Hash(Login(login), TypedPassword(password))
	require.NoError(t, err)
	b.service.hasher = hasher(t, "m1", "m0")
	for name, old := range map[string]string{"another scheme": earlier(TypedPassword(password), quick), "another key": under} {
		require.NoError(t, b.store.update("order-1", func(c *Credential) { c.Hash = old }))
		for range 2 {
			_, err = b.service.Open(t.Context(), login, password, home)
			require.NoError(t, err, name)
		}
		require.NotEqual(t, old, b.store.credentials["order-1"].Hash)
		require.False(t, b.service.hasher.Outdated(b.store.credentials["order-1"].Hash))
	}
}

func TestI4_RetriesLeaveOnePairOfCredentials(t *testing.T) {
	t.Parallel()
	b := setup(t)
	first, err := b.issuer.Provide(t.Context(), "order-1", *b.clock)
	require.NoError(t, err)
	require.Equal(t, b.clock.Add(DefaultTerm), first.ExpiresAt)
	again, err := b.issuer.Provide(t.Context(), "order-1", b.clock.Add(time.Hour))
	require.NoError(t, err)
	require.Equal(t, first, again)

	b.store.taken = 2
	_, err = b.issuer.Provide(t.Context(), "order-2", *b.clock)
	require.NoError(t, err)
	b.store.taken = maxDraws
	_, err = b.issuer.Provide(t.Context(), "order-3", *b.clock)
	require.ErrorIs(t, err, ErrLoginTaken)
}

func TestI5_ClearPasswordExistsOnlySealedUntilDelivered(t *testing.T) {
	t.Parallel()
	b := setup(t)
	login, password := b.provide(t, "order-1")
	row := b.store.credentials["order-1"]
	require.NotContains(t, string(row.Sealed), password)
	require.NotContains(t, row.Hash, password)

	moved := row
	moved.OrderID = "order-2"
	b.store.credentials["order-2"] = moved
	_, _, err := b.issuer.Reveal(t.Context(), "order-2")
	require.Error(t, err, "a sealed password opens in its own row only")

	require.NoError(t, b.issuer.Delivered(t.Context(), "order-1"))
	kept, _, err := b.issuer.Reveal(t.Context(), "order-1")
	require.ErrorIs(t, err, ErrDelivered)
	require.Equal(t, login, string(kept.Login))
	_, _, err = b.issuer.Reveal(t.Context(), "order-9")
	require.ErrorIs(t, err, ErrNotFound)
	_, err = b.service.Open(t.Context(), login, password, home)
	require.NoError(t, err)
}

func TestConstructorsRefuseWhatCannotWork(t *testing.T) {
	t.Parallel()
	b := setup(t)
	_, err := NewIssuer(nil, nil, nil, nil, 0)
	require.Error(t, err)
	_, err = NewService(b.store, nil, nil, nil)
	require.Error(t, err)
	_, err = NewLimiter(b.attempts, DefaultLimits(), []byte("short"))
	require.Error(t, err)
	_, err = NewLimiter(b.attempts, Limits{}, make([]byte, 16))
	require.Error(t, err)
	for _, spoil := range []func(*Limits){
		func(l *Limits) { l.PerLogin = []Limit{{0, time.Hour}} }, func(l *Limits) { l.PerAddress = nil },
		func(l *Limits) { l.Attack = Limit{} }, func(l *Limits) { l.UnderAttack = 0 }, func(l *Limits) { l.Attack.Window = time.Millisecond },
	} {
		limits := DefaultLimits()
		spoil(&limits)
		_, err = NewLimiter(b.attempts, limits, make([]byte, 16))
		require.Error(t, err)
	}
}

func TestChainIsReadByOpenSSL(t *testing.T) {
	t.Parallel()
	der, err := ChainP7B(certificate(t, "end"), certificate(t, "ca"))
	require.NoError(t, err)
	file := filepath.Join(t.TempDir(), "chain.p7b")
	require.NoError(t, os.WriteFile(file, der, 0o600))
	out, err := exec.Command("openssl", "pkcs7", "-inform", "DER", "-in", file, "-print_certs", "-noout").CombinedOutput()
	require.NoError(t, err, string(out))
	require.Contains(t, string(out), "CN = end")
	require.Contains(t, string(out), "CN = ca")

	_, err = ChainP7B()
	require.Error(t, err)
	_, err = ChainP7B([]byte("no certificate"))
	require.Error(t, err)
}
