package charset

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestOnce(t *testing.T) {
	single := func(parent, name string) bool { return parent == "b" && name == "c" }
	for _, doc := range []string{"<a><b><c/></b><b><c/></b></a>", "<a><c/><c/></a>", "<b><d/><d/></b>", "<b><c><c/></c></b>", "<a>1<!-- x --></a>\n", " <a> <c/> </a><!-- x -->", "<?xml version='1.0'?>\n<a/>"} {
		require.NoError(t, Once([]byte(doc), single), doc)
	}
	for _, doc := range []string{"<a><b><c>1</c><c>1</c></b></a>", "<b><c/><d/><c/></b>", `<b xmlns:x="u"><c/><x:c/></b>`} {
		require.ErrorIs(t, Once([]byte(doc), single), ErrTwice, doc)
	}
	for _, doc := range []string{"<b><c/></b><b/>", "<a/>x", "<a/>\x00", "<a>1<c/></a>", "<a><c/>1</a>", "<a><c/><!-- --> x</a>", "<a/><![CDATA[x]]>"} {
		require.Error(t, Once([]byte(doc), single), doc)
	}
	require.ErrorIs(t, Once([]byte("<a>1<c/></a>"), single), ErrShape)
	for _, doc := range []string{"", "<b>", "<b>&x;</b>"} {
		if doc != "" {
			require.Error(t, Once([]byte(doc), single), doc)
		}
	}
	require.NoError(t, Once([]byte(strings.Repeat("<a>", 50_000)+strings.Repeat("</a>", 50_000)), single), "depth costs no more than the file")
}
