package ca_test

import (
	"context"
	"crypto"
	"fmt"
	"io"
	"os"
	"syscall"
	"testing"
	"time"

	"github.com/remote-issuance/remote-issuance/internal/ca"
	"github.com/remote-issuance/remote-issuance/internal/ca/catest"
	"github.com/remote-issuance/remote-issuance/internal/issuance"
	"github.com/remote-issuance/remote-issuance/internal/order"
	"github.com/remote-issuance/remote-issuance/internal/postgres"
	"github.com/remote-issuance/remote-issuance/internal/storage"
)

// Variables of the helper process.
const (
	variablePoint    = "CRASH_POINT"
	variableDatabase = "CRASH_DATABASE"
	variableDir      = "CRASH_DIR"
	variableOrder    = "CRASH_ORDER"
)

// TestMain is the helper process where the variables of one are set: it issues
// as a worker does and kills itself at the point, with nothing to clean up.
func TestMain(m *testing.M) {
	if os.Getenv(variablePoint) == "" {
		os.Exit(m.Run())
	}
	if err := help(); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	os.Exit(0)
}

// die kills the process with SIGKILL when it has come to its point.
func die(point string) {
	if os.Getenv(variablePoint) == point {
		_ = syscall.Kill(os.Getpid(), syscall.SIGKILL)
		select {}
	}
}

func help() error {
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	pool, err := postgres.Connect(ctx, os.Getenv(variableDatabase))
	if err != nil {
		return err
	}
	defer pool.Close()
	bench := catest.Open(pool, os.Getenv(variableDir))
	issuers, err := bench.Issuers(func(key crypto.Signer) crypto.Signer { return mortalKey{key} })
	if err != nil {
		return err
	}
	authority, err := bench.Authority(issuers, mortalCertificates{bench.Certificates})
	if err != nil {
		return err
	}
	id, err := order.ParseID(os.Getenv(variableOrder))
	if err != nil {
		return err
	}
	_, err = authority.Issue(ctx, id)
	return err
}

type mortalKey struct{ crypto.Signer }

func (k mortalKey) Sign(random io.Reader, digest []byte, opts crypto.SignerOpts) ([]byte, error) {
	die("before sign")
	signature, err := k.Signer.Sign(random, digest, opts)
	die("after sign")
	return signature, err
}

type mortalCertificates struct{ *postgres.CertificateStore }

func (m mortalCertificates) Reserve(
	ctx context.Context, p ca.Prepared, prove func(issuance.Stored) error,
) (ca.Stored, bool, error) {
	die("before reserve")
	stored, existing, err := m.CertificateStore.Reserve(ctx, p, prove)
	die("after reserve")
	return stored, existing, err
}

func (m mortalCertificates) Complete(
	ctx context.Context, stored ca.Stored, der []byte, done func(issuance.Paid) order.Decision, credentials storage.Credential,
) ([]byte, error) {
	die("before complete")
	kept, err := m.CertificateStore.Complete(ctx, stored, der, done, credentials)
	die("after complete")
	return kept, err
}
