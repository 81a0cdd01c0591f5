package bash_test

import (
	"fmt"

	"github.com/remote-issuance/remote-issuance/internal/stb/bash"
)

// The hash of the empty message in the standard's table.
func ExampleNew256() {
	h := bash.New256()
	fmt.Printf("%X\n", h.Sum(nil))
	// Output: 114C3DFAE373D9BCBC3602D6386F2D6A2059BA1BF9048DBAA5146A6CB775709D
}
