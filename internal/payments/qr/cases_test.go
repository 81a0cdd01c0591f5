package qr

import (
	"os"
	"testing"

	"github.com/stretchr/testify/require"
)

// Links as they come out of scanners, letters and terminals.
func TestP2_LinksFromTheField(t *testing.T) {
	for file, right := range map[string]bool{"qr-01.txt": true, "qr-02.txt": true, "qr-03.txt": false, "qr-04.txt": false} {
		link, err := os.ReadFile("testdata/cases/" + file)
		require.NoError(t, err)
		report, ok := Explain(string(link))
		require.Equal(t, right, ok, file)
		require.Equal(t, right, report.Problem == "", file)
	}
}
