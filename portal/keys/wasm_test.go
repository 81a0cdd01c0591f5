package keys_test

import (
	"bytes"
	"compress/gzip"
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/remote-issuance/remote-issuance/internal/order"
	"github.com/remote-issuance/remote-issuance/internal/pki"
	"github.com/remote-issuance/remote-issuance/internal/pki/alg"
	"github.com/remote-issuance/remote-issuance/internal/pki/bpki"
	"github.com/remote-issuance/remote-issuance/internal/pki/path"
	"github.com/remote-issuance/remote-issuance/internal/pki/testca"
	"github.com/remote-issuance/remote-issuance/internal/request"
	"github.com/remote-issuance/remote-issuance/internal/stb/bign"
)

var now = time.Date(2026, 11, 23, 9, 0, 0, 0, time.UTC)

type octets struct {
	Octets []byte `json:"octets"`
}

// work sends one message to the worker of the pages and reads its answer.
func work(t *testing.T, operation string, input map[string]any) (out struct {
	Problem                       string
	Container, Request            octets
	Signature                     octets
	Surname, GivenNames, Position string
	IDCard, InForce               bool
	NotBefore, NotAfter           int64
},
) {
	t.Helper()
	node, err := exec.LookPath("node")
	if err != nil {
		t.Skip("node is not installed: the worker is tried in the browser tests only")
	}
	input["now"], input["startAfterDays"] = now.UnixMilli(), order.DefaultPolicy().StartAfterDays
	message, err := json.Marshal(map[string]any{"runtime": "wasm_exec.js", "module": "keys.wasm", "operation": operation, "input": input})
	require.NoError(t, err)
	c := exec.CommandContext(t.Context(), node, "testdata/worker.mjs", "files")
	c.Stdin, c.Stderr = bytes.NewReader(message), os.Stderr
	answer, err := c.Output()
	require.NoError(t, err)
	require.NoError(t, json.Unmarshal(answer, &out), "%s", answer)
	return out
}

// employee is a sample person with certificate and key.
type employee struct {
	ca   *testca.CA
	cert *pki.Certificate
	key  *bign.PrivateKey
}

func newEmployee(t *testing.T, c *bign.Curve) employee {
	t.Helper()
	ca, err := testca.New(testca.Options{Algorithm: alg.KeyAlgorithm(c.Name()), From: now.AddDate(-1, 0, 0)})
	require.NoError(t, err)
	key, err := bign.GenerateKey(c, nil)
	require.NoError(t, err)
	cert, err := ca.Issue(testca.ProfileExtensions, testca.SampleEmployee(), key.Public(), now.AddDate(-1, 0, 0), now.AddDate(1, 0, 0))
	require.NoError(t, err)
	return employee{ca, cert, key}
}

const password = "очень длинный пароль"

func TestS4_RequestOfThePagePassesTheFirstCheck(t *testing.T) {
	for _, c := range []*bign.Curve{bign.Curve256v1(), bign.Curve384v1(), bign.Curve512v1()} {
		e := newEmployee(t, c)
		begun := time.Now()
		out := work(t, "request", map[string]any{
			"certificate": octets{e.cert.Raw}, "position": "Главный бухгалтер", "years": 2, "password": password,
		})
		t.Logf("%s: request with key and container in %s", c.Name(), time.Since(begun).Round(time.Millisecond))
		require.Empty(t, out.Problem)
		got := request.Check(request.Input{
			File: out.Request.Octets, Current: e.cert, Service: order.ServiceEmployee, Now: now, Policy: order.DefaultPolicy(),
		})
		require.True(t, got.Report.Passed(), "%v", got.Report.Failed())
		require.Equal(t, 2, got.Years)
		require.Equal(t, "Главный бухгалтер", got.Subject.Position)
		require.Equal(t, []order.Field{order.FieldPosition}, got.Changed)
		require.Equal(t, order.DateOf(time.UnixMilli(out.NotBefore)), got.RequestedStart)
		key, err := bpki.OpenKey(out.Container.Octets, []byte(password))
		require.NoError(t, err)
		require.True(t, alg.SameKey(key.Public(), got.Request.PublicKey), "the container holds the key of the request")
		_, err = bpki.OpenKey(out.Container.Octets, []byte("another password"))
		require.ErrorIs(t, err, bpki.ErrPassword)
	}
}

func TestM6_SignatureOfThePagePassesTheVerifier(t *testing.T) {
	e := newEmployee(t, bign.Curve256v1())
	container, err := bpki.SealKey(e.key, []byte(password), bpki.Protection{})
	require.NoError(t, err)
	document := []byte("{\n  \"format\": \"remote-issuance/list/1\"\n}\n")
	input := func() map[string]any {
		return map[string]any{
			"document": octets{document}, "container": octets{container}, "certificate": octets{e.cert.Raw}, "password": password,
		}
	}
	out := work(t, "sign", input())
	require.Empty(t, out.Problem)
	trust := e.ca.Trust()
	for _, list := range []func(time.Time, ...pki.Revoked) (*pki.CRL, error){e.ca.CRL, e.ca.RootCRL} {
		crl, err := list(now)
		require.NoError(t, err)
		trust.CRLs = append(trust.CRLs, crl)
	}
	v := path.NewValidator(trust, path.Options{})
	d, err := v.VerifyDocument(out.Signature.Octets, document, now)
	require.NoError(t, err)
	require.Equal(t, e.cert.Raw, d.Signer.Raw)
	require.True(t, d.SigningTime.Equal(now))
	_, err = v.VerifyDocument(out.Signature.Octets, append(bytes.Clone(document), ' '), now)
	require.Error(t, err)

	for problem, change := range map[string]map[string]any{
		"password":    {"password": "another password"},
		"container":   {"container": octets{document}},
		"certificate": {"certificate": octets{container}},
		"mismatch":    {"certificate": octets{newEmployee(t, bign.Curve256v1()).cert.Raw}},
		"too-large":   {"certificate": octets{make([]byte, bpki.MaxMessage+1)}},
	} {
		in := input()
		for name, value := range change {
			in[name] = value
		}
		got := work(t, "sign", in)
		require.Equal(t, problem, got.Problem)
		require.Empty(t, got.Signature.Octets)
	}
}

func TestWorkerDescribesACertificate(t *testing.T) {
	e := newEmployee(t, bign.Curve256v1())
	out := work(t, "describe", map[string]any{"certificate": octets{e.cert.Raw}})
	want := testca.SampleEmployee()
	require.Equal(t, []any{want.Surname, want.Position, true, false, e.cert.NotAfter.UnixMilli()},
		[]any{out.Surname, out.Position, out.InForce, out.IDCard, out.NotAfter})
	require.Equal(t, "failed", work(t, "no such operation", map[string]any{}).Problem)
	require.Equal(t, "browser", work(t, "describe", map[string]any{}).Problem, "a panic is told, and the worker ends")
}

// TestBuiltFilesAreOfThisSource builds the files again: the same octets come out.
func TestBuiltFilesAreOfThisSource(t *testing.T) {
	mod, err := os.ReadFile("../../go.mod")
	require.NoError(t, err)
	if !strings.Contains(string(mod), "\ngo "+strings.TrimPrefix(runtime.Version(), "go")+"\n") {
		t.Skipf("%s is not the Go of go.mod: the files are built with that", runtime.Version())
	}
	folder := t.TempDir()
	c := exec.CommandContext(t.Context(), "./build.sh", folder)
	output, err := c.CombinedOutput()
	require.NoError(t, err, "%s", output)
	for _, name := range []string{"keys.wasm", "wasm_exec.js"} {
		want, err := os.ReadFile(filepath.Join(folder, name))
		require.NoError(t, err)
		got, err := os.ReadFile(filepath.Join("files", name))
		require.NoError(t, err)
		require.True(t, bytes.Equal(want, got), "files/%s is older than its source: go generate ./portal/keys", name)
	}
}

func TestWasmIsLight(t *testing.T) {
	module, err := os.ReadFile("files/keys.wasm")
	require.NoError(t, err)
	var packed bytes.Buffer
	w, err := gzip.NewWriterLevel(&packed, gzip.BestCompression)
	require.NoError(t, err)
	_, err = w.Write(module)
	require.NoError(t, err)
	require.NoError(t, w.Close())
	require.Less(t, packed.Len(), 1_050_000, "what travels; the runtime of Go alone is 570 kB")
}
