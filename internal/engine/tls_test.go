package engine_test

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"log/slog"
	"math/big"
	"net"
	"os"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"go.temporal.io/sdk/client"
	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials"
	"google.golang.org/grpc/metadata"

	"github.com/remote-issuance/remote-issuance/internal/config"
	"github.com/remote-issuance/remote-issuance/internal/engine"
	"github.com/remote-issuance/remote-issuance/internal/engine/enginetest"
)

// pair is a self-signed certificate for 127.0.0.1 with its key, also as files.
type pair struct {
	tls.Certificate
	pool          *x509.CertPool
	cert, keyFile config.File
}

func newPair(t *testing.T) pair {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	require.NoError(t, err)
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "test"}, IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)},
		NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour), IsCA: true, BasicConstraintsValid: true,
		ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth, x509.ExtKeyUsageClientAuth},
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, key.Public(), key)
	require.NoError(t, err)
	keyDER, err := x509.MarshalPKCS8PrivateKey(key)
	require.NoError(t, err)
	certPEM := pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der})
	keyPEM := pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: keyDER})
	p := pair{pool: x509.NewCertPool(), cert: write(t, "cert.pem", certPEM), keyFile: write(t, "key.pem", keyPEM)}
	require.True(t, p.pool.AppendCertsFromPEM(certPEM))
	p.Certificate, err = tls.X509KeyPair(certPEM, keyPEM)
	require.NoError(t, err)
	return p
}

func write(t *testing.T, name string, content []byte) config.File {
	t.Helper()
	path := filepath.Join(t.TempDir(), name)
	require.NoError(t, os.WriteFile(path, content, 0o600))
	return config.File(path)
}

func TestTLSOfBothSidesIsChecked(t *testing.T) {
	server, own, stranger := newPair(t), newPair(t), newPair(t)
	fake := enginetest.New(t, grpc.Creds(credentials.NewTLS(&tls.Config{
		Certificates: []tls.Certificate{server.Certificate}, ClientAuth: tls.RequireAndVerifyClientCert, ClientCAs: own.pool, MinVersion: tls.VersionTLS12,
	})))
	at := config.Temporal{Address: config.Address(fake.Address), Namespace: namespace}
	for _, c := range []struct {
		name   string
		change func(*config.Temporal)
		good   bool
	}{
		{"both known", func(t *config.Temporal) { t.TLSCA, t.TLSCertificate, t.TLSKey = server.cert, own.cert, own.keyFile }, true},
		{"an unknown server", func(t *config.Temporal) { t.TLSCA, t.TLSCertificate, t.TLSKey = stranger.cert, own.cert, own.keyFile }, false},
		{"an unknown client", func(t *config.Temporal) {
			t.TLSCA, t.TLSCertificate, t.TLSKey = server.cert, stranger.cert, stranger.keyFile
		}, false},
		{"no client certificate", func(t *config.Temporal) { t.TLSCA = server.cert }, false},
		{"no TLS", func(*config.Temporal) {}, false},
	} {
		t.Run(c.name, func(t *testing.T) {
			settings := at
			c.change(&settings)
			temporal, err := engine.Plain(settings, slog.New(slog.DiscardHandler))
			require.NoError(t, err)
			defer temporal.Close()
			_, err = temporal.CheckHealth(t.Context(), &client.CheckHealthRequest{})
			require.Equal(t, c.good, err == nil, "%v", err)
		})
	}
}

func TestFilesThatAreNoCertificatesAreNamedAtTheStart(t *testing.T) {
	good, missing := newPair(t), config.File(filepath.Join(t.TempDir(), "none.pem"))
	empty := write(t, "empty.pem", nil)
	for name, settings := range map[string]config.Temporal{
		"no CA file":          {TLSCA: missing},
		"no CA in the file":   {TLSCA: empty},
		"no certificate file": {TLSCertificate: missing, TLSKey: good.keyFile},
		"no key file":         {TLSCertificate: good.cert, TLSKey: missing},
		"key of another":      {TLSCertificate: good.cert, TLSKey: newPair(t).keyFile},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := engine.Plain(settings, slog.New(slog.DiscardHandler))
			require.ErrorContains(t, err, "temporal")
			_, err = engine.Connect(engine.Options{Temporal: settings, Log: slog.New(slog.DiscardHandler)})
			require.ErrorContains(t, err, "temporal")
		})
	}
}

func TestCallsCarryTheTokenOfTheFile(t *testing.T) {
	server := newPair(t)
	var mu sync.Mutex
	var seen []string
	fake := enginetest.New(t,
		grpc.Creds(credentials.NewTLS(&tls.Config{Certificates: []tls.Certificate{server.Certificate}, MinVersion: tls.VersionTLS12})),
		grpc.ChainUnaryInterceptor(func(ctx context.Context, req any, _ *grpc.UnaryServerInfo, next grpc.UnaryHandler) (any, error) {
			md, _ := metadata.FromIncomingContext(ctx)
			mu.Lock()
			seen = append(seen, md.Get("authorization")...)
			mu.Unlock()
			return next(ctx, req)
		}))
	settings := config.Temporal{
		Address: config.Address(fake.Address), Namespace: namespace, TLSCA: server.cert, TokenFile: write(t, "token", []byte("first\n")),
	}
	for _, connect := range []func() (client.Client, error){
		func() (client.Client, error) { return engine.Plain(settings, slog.New(slog.DiscardHandler)) },
		func() (client.Client, error) {
			return engine.Connect(engine.Options{Temporal: settings, Log: slog.New(slog.DiscardHandler)})
		},
	} {
		temporal, err := connect()
		require.NoError(t, err)
		_, err = temporal.CheckHealth(t.Context(), &client.CheckHealthRequest{})
		require.NoError(t, err)
		temporal.Close()
	}
	require.NotEmpty(t, seen)
	for _, header := range seen {
		require.Equal(t, "Bearer first", header)
	}
}
