package bign

import (
	"sync"
	"testing"

	"github.com/stretchr/testify/require"
)

// A curve builds its tables on first use, whoever comes first.
func TestSTB45_CurvesAndKeysAreSafeForConcurrentUse(t *testing.T) {
	for _, p := range []params{params256v1, params384v1, params512v1} {
		c := newCurve(p)
		digest := make([]byte, c.PrivateKeySize())
		d := fill([]byte{1, 2, 3}, c.PrivateKeySize())
		errs := make([]error, 8)
		var group sync.WaitGroup
		for i := range errs {
			group.Go(func() {
				k, err := NewPrivateKey(c, d)
				if err != nil {
					errs[i] = err
					return
				}
				signature, err := k.SignDigest(c.pairedHash, digest)
				if err != nil {
					errs[i] = err
					return
				}
				errs[i] = k.public.Verify(c.pairedHash, digest, signature)
			})
		}
		group.Wait()
		require.Equal(t, make([]error, len(errs)), errs)
	}
}
