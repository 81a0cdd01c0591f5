package applicant_test

import (
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/remote-issuance/remote-issuance/api/web"
	"github.com/remote-issuance/remote-issuance/internal/sourcetest"
	"github.com/remote-issuance/remote-issuance/portal/catalogue"
)

func texts(t *testing.T) catalogue.Texts {
	t.Helper()
	c, err := catalogue.Load()
	require.NoError(t, err)
	return c.Pick("ru", "")
}

// slugsOf are the problems that the API can answer with, as its source names them.
func slugsOf(t *testing.T) []string {
	t.Helper()
	out := sourcetest.Constants(t, "../../api/web/problem.go", "Slug")
	for _, slug := range out {
		require.NotZero(t, web.Slug(slug).Status(), slug)
	}
	require.Greater(t, len(out), 30)
	return out
}

func TestEveryProblemOfTheAPIHasItsPageText(t *testing.T) {
	known := texts(t)
	for _, slug := range slugsOf(t) {
		require.True(t, known.Has("problems."+slug+".title"), slug)
		require.True(t, known.Has("problems."+slug+".text"), slug)
	}
}

func TestEveryFieldAndCheckHasItsWords(t *testing.T) {
	known := texts(t)
	for source, c := range map[string]struct{ pattern, before, after string }{
		"../../internal/order/subject.go":     {`Field[A-Z]\w+ +Field = "(\w+)"`, "checks.field.", ""},
		"../../internal/request/check.go":     {`Cause\w+ += "([a-z-]+)"`, "checks.cause.", ""},
		"../../internal/registers/compare.go": {`Cause\w+ += "([a-z-]+)"`, "checks.cause.", ""},
		"../../internal/draft/upload.go":      {`Cause\w+ += "([a-z-]+)"`, "checks.cause.", ""},
		"../../internal/order/stage.go":       {`End = "(refused|rejected|withdrawn|annulled)"`, "applicant.ended.", ".title"},
		"../../api/contract/contract.gen.go":  {`RegisterName = "(\w+)"`, "checks.register.", ""},
	} {
		content, err := os.ReadFile(source)
		require.NoError(t, err)
		found := regexp.MustCompile(c.pattern).FindAllStringSubmatch(string(content), -1)
		require.NotEmpty(t, found, source)
		for _, m := range found {
			// A subject differs field by field; the manager's checks are the manager's.
			if slices.Contains([]string{"subject", "head-of-organisation", "list-signature"}, m[1]) {
				continue
			}
			require.True(t, known.Has(c.before+m[1]+c.after), c.before+m[1]+c.after)
		}
	}
}

// A key that is written out whole in a page or a handler has a text, and a
// text whose file is of these packages is used somewhere.
func TestKeysAndTextsFitEachOther(t *testing.T) {
	known := texts(t)
	var all strings.Builder
	written := regexp.MustCompile(`"((?:common|applicant|checks|problems)(?:\.[a-z0-9-]+)+)"`)
	for _, root := range []string{"../applicant", "../web", "../catalogue"} {
		require.NoError(t, filepath.WalkDir(root, func(path string, _ fs.DirEntry, err error) error {
			if err != nil || strings.HasSuffix(path, "_test.go") || !strings.HasSuffix(path, ".go") && !strings.HasSuffix(path, ".html") {
				return err
			}
			content, err := os.ReadFile(path)
			if err != nil {
				return err
			}
			all.Write(content)
			for _, m := range written.FindAllStringSubmatch(string(content), -1) {
				if !known.Has(m[1]) && !known.Has(m[1]+".title") {
					t.Errorf("%s: no text for %s", path, m[1])
				}
			}
			return nil
		}))
	}
	c, err := catalogue.Load()
	require.NoError(t, err)
	source := all.String()
	for _, key := range c.Keys("ru") {
		if !strings.HasPrefix(key, "common.") && !strings.HasPrefix(key, "applicant.") {
			continue
		}
		used := false
		for part := key; part != "" && !used; {
			used = strings.Contains(source, `"`+part+`"`) || strings.Contains(source, `"`+part+`.`) && part != key
			if i := strings.LastIndex(part, "."); i > strings.Index(part, ".") {
				part = part[:i]
			} else {
				part = ""
			}
		}
		require.True(t, used, "nobody uses %s", key)
	}
}
