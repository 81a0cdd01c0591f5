// Package docs_test holds the documents against the code and against each other.
package docs_test

import (
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

const root = ".."

// skipped are folders that hold nothing of ours to read.
var skipped = map[string]bool{".git": true, "data": true, "bin": true, "node_modules": true, "testdata": true}

// sources reads every file of the repository whose name ends in one of the suffixes, by its path from the root.
func sources(t *testing.T, suffixes ...string) map[string]string {
	t.Helper()
	files := map[string]string{}
	err := filepath.WalkDir(root, func(path string, entry fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case entry.IsDir() && skipped[entry.Name()]:
			return filepath.SkipDir
		case entry.IsDir() || !hasSuffix(path, suffixes):
			return nil
		}
		content, err := os.ReadFile(path)
		files[strings.TrimPrefix(path, root+string(filepath.Separator))] = string(content)
		return err
	})
	require.NoError(t, err)
	require.NotEmpty(t, files)
	return files
}

func hasSuffix(path string, suffixes []string) bool {
	for _, s := range suffixes {
		if strings.HasSuffix(path, s) {
			return true
		}
	}
	return false
}

var (
	link    = regexp.MustCompile(`\[[^\]\n]*\]\(([^)\s]+)\)`)
	code    = regexp.MustCompile("(?s)```.*?```|`[^`\n]*`")
	heading = regexp.MustCompile(`(?m)^#+ +(.+)$`)
)

func TestEveryRelativeLinkLeadsSomewhere(t *testing.T) {
	for path, text := range sources(t, ".md") {
		for _, m := range link.FindAllStringSubmatch(code.ReplaceAllString(text, ""), -1) {
			require.NoError(t, follow(path, m[1]), "%s links to %s", path, m[1])
		}
	}
}

// The test of links would be silent about a pattern that finds none.
func TestALinkThatLeadsNowhereIsFound(t *testing.T) {
	for target, good := range map[string]bool{
		"rules.md": true, "../README.md": true, "decisions": true, "rules.md#glossary": true, "#the-rules": true,
		"https://temporal.io": true, "mailto:nobody@example.com": true,
		"rulez.md": false, "../../README.md": false, "rules.md#no-such-heading": false, "/rules.md": false,
	} {
		require.Equal(t, good, follow(filepath.Join("docs", "rules.md"), target) == nil, target)
	}
	found := link.FindStringSubmatch("see [the rules](rules.md#glossary).")
	require.Equal(t, "rules.md#glossary", found[1])
}

// follow looks a link of the document up: the file, and the heading in it.
func follow(document, target string) error {
	if strings.Contains(target, "://") || strings.HasPrefix(target, "mailto:") {
		return nil
	}
	file, anchor, _ := strings.Cut(target, "#")
	path := filepath.Join(filepath.Dir(document), filepath.FromSlash(file))
	if file == "" {
		path = document
	}
	if filepath.IsAbs(target) || !filepath.IsLocal(path) {
		return fs.ErrInvalid
	}
	info, err := os.Stat(filepath.Join(root, path))
	if err != nil || anchor == "" || info.IsDir() {
		return err
	}
	text, err := os.ReadFile(filepath.Join(root, path))
	if err != nil {
		return err
	}
	for _, m := range heading.FindAllStringSubmatch(string(text), -1) {
		if slug(m[1]) == anchor {
			return nil
		}
	}
	return fs.ErrNotExist
}

// slug is the anchor that GitHub makes of a heading.
func slug(title string) string {
	kept := regexp.MustCompile(`[^\p{L}\p{N}\- _]`).ReplaceAllString(strings.ToLower(title), "")
	return strings.ReplaceAll(kept, " ", "-")
}

// A record has a number of its own, the same in name and title, and fits on a screen.
func TestDecisionsAreNumberedOnceAndShort(t *testing.T) {
	records, err := filepath.Glob(filepath.Join("decisions", "*"))
	require.NoError(t, err)
	require.NotEmpty(t, records)
	numbers := map[string]string{}
	for _, path := range records {
		name := regexp.MustCompile(`^(\d{4})-[a-z0-9-]+\.md$`).FindStringSubmatch(filepath.Base(path))
		require.NotNil(t, name, "%s: a record is named 0001-what-was-decided.md", path)
		require.Empty(t, numbers[name[1]], "%s has the number of %s", path, numbers[name[1]])
		numbers[name[1]] = path
		text, err := os.ReadFile(path)
		require.NoError(t, err)
		require.True(t, strings.HasPrefix(string(text), "# "+name[1]+" "), "%s: the title begins with # %s", path, name[1])
		require.LessOrEqual(t, strings.Count(string(text), "\n"), 30, "%s: a record is short", path)
	}
	require.Contains(t, numbers, "0001")
}

// A journey is read in one go.
func TestJourneysAreShortAndNameFoldersThatExist(t *testing.T) {
	for path, text := range sources(t, ".md") {
		if filepath.Dir(path) != filepath.Join("docs", "journeys") {
			continue
		}
		require.LessOrEqual(t, strings.Count(text, "\n"), 100, path)
		folders := folder.FindAllStringSubmatch(text, -1)
		require.NotEmpty(t, folders, path)
		for _, m := range folders {
			require.DirExists(t, filepath.Join(root, m[1]), path)
		}
	}
}
