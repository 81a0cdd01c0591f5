package chapter_test

import (
	"os"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/remote-issuance/remote-issuance/dev/compose/chapter"
)

func TestTheInstallationChapterIsWhatRuns(t *testing.T) {
	document, err := os.ReadFile("../../../docs/operations.md")
	require.NoError(t, err)
	sections, err := chapter.Read(string(document), "Installation")
	require.NoError(t, err)
	var titles []string
	for _, s := range sections {
		titles = append(titles, s.Title)
		require.NotEmpty(t, s.Blocks, s.Title)
	}
	require.Equal(t, []string{
		"Settings", "Image", "Secrets", "Certification authority and trust", "Owners and modes", "First start", "Two of each", "Commands", "Stop",
	}, titles)
}

func TestOnlyShellBlocksOfTheChapterCount(t *testing.T) {
	sections, err := chapter.Read("## A\n### x\n```sh\nno\n```\n## B\n### y\n```json\nno\n```\n```sh\none\ntwo\n```\n```sh\n# ## A\n```\n### z\n## C\n```sh\nno\n```\n", "B")
	require.NoError(t, err)
	require.Equal(t, []chapter.Section{{Title: "y", Blocks: []string{"one\ntwo\n", "# ## A\n"}}, {Title: "z"}}, sections)
	for _, wrong := range []string{"", "## B\n", "## B\n```sh\nx\n```\n", "## B\n### y\n```sh\nx\n"} {
		_, err := chapter.Read(wrong, "B")
		require.Error(t, err, "%q", wrong)
	}
}
