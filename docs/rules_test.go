package docs_test

import (
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// pending are rules whose tests are still being written. A rule that has got
// its test must leave this list; the list has to become empty.
var pending []string

var (
	// ruleForm is what an id looks like, in words and in the beginnings of test names.
	ruleForm  = regexp.MustCompile(`\b[ASMDPIR][1-9][0-9]?[a-z]?\b`)
	testForm  = regexp.MustCompile(`^(?:Test|Fuzz)((?:[ASMDPIR][1-9][0-9]?[a-z]?_)+)`)
	testNames = regexp.MustCompile(`(?m)^func ((?:Test|Fuzz)[A-Za-z0-9_]+)\(`)
	ruleRow   = regexp.MustCompile(`(?m)^\| \*\*([^*]+)\*\* \|(.*)\|$`)
	// folder is a path of the repository in a text, such as `internal/order` or `api`.
	folder = regexp.MustCompile("`((?:internal|dev|cmd|deploy|docs)/[a-z0-9/]*[a-z0-9]|api|activities|workflows|worker|portal)/?`")
)

type rule struct{ sentence, source, where, tests string }

// rules are the rows of rules.md by their ids.
func rules(t *testing.T) map[string]rule {
	t.Helper()
	text, err := os.ReadFile("rules.md")
	require.NoError(t, err)
	all := map[string]rule{}
	for _, m := range ruleRow.FindAllStringSubmatch(string(text), -1) {
		cells := strings.Split(m[2], " | ")
		require.Len(t, cells, 4, "rule %s: sentence, source, where, tests", m[1])
		require.NotContains(t, all, m[1], "rule %s stands there twice", m[1])
		for i := range cells {
			cells[i] = strings.TrimSpace(cells[i])
			require.NotEmpty(t, cells[i], "rule %s", m[1])
		}
		all[m[1]] = rule{sentence: cells[0], source: cells[1], where: cells[2], tests: cells[3]}
	}
	require.GreaterOrEqual(t, len(all), 54)
	return all
}

func TestEveryRuleSaysWhereItIsAndHowItsTestsAreNamed(t *testing.T) {
	for id, r := range rules(t) {
		require.Equal(t, id, ruleForm.FindString(id), "an id of a known form")
		require.True(t, strings.HasSuffix(r.sentence, "."), "rule %s is a sentence", id)
		require.Equal(t, "`Test"+id+"_…`", r.tests)
		where := folder.FindStringSubmatch(r.where)
		require.NotNil(t, where, "rule %s names no folder: %s", id, r.where)
		require.DirExists(t, filepath.Join(root, where[1]), "rule %s", id)
	}
}

func TestEveryRuleThatIsCitedExists(t *testing.T) {
	known := rules(t)
	for path, text := range sources(t, ".go", ".md", ".sql", "openapi.yaml") {
		// S1, P2 and the like are variables of the standards there.
		if strings.HasPrefix(path, filepath.Join("internal", "stb")+string(filepath.Separator)) {
			continue
		}
		for _, id := range cited(t, path, text) {
			require.NotEmpty(t, known[id], "%s cites %s, which docs/rules.md does not have", path, id)
		}
	}
}

// cited are the rule ids of a text; of Go code, those in comments and in names of tests.
func cited(t *testing.T, path, text string) []string {
	t.Helper()
	if filepath.Ext(path) != ".go" {
		return ruleForm.FindAllString(text, -1)
	}
	file, err := parser.ParseFile(token.NewFileSet(), path, text, parser.ParseComments|parser.SkipObjectResolution)
	require.NoError(t, err)
	var ids []string
	for _, group := range file.Comments {
		ids = append(ids, ruleForm.FindAllString(group.Text(), -1)...)
	}
	for _, d := range file.Decls {
		if f, ok := d.(*ast.FuncDecl); ok && strings.HasSuffix(path, "_test.go") {
			ids = append(ids, rulesOf(f.Name.Name)...)
		}
	}
	return ids
}

// rulesOf are the ids a test is named after: D7, P4 and P8 of TestD7_P4_P8_NoInterleaving.
func rulesOf(test string) []string {
	m := testForm.FindStringSubmatch(test)
	if m == nil {
		return nil
	}
	return strings.Split(strings.TrimSuffix(m[1], "_"), "_")
}

func TestATestIsNamedAfterItsRules(t *testing.T) {
	for name, want := range map[string][]string{
		"TestA4_Something": {"A4"}, "TestD7_P4_P8_NoInterleaving": {"D7", "P4", "P8"}, "TestA1c_Revoked": {"A1c"},
		"FuzzS4_Subjects": {"S4"}, "TestS10_P4": {"S10"}, "TestModel_A1_": nil, "TestS_1": nil, "TestA0_Nothing": nil, "TestX1_Other": nil,
	} {
		require.Equal(t, want, rulesOf(name), name)
	}
}

func TestEveryRuleHasATestNamedAfterIt(t *testing.T) {
	tested := map[string]bool{}
	for _, text := range sources(t, "_test.go") {
		for _, m := range testNames.FindAllStringSubmatch(text, -1) {
			for _, id := range rulesOf(m[1]) {
				tested[id] = true
			}
		}
	}
	known := rules(t)
	for id := range known {
		if !slices.Contains(pending, id) {
			require.True(t, tested[id], "rule %s has no test named after it", id)
		}
	}
	for _, id := range pending {
		require.NotEmpty(t, known[id], id)
		require.False(t, tested[id], "rule %s has got its test: take it off the list of pending ones", id)
	}
}
