package site

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"errors"
	"io"
	"log"
	"math/big"
	"net"
	"net/http"
	"net/http/httputil"
	"net/url"
	"sync"
	"sync/atomic"
	"time"
)

// front is the operator's TLS proxy, and the TLS of the parties; ERIP's messages come over a line of their own.
type front struct {
	eripURL string
	tls     *http.Server
	erip    *http.Server
	next    atomic.Uint64

	mu   sync.Mutex
	apis []*url.URL
}

func startFront(certificate tls.Certificate, hosts map[string]string) (*front, error) {
	f := &front{}
	quiet := log.New(io.Discard, "", 0)
	handlers := map[string]http.Handler{APIHost: f.proxy("", quiet)}
	for host, target := range hosts {
		to, err := url.Parse(target)
		if err != nil {
			return nil, err
		}
		p := httputil.NewSingleHostReverseProxy(to)
		p.ErrorLog = quiet
		handlers[host] = p
	}
	listener, err := net.Listen("tcp", "0.0.0.0:443")
	if err != nil {
		return nil, err
	}
	line, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, errors.Join(err, listener.Close())
	}
	f.eripURL = "http://" + line.Addr().String() + "/gateways/erip"
	f.tls = &http.Server{ReadHeaderTimeout: 10 * time.Second, ErrorLog: quiet,
		TLSConfig: &tls.Config{Certificates: []tls.Certificate{certificate}},
		Handler: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			h, ok := handlers[r.Host]
			if !ok {
				http.NotFound(w, r)
				return
			}
			h.ServeHTTP(w, r)
		})}
	f.erip = &http.Server{ReadHeaderTimeout: 10 * time.Second, ErrorLog: quiet, Handler: f.proxy(ERIPAddress, quiet)}
	go func() { _ = f.tls.ServeTLS(listener, "", "") }()
	go func() { _ = f.erip.Serve(line) }()
	return f, nil
}

func (f *front) serve(addresses []string) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.apis = nil
	for _, a := range addresses {
		f.apis = append(f.apis, &url.URL{Scheme: "http", Host: a})
	}
}

// proxy shares requests among the APIs and says whom they come from: the address given, or the one that is seen.
func (f *front) proxy(from string, quiet *log.Logger) *httputil.ReverseProxy {
	return &httputil.ReverseProxy{ErrorLog: quiet, Rewrite: func(r *httputil.ProxyRequest) {
		f.mu.Lock()
		defer f.mu.Unlock()
		if len(f.apis) == 0 {
			r.Out.URL = &url.URL{Scheme: "http", Host: "127.0.0.1:1"}
			return
		}
		r.SetURL(f.apis[f.next.Add(1)%uint64(len(f.apis))])
		r.SetXForwarded()
		if from != "" {
			r.Out.Header.Set("X-Forwarded-For", from)
		}
	}}
}

// Close stops both.
func (f *front) Close() error { return errors.Join(f.tls.Close(), f.erip.Close()) }

// patient asks again while the proxy finds nobody, as a browser's user does.
type patient struct{ next http.RoundTripper }

const patience = 2 * time.Minute

// RoundTrip repeats what was answered with 502 or 503, or not at all.
func (p patient) RoundTrip(r *http.Request) (*http.Response, error) {
	ctx, cancel := context.WithTimeout(r.Context(), patience)
	defer cancel()
	for {
		response, err := p.next.RoundTrip(r)
		unavailable := err == nil && (response.StatusCode == http.StatusBadGateway || response.StatusCode == http.StatusServiceUnavailable)
		if err == nil && !unavailable || r.Header.Get("X-Once") != "" || r.Body != nil && r.GetBody == nil {
			return response, err
		}
		select {
		case <-ctx.Done():
			return response, err
		case <-time.After(time.Second):
		}
		if unavailable {
			_ = response.Body.Close()
		}
		if r.GetBody != nil {
			if r.Body, err = r.GetBody(); err != nil {
				return nil, err
			}
		}
	}
}

// newTLS makes a root that nobody knows and a certificate for the names.
func newTLS(names ...string) (root []byte, certificate tls.Certificate, err error) {
	rootKey, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return nil, certificate, err
	}
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return nil, certificate, err
	}
	now := time.Now()
	parent := &x509.Certificate{SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "Root of the operator's own"}, NotBefore: now.Add(-time.Hour),
		NotAfter: now.AddDate(1, 0, 0), IsCA: true, BasicConstraintsValid: true, KeyUsage: x509.KeyUsageCertSign}
	rootDER, err := x509.CreateCertificate(rand.Reader, parent, parent, &rootKey.PublicKey, rootKey)
	if err != nil {
		return nil, certificate, err
	}
	leaf := &x509.Certificate{SerialNumber: big.NewInt(2), Subject: pkix.Name{CommonName: names[0]}, NotBefore: now.Add(-time.Hour),
		NotAfter: now.AddDate(1, 0, 0), DNSNames: names, KeyUsage: x509.KeyUsageDigitalSignature, ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth}}
	der, err := x509.CreateCertificate(rand.Reader, leaf, parent, &key.PublicKey, rootKey)
	if err != nil {
		return nil, certificate, err
	}
	return pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: rootDER}), tls.Certificate{Certificate: [][]byte{der}, PrivateKey: key}, nil
}
