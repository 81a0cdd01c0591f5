package bign

import (
	"testing"

	"github.com/stretchr/testify/require"
)

func benchmarkKey(b *testing.B, c *Curve) (k *PrivateKey, digest []byte) {
	b.Helper()
	k, err := GenerateKey(c, nil)
	require.NoError(b, err)
	digest = make([]byte, c.PrivateKeySize())
	_, err = k.SignDigest(c.pairedHash, digest) // builds the tables
	require.NoError(b, err)
	return k, digest
}

func BenchmarkSign(b *testing.B) {
	for _, c := range allCurves() {
		b.Run(c.Name(), func(b *testing.B) {
			k, digest := benchmarkKey(b, c)
			b.ReportAllocs()
			for b.Loop() {
				digest[0]++
				if _, err := k.SignDigest(c.pairedHash, digest); err != nil {
					b.Fatal(err)
				}
			}
			b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "signatures/s")
		})
	}
}

func BenchmarkVerify(b *testing.B) {
	for _, c := range allCurves() {
		b.Run(c.Name(), func(b *testing.B) {
			k, digest := benchmarkKey(b, c)
			signature, err := k.SignDigest(c.pairedHash, digest)
			require.NoError(b, err)
			require.NoError(b, k.public.Verify(c.pairedHash, digest, signature))
			b.ReportAllocs()
			for b.Loop() {
				if err := k.public.Verify(c.pairedHash, digest, signature); err != nil {
					b.Fatal(err)
				}
			}
			b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "verifications/s")
		})
	}
}

func BenchmarkGenerateKey(b *testing.B) {
	for _, c := range allCurves() {
		b.Run(c.Name(), func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				if _, err := GenerateKey(c, nil); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

func BenchmarkKeyTransport(b *testing.B) {
	k, err := GenerateKey(Curve256v1(), nil)
	if err != nil {
		b.Fatal(err)
	}
	var header [16]byte
	key := make([]byte, 32)
	token, err := k.public.WrapKey(key, &header, nil)
	if err != nil {
		b.Fatal(err)
	}
	b.Run("wrap", func(b *testing.B) {
		for b.Loop() {
			_, _ = k.public.WrapKey(key, &header, nil)
		}
	})
	b.Run("unwrap", func(b *testing.B) {
		for b.Loop() {
			_, _ = k.UnwrapKey(token, &header)
		}
	})
}
