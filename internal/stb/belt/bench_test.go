package belt

import "testing"

func BenchmarkBlock(b *testing.B) {
	key := new([KeyOctets]byte)
	fast, guarded := NewCipher(key), NewGuardedCipher(key)
	var x [BlockOctets]byte
	b.Run("encrypt", func(b *testing.B) {
		for b.Loop() {
			fast.Encrypt(&x, &x)
		}
	})
	b.Run("encryptGuarded", func(b *testing.B) {
		for b.Loop() {
			guarded.Encrypt(&x, &x)
		}
	})
}

func BenchmarkHash(b *testing.B) {
	data := make([]byte, 1<<13)
	b.SetBytes(int64(len(data)))
	b.ReportAllocs()
	for b.Loop() {
		Sum256(data)
	}
}

func BenchmarkPBKDF2(b *testing.B) {
	b.ReportAllocs()
	for b.Loop() {
		PBKDF2([]byte("password"), []byte("saltsalt"), 10000)
	}
}
