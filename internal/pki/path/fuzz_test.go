package path_test

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/remote-issuance/remote-issuance/internal/pki"
	"github.com/remote-issuance/remote-issuance/internal/pki/alg"
	"github.com/remote-issuance/remote-issuance/internal/pki/cms"
	"github.com/remote-issuance/remote-issuance/internal/pki/fault"
	"github.com/remote-issuance/remote-issuance/internal/pki/path"
	"github.com/remote-issuance/remote-issuance/internal/pki/pkitest"
)

// seed adds every sample file, so that fuzzing begins from real documents.
func seed(f *testing.F) {
	f.Helper()
	files, err := filepath.Glob(filepath.Join(pkitest.Dir(), "samples", "*", "*"))
	require.NoError(f, err)
	require.NotEmpty(f, files)
	for _, name := range files {
		data, err := os.ReadFile(name)
		require.NoError(f, err)
		f.Add(data)
	}
}

// coded fails on an error without a code: callers act on codes.
func coded(t *testing.T, err error) bool {
	t.Helper()
	if err != nil && fault.CodeOf(err) == "" {
		t.Fatalf("an error without a code: %v", err)
	}
	return err == nil
}

func FuzzParseRequestFile(f *testing.F) {
	seed(f)
	f.Fuzz(func(t *testing.T, data []byte) {
		r, err := cms.ParseRequestFile(data)
		if !coded(t, err) {
			return
		}
		coded(t, r.CheckSignature())
		_, err = r.RequestedValidity()
		coded(t, err)
		_ = r.Subject()
		again, err := pki.ParseRequest(r.Raw)
		require.NoError(t, err)
		require.Equal(t, r.Subject(), again.Subject())
	})
}

func FuzzParseCertificates(f *testing.F) {
	seed(f)
	f.Fuzz(func(t *testing.T, data []byte) {
		list, err := cms.ParseCertificates(data)
		if !coded(t, err) {
			return
		}
		v := path.NewValidator(path.Trust{Roots: list}, path.Options{})
		for _, c := range list {
			_ = c.Subject()
			coded(t, c.CheckSignatureFrom(c))
			_, err := v.Validate(c, reference)
			coded(t, err)
		}
	})
}

func FuzzParseCRL(f *testing.F) {
	seed(f)
	f.Fuzz(func(t *testing.T, data []byte) {
		c, err := pki.ParseCRLFile(data)
		if !coded(t, err) {
			return
		}
		for _, r := range c.Entries {
			_, ok := c.Find(r.SerialNumber)
			require.True(t, ok)
		}
	})
}

func FuzzParseAttributeCertificate(f *testing.F) {
	seed(f)
	f.Fuzz(func(t *testing.T, data []byte) {
		a, err := pki.ParseAttributeCertificate(data)
		if coded(t, err) {
			_ = a.Subject()
		}
	})
}

func FuzzReadSignedData(f *testing.F) {
	seed(f)
	f.Add([]byte{0x30, 0x80, 0x06, 0x09, 0x2A, 0x86, 0x48, 0x86, 0xF7, 0x0D, 0x01, 0x07, 0x02, 0xA0, 0x80, 0x30, 0x80, 0, 0, 0, 0, 0, 0})
	content, err := os.ReadFile(filepath.Join(pkitest.Dir(), "samples", "cms", "list.json"))
	require.NoError(f, err)
	f.Fuzz(func(t *testing.T, data []byte) {
		sd, err := cms.ReadSignedData(data)
		if !coded(t, err) {
			return
		}
		_, err = sd.Verify(content)
		coded(t, err)
		_, err = sd.Verify(nil)
		coded(t, err)
	})
}

func FuzzParseKeys(f *testing.F) {
	seed(f)
	f.Fuzz(func(t *testing.T, data []byte) {
		if key, err := alg.ParsePrivateKey(data); coded(t, err) {
			_, err := alg.MarshalPrivateKey(key)
			require.NoError(t, err)
		}
		pub, err := alg.ParsePublicKey(data)
		if !coded(t, err) {
			return
		}
		again, err := alg.MarshalPublicKey(pub)
		require.NoError(t, err)
		require.Equal(t, data, again, "a key has one encoding")
	})
}

// FuzzVerifySignature holds that no signature but the right one verifies.
func FuzzVerifySignature(f *testing.F) {
	der, err := os.ReadFile(filepath.Join(pkitest.Dir(), "samples", "req", "ind1-ok.req"))
	require.NoError(f, err)
	good, err := pki.ParseRequest(der)
	require.NoError(f, err)
	f.Add(good.Algorithm.Raw, good.RawInfo, good.Signature)
	f.Add(good.Algorithm.Raw, []byte("other"), good.Signature)
	f.Fuzz(func(t *testing.T, algorithm, signed, signature []byte) {
		a, err := alg.ParseIdentifier(algorithm)
		if !coded(t, err) {
			return
		}
		err = alg.Verify(a, good.PublicKey, signed, signature)
		if coded(t, err) {
			require.Equal(t, good.RawInfo, signed)
			require.Equal(t, good.Signature, signature)
		}
	})
}
