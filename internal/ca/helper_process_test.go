package ca_test

import (
	"context"
	"crypto"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"syscall"
	"testing"
	"time"

	"github.com/remote-issuance/remote-issuance/activities"
	"github.com/remote-issuance/remote-issuance/internal/ca"
	"github.com/remote-issuance/remote-issuance/internal/ca/catest"
	"github.com/remote-issuance/remote-issuance/internal/postgres"
)

// Variables of the helper process.
const (
	variablePoint    = "CRASH_POINT"
	variableDatabase = "CRASH_DATABASE"
	variableDir      = "CRASH_DIR"
	variableInput    = "CRASH_INPUT"
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
	issuance, err := bench.Issuance(issuers, mortalBook{bench.Book})
	if err != nil {
		return err
	}
	issuance.Credentials, issuance.Records = mortalCredentials{issuance.Credentials}, mortalRecords{issuance.Records}
	var in activities.IssueCertificateInput
	if err := json.Unmarshal([]byte(os.Getenv(variableInput)), &in); err != nil {
		return err
	}
	_, err = issuance.IssueCertificate(ctx, in)
	return err
}

type mortalKey struct{ crypto.Signer }

func (k mortalKey) Sign(random io.Reader, digest []byte, opts crypto.SignerOpts) ([]byte, error) {
	die("before sign")
	signature, err := k.Signer.Sign(random, digest, opts)
	die("after sign")
	return signature, err
}

type mortalBook struct{ *postgres.Book }

func (b mortalBook) Reserve(ctx context.Context, p ca.Prepared) (ca.Stored, bool, error) {
	die("before reserve")
	stored, existing, err := b.Book.Reserve(ctx, p)
	die("after reserve")
	return stored, existing, err
}

func (b mortalBook) Complete(ctx context.Context, stored ca.Stored, der []byte) ([]byte, error) {
	die("before complete")
	kept, err := b.Book.Complete(ctx, stored, der)
	die("after complete")
	return kept, err
}

type mortalCredentials struct{ activities.Credentials }

func (c mortalCredentials) Provide(ctx context.Context, orderID string, now time.Time) error {
	die("before credentials")
	err := c.Credentials.Provide(ctx, orderID, now)
	die("after credentials")
	return err
}

type mortalRecords struct{ activities.RecordStore }

func (r mortalRecords) RecordOrder(ctx context.Context, in activities.RecordOrderInput) error {
	die("before record")
	err := r.RecordStore.RecordOrder(ctx, in)
	die("after record")
	return err
}
