package engine

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"time"

	"go.temporal.io/sdk/client"
	"go.temporal.io/sdk/interceptor"

	"github.com/remote-issuance/remote-issuance/internal/config"
	"github.com/remote-issuance/remote-issuance/internal/payload"
	"github.com/remote-issuance/remote-issuance/internal/telemetry"
)

// Options are what a connection is made of; Metrics may be nil.
type Options struct {
	Temporal config.Temporal
	Log      *slog.Logger
	Metrics  *telemetry.Metrics
	Keys     *payload.Cache
	// Spans makes the spans of workflows, activities and messages; nil for none.
	Spans interceptor.Interceptor
}

// Option changes the connection; tests use it to look at time and calls.
type Option func(*client.Options)

// Connect makes a client whose payloads and failures are encrypted, and whose
// workers refuse what is not: see payload.NewInterceptor. It does not wait for the server: the first call does.
func Connect(o Options, change ...Option) (client.Client, error) {
	secure, err := tlsConfig(o.Temporal)
	if err != nil {
		return nil, err
	}
	options := client.Options{
		HostPort: string(o.Temporal.Address), Namespace: o.Temporal.Namespace,
		Logger:            telemetry.TemporalLogger(o.Log),
		DataConverter:     payload.NewDataConverter(o.Keys),
		FailureConverter:  payload.NewFailureConverter(o.Keys),
		Interceptors:      interceptors(o),
		ConnectionOptions: connection(o.Temporal, secure),
		Credentials:       credentials(o.Temporal),
	}
	if o.Metrics != nil {
		options.MetricsHandler = o.Metrics.Temporal()
	}
	for _, c := range change {
		c(&options)
	}
	return client.NewLazyClient(options)
}

// interceptors bind messages to their workflows and, where spans are made, make them.
func interceptors(o Options) []interceptor.ClientInterceptor {
	out := []interceptor.ClientInterceptor{payload.NewInterceptor(o.Keys)}
	if o.Spans != nil {
		out = append([]interceptor.ClientInterceptor{o.Spans}, out...)
	}
	return out
}

// Plain makes a client that carries no payloads, for preparing a server.
func Plain(t config.Temporal, log *slog.Logger) (client.Client, error) {
	secure, err := tlsConfig(t)
	if err != nil {
		return nil, err
	}
	return client.NewLazyClient(client.Options{
		HostPort: string(t.Address), Namespace: t.Namespace, Logger: telemetry.TemporalLogger(log),
		ConnectionOptions: connection(t, secure),
		Credentials:       credentials(t),
	})
}

// Await blocks until the server answers or the context ends.
func Await(ctx context.Context, c client.Client) error {
	for {
		_, err := c.CheckHealth(ctx, &client.CheckHealthRequest{})
		if err == nil {
			return nil
		}
		select {
		case <-ctx.Done():
			return fmt.Errorf("temporal server does not answer: %w", err)
		case <-time.After(250 * time.Millisecond):
		}
	}
}

// connection compresses what leaves the machine, and nothing else: between two
// processes of one machine bytes cost less than packing them.
func connection(t config.Temporal, secure *tls.Config) client.ConnectionOptions {
	// The SDK would speak TLS of its own accord as soon as there is a token.
	o := client.ConnectionOptions{TLS: secure, TLSDisabled: secure == nil}
	if t.SameMachine() {
		o.GrpcCompression = &client.GrpcCompressionNone{}
	}
	return o
}

func tlsConfig(t config.Temporal) (*tls.Config, error) {
	if !t.TLS() {
		return nil, nil
	}
	c := &tls.Config{MinVersion: tls.VersionTLS12, ServerName: t.TLSServerName}
	if t.TLSCA != "" {
		pem, err := os.ReadFile(string(t.TLSCA))
		if err != nil {
			return nil, fmt.Errorf("temporal CA: %w", err)
		}
		c.RootCAs = x509.NewCertPool()
		if !c.RootCAs.AppendCertsFromPEM(pem) {
			return nil, errors.New("temporal CA: no certificate in the file")
		}
	}
	if t.TLSCertificate != "" {
		pair, err := tls.LoadX509KeyPair(string(t.TLSCertificate), string(t.TLSKey))
		if err != nil {
			return nil, fmt.Errorf("temporal client certificate: %w", err)
		}
		c.Certificates = []tls.Certificate{pair}
	}
	return c, nil
}
