package pki_test

import (
	"crypto"
	"crypto/rand"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/remote-issuance/remote-issuance/internal/pki"
	"github.com/remote-issuance/remote-issuance/internal/pki/alg"
	"github.com/remote-issuance/remote-issuance/internal/pki/cms"
	"github.com/remote-issuance/remote-issuance/internal/pki/fault"
	"github.com/remote-issuance/remote-issuance/internal/pki/testca"
)

// openssl runs the independent implementation; it must be installed.
func openssl(t *testing.T, dir string, args ...string) string {
	t.Helper()
	cmd := exec.Command("openssl", args...)
	cmd.Dir = dir
	out, err := cmd.CombinedOutput()
	require.NoError(t, err, "openssl %v: %s", args, out)
	return string(out)
}

func write(t *testing.T, dir, name string, data []byte) {
	t.Helper()
	require.NoError(t, os.WriteFile(filepath.Join(dir, name), data, 0o600))
}

func TestOpenSSLAcceptsWhatWeBuild(t *testing.T) {
	now := time.Now().Truncate(time.Second)
	for _, kind := range []alg.KeyAlgorithm{alg.KeyECDSAP256, alg.KeyECDSAP521, alg.KeyRSA2048} {
		t.Run(string(kind), func(t *testing.T) {
			dir := t.TempDir()
			ca, err := testca.New(testca.Options{Algorithm: kind, From: now.AddDate(0, 0, -1)})
			require.NoError(t, err)
			key, err := alg.GenerateKey(kind, rand.Reader)
			require.NoError(t, err)
			validity := &pki.Validity{NotBefore: now, NotAfter: now.AddDate(1, 0, 0)}
			request, err := testca.ProfileExtensions.Request(testca.SampleEmployee(), key, validity)
			require.NoError(t, err)
			cert, err := ca.Issue(testca.ProfileName, testca.SampleEmployee(), request.PublicKey, now.AddDate(0, 0, -1), now.AddDate(30, 0, 0))
			require.NoError(t, err)
			crl, err := ca.CRL(now.Add(-time.Minute), pki.Revoked{SerialNumber: ca.Root.Certificate.SerialNumber, At: now, Reason: pki.ReasonSuperseded})
			require.NoError(t, err)
			rootCRL, err := ca.RootCRL(now.Add(-time.Minute))
			require.NoError(t, err)

			write(t, dir, "req.der", request.Raw)
			write(t, dir, "root.pem", pki.EncodeCertificates(ca.Root.Certificate))
			write(t, dir, "issuing.pem", pki.EncodeCertificates(ca.Issuing.Certificate))
			write(t, dir, "person.pem", pki.EncodeCertificates(cert))
			write(t, dir, "issuing.crl", crl.Raw)
			write(t, dir, "root.crl", rootCRL.Raw)
			openssl(t, dir, "asn1parse", "-inform", "DER", "-in", "req.der")
			require.Contains(t, openssl(t, dir, "req", "-inform", "DER", "-in", "req.der", "-noout", "-text", "-verify"), "verify OK")
			require.Contains(t, openssl(t, dir, "crl", "-inform", "DER", "-in", "issuing.crl", "-noout", "-text", "-CAfile", "issuing.pem"), "Superseded")
			for _, c := range []string{"root", "issuing"} {
				openssl(t, dir, "crl", "-inform", "DER", "-in", c+".crl", "-out", c+".crl.pem")
			}
			openssl(t, dir, "verify", "-x509_strict", "-crl_check_all", "-CAfile", "root.pem", "-untrusted", "issuing.pem",
				"-CRLfile", "issuing.crl.pem", "-CRLfile", "root.crl.pem", "person.pem")

			checkMessages(t, dir, ca, cert, key)
		})
	}
}

func checkMessages(t *testing.T, dir string, ca *testca.CA, cert *pki.Certificate, key crypto.Signer) {
	t.Helper()
	content := []byte("list of employees\n")
	write(t, dir, "chain.pem", pki.EncodeCertificates(ca.Chain()...))
	write(t, dir, "content", content)
	for name, o := range map[string]cms.SignOptions{
		"detached": {SigningTime: time.Now()}, "attached": {Attached: true}, "by key id": {ByKeyID: true},
		"direct": {Direct: true},
	} {
		der, err := cms.SignData(content, cert, key, o)
		require.NoError(t, err, name)
		write(t, dir, "message", der)
		args := []string{"cms", "-verify", "-binary", "-inform", "DER", "-in", "message", "-CAfile", "chain.pem", "-purpose", "any"}
		if !o.Attached {
			args = append(args, "-content", "content")
		}
		openssl(t, dir, args...)
		sd, err := cms.ReadSignedData(der)
		require.NoError(t, err, name)
		_, err = sd.Verify(content)
		require.NoError(t, err, name)
	}
	bundle, err := cms.BuildBundle(append([]*pki.Certificate{cert}, ca.Chain()...))
	require.NoError(t, err)
	write(t, dir, "chain.p7b", bundle)
	require.Contains(t, openssl(t, dir, "pkcs7", "-inform", "DER", "-in", "chain.p7b", "-print_certs", "-noout"), "subject=")
	list, err := cms.ParseCertificates(bundle)
	require.NoError(t, err)
	require.Len(t, list, 3)
}

func TestOpenSSLReadsWhatWeBuildWithNationalAlgorithms(t *testing.T) {
	now := time.Date(2026, 11, 23, 9, 0, 0, 0, time.UTC)
	dir := t.TempDir()
	ca, err := testca.New(testca.Options{From: now})
	require.NoError(t, err)
	key, err := alg.GenerateKey(alg.KeyBign256, rand.Reader)
	require.NoError(t, err)
	request, err := testca.ProfileExtensions.Request(testca.SampleEmployee(), key, nil)
	require.NoError(t, err)
	write(t, dir, "req.der", request.Raw)
	write(t, dir, "ca.der", ca.Root.Certificate.Raw)
	require.Contains(t, openssl(t, dir, "req", "-inform", "DER", "-in", "req.der", "-noout", "-text"), "1.2.112.0.2.0.34.101.45.12")
	require.Contains(t, openssl(t, dir, "x509", "-inform", "DER", "-in", "ca.der", "-noout", "-text"), "CA:TRUE")
	openssl(t, dir, "asn1parse", "-inform", "DER", "-in", "req.der")
}

func TestWeReadWhatOpenSSLMakes(t *testing.T) {
	for name, gen := range map[string][]string{
		"p256": {"ecparam", "-genkey", "-noout", "-name", "prime256v1"}, "p384": {"ecparam", "-genkey", "-noout", "-name", "secp384r1"},
		"rsa": {"genrsa", "2048"},
	} {
		t.Run(name, func(t *testing.T) {
			dir := t.TempDir()
			openssl(t, dir, append(gen[:1:1], append([]string{"-out", "sec1.pem"}, gen[1:]...)...)...)
			openssl(t, dir, "pkcs8", "-topk8", "-nocrypt", "-in", "sec1.pem", "-out", "key.pem")
			openssl(t, dir, "req", "-new", "-utf8", "-key", "key.pem", "-subj", "/C=BY/SN=Тестова/CN=Тестова Вера", "-outform", "DER", "-out", "req.der")
			openssl(t, dir, "req", "-x509", "-new", "-utf8", "-key", "key.pem", "-subj", "/C=BY/CN=Тест", "-days", "3", "-out", "cert.pem")
			read := func(file string) []byte {
				data, err := os.ReadFile(filepath.Join(dir, file))
				require.NoError(t, err)
				return data
			}
			r, err := cms.ParseRequestFile(read("req.der"))
			require.NoError(t, err)
			require.NoError(t, r.CheckSignature())
			require.Equal(t, "Тестова", r.Subject().Surname)
			key, err := alg.ParsePrivateKey(read("key.pem"))
			require.NoError(t, err)
			require.True(t, alg.SameKey(key.Public(), r.PublicKey))
			certs, err := cms.ParseCertificates(read("cert.pem"))
			require.NoError(t, err)
			require.NoError(t, certs[0].CheckSignatureFrom(certs[0]))

			write(t, dir, "content", []byte("some content"))
			for _, extra := range [][]string{{}, {"-stream"}, {"-nodetach"}, {"-nodetach", "-stream"}, {"-keyid"}, {"-noattr"}, {"-nocerts"}, {"-md", "sha512"}} {
				openssl(t, dir, append([]string{"cms", "-sign", "-binary", "-in", "content", "-signer", "cert.pem", "-inkey", "key.pem",
					"-outform", "DER", "-out", "message"}, extra...)...)
				sd, err := cms.ReadSignedData(read("message"))
				require.NoError(t, err, extra)
				_, err = sd.Verify([]byte("some content"), certs...)
				require.NoError(t, err, extra)
				_, err = sd.Verify([]byte("some other content"), certs...)
				require.Error(t, err, extra)
			}
		})
	}
}

func TestWeReadPSSOfOpenSSL(t *testing.T) {
	dir := t.TempDir()
	openssl(t, dir, "genrsa", "-out", "key.pem", "2048")
	openssl(t, dir, "req", "-new", "-key", "key.pem", "-subj", "/C=BY/CN=Test", "-outform", "DER", "-out", "req.der",
		"-sha256", "-sigopt", "rsa_padding_mode:pss", "-sigopt", "rsa_pss_saltlen:32")
	der, err := os.ReadFile(filepath.Join(dir, "req.der"))
	require.NoError(t, err)
	r, err := pki.ParseRequest(der)
	require.NoError(t, err)
	require.NoError(t, r.CheckSignature())
	r.RawInfo[10] ^= 1
	require.Equal(t, fault.BadSignature, fault.CodeOf(r.CheckSignature()))
}
