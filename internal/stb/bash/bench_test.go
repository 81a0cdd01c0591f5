package bash

import "testing"

func BenchmarkHash(b *testing.B) {
	data := make([]byte, 1<<13)
	for name, sum := range map[string]func(){
		"256": func() { Sum256(data) },
		"384": func() { Sum384(data) },
		"512": func() { Sum512(data) },
	} {
		b.Run(name, func(b *testing.B) {
			b.SetBytes(int64(len(data)))
			b.ReportAllocs()
			for b.Loop() {
				sum()
			}
		})
	}
}
