package card

import (
	"flag"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

var update = flag.Bool("update", false, "write the golden files anew")

// chance is what differs from run to run: digests, keys, serial numbers, ids.
var chance = regexp.MustCompile(`[0-9a-f]{64}|[0-9a-f]{8}-[0-9a-f-]{27}|\b[0-9a-f]{30,40}\b`)

// Lines gives the text of a card's pages for golden files, without what is chance.
func Lines(t *testing.T, c Card) string {
	t.Helper()
	e, err := open(c)
	require.NoError(t, err)
	var b strings.Builder
	b.WriteString(strings.Join(introduction, "\n") + "\n" + e.facts.Code + "\n")
	for _, p := range text(e.facts) {
		b.WriteString("\n" + p.title + "\n")
		for _, l := range p.lines {
			b.WriteString("  " + l[0] + ": " + l[1] + "\n")
		}
	}
	b.WriteString("\n" + limits + "\n")
	return chance.ReplaceAllString(b.String(), "…")
}

// Golden compares a text with its file in testdata.
func Golden(t *testing.T, name, got string) {
	t.Helper()
	file := filepath.Join("testdata", name)
	if *update {
		require.NoError(t, os.MkdirAll("testdata", 0o755))
		require.NoError(t, os.WriteFile(file, []byte(got), 0o644))
	}
	want, err := os.ReadFile(file)
	require.NoError(t, err)
	require.Equal(t, string(want), got)
}
