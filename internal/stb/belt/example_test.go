package belt_test

import (
	"encoding/hex"
	"fmt"

	"github.com/remote-issuance/remote-issuance/internal/stb/belt"
)

// The first hash of the standard's table.
func ExampleNew() {
	message, _ := hex.DecodeString("B194BAC80A08F53B366D008E58")
	h := belt.New()
	_, _ = h.Write(message)
	fmt.Printf("%X\n", h.Sum(nil))
	// Output: ABEF9725D4C5A83597A367D14494CC2542F20F659DDFECC961A3EC550CBA8C75
}

func ExampleCipher() {
	key := new([belt.KeyOctets]byte)
	cipher := belt.NewCipher(key)
	block := [belt.BlockOctets]byte{1, 2, 3}
	cipher.Encrypt(&block, &block)
	cipher.Decrypt(&block, &block)
	fmt.Println(block[:4])
	// Output: [1 2 3 0]
}
