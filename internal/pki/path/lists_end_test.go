package path_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/remote-issuance/remote-issuance/internal/pki"
	"github.com/remote-issuance/remote-issuance/internal/pki/path"
)

func TestTheFirstEndIsThatOfTheNewestLists(t *testing.T) {
	t.Parallel()
	list := func(issuer string, hour int) *pki.CRL {
		return &pki.CRL{IssuerName: pki.Name{Raw: []byte(issuer)}, NextUpdate: reference.Add(time.Duration(hour) * time.Hour)}
	}
	_, known := path.FirstEnd(nil)
	require.False(t, known)
	first, known := path.FirstEnd([]*pki.CRL{list("a", 1), list("a", 5), list("b", 4), list("b", 2)})
	require.True(t, known)
	require.Equal(t, reference.Add(4*time.Hour), first, "a list that a newer one replaces does not count")
}
