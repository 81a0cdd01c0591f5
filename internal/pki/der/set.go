package der

import (
	"bytes"
	"sort"

	"golang.org/x/crypto/cryptobyte"
)

// AddSetOf writes elements in the order DER demands of SET OF.
func AddSetOf(b *cryptobyte.Builder, elements [][]byte) {
	sorted := append([][]byte{}, elements...)
	sort.Slice(sorted, func(i, j int) bool { return bytes.Compare(sorted[i], sorted[j]) < 0 })
	for _, e := range sorted {
		b.AddBytes(e)
	}
}
