package docs_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"io"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"go.yaml.in/yaml/v3"

	"github.com/remote-issuance/remote-issuance/internal/wording"
)

// said is a text that people read, with its language.
type said struct{ where, language, text string }

// texts are all texts for people, as they are written and as tests show them.
func texts(t *testing.T) []said {
	t.Helper()
	var all []said
	for _, language := range []string{"ru", "be", "en"} {
		for _, pattern := range []string{
			"api/web/texts/" + language + ".json", "portal/catalogue/texts/" + language + "/*.json", "internal/storage/page/" + language + ".json",
			"internal/notify/templates/" + language + "/*", "internal/notify/testdata/golden/" + language + "/*",
		} {
			files, err := filepath.Glob(filepath.Join(root, pattern))
			require.NoError(t, err)
			require.NotEmpty(t, files, pattern)
			for _, file := range files {
				content, err := os.ReadFile(file)
				require.NoError(t, err)
				if filepath.Ext(file) != ".json" {
					all = append(all, said{file, language, string(content)})
					continue
				}
				for _, text := range stringsOf(t, file, content) {
					all = append(all, said{file, language, text})
				}
			}
		}
	}
	return append(append(all, documents(t)...), descriptions(t)...)
}

// stringsOf reads the strings of a JSON file and refuses a key that stands in an object twice.
func stringsOf(t *testing.T, file string, content []byte) []string {
	t.Helper()
	decoder := json.NewDecoder(bytes.NewReader(content))
	var out []string
	var read func()
	read = func() {
		next, err := decoder.Token()
		require.NoError(t, err, file)
		switch next {
		case json.Delim('{'):
			keys := map[any]bool{}
			for decoder.More() {
				key, err := decoder.Token()
				require.NoError(t, err, file)
				require.False(t, keys[key], "%s: %v stands there twice", file, key)
				keys[key] = true
				read()
			}
			_, err = decoder.Token()
		case json.Delim('['):
			for decoder.More() {
				read()
			}
			_, err = decoder.Token()
		default:
			out = append(out, fmt.Sprint(next))
		}
		require.NoError(t, err, file)
	}
	read()
	_, err := decoder.Token()
	require.ErrorIs(t, err, io.EOF, file)
	return out
}

// documents are the Russian strings of the code that writes documents and answers of gateways.
func documents(t *testing.T) []said {
	t.Helper()
	var all []said
	for _, pattern := range []string{"internal/card/*.go", "internal/approval/page/*.go", "internal/payments/invoice/*.go", "internal/payments/erip/*.go", "api/payment*.go"} {
		files, err := filepath.Glob(filepath.Join(root, pattern))
		require.NoError(t, err)
		require.NotEmpty(t, files, pattern)
		for _, file := range files {
			if strings.HasSuffix(file, "_test.go") {
				continue
			}
			parsed, err := parser.ParseFile(token.NewFileSet(), file, nil, 0)
			require.NoError(t, err)
			ast.Inspect(parsed, func(n ast.Node) bool {
				if literal, ok := n.(*ast.BasicLit); ok && literal.Kind == token.STRING {
					text, err := strconv.Unquote(literal.Value)
					require.NoError(t, err)
					all = append(all, said{file, "ru", text})
				}
				return true
			})
		}
	}
	return all
}

// descriptions are what the contract of the API explains.
func descriptions(t *testing.T) []said {
	t.Helper()
	content, err := os.ReadFile(filepath.Join(root, "api", "openapi.yaml"))
	require.NoError(t, err)
	var document yaml.Node
	require.NoError(t, yaml.Unmarshal(content, &document))
	var all []said
	var walk func(*yaml.Node)
	walk = func(n *yaml.Node) {
		for i, child := range n.Content {
			if n.Kind == yaml.MappingNode && i%2 == 1 && (n.Content[i-1].Value == "description" || n.Content[i-1].Value == "summary") && child.Kind == yaml.ScalarNode {
				all = append(all, said{"api/openapi.yaml", "en", child.Value})
			}
			walk(child)
		}
	}
	walk(&document)
	require.NotEmpty(t, all)
	return all
}

// cellsOf are the rows of the tables under a heading of the glossary.
func cellsOf(t *testing.T, heading string) [][]string {
	t.Helper()
	content, err := os.ReadFile("glossary.md")
	require.NoError(t, err)
	_, rest, found := strings.Cut(string(content), "\n## "+heading+"\n")
	require.True(t, found, heading)
	rest, _, _ = strings.Cut(rest, "\n## ")
	var rows [][]string
	for line := range strings.Lines(rest) {
		if line = strings.TrimSpace(line); strings.HasPrefix(line, "|") {
			var cells []string
			for cell := range strings.SplitSeq(strings.Trim(line, "|"), "|") {
				cells = append(cells, strings.TrimSpace(cell))
			}
			rows = append(rows, cells)
		}
	}
	require.Greater(t, len(rows), 2, heading)
	return rows[2:]
}

func TestGlossary_EachTermOnceInThreeLanguages(t *testing.T) {
	seen := map[string]bool{}
	for _, heading := range []string{"Things", "Stages and ends", "Abbreviations"} {
		for _, row := range cellsOf(t, heading) {
			require.False(t, seen[row[0]], row[0])
			seen[row[0]] = true
			for _, cell := range row[:3] {
				require.NotEmpty(t, cell, row)
			}
		}
	}
}

// variant finds a variant of the glossary: whole words, or with * their beginning.
func variant(never string) *regexp.Regexp {
	word, open := strings.CutSuffix(never, "*")
	end := `(?:[^\p{L}\d-]|$)`
	if open {
		end = ""
	}
	return regexp.MustCompile(`(?i)(?:^|[^\p{L}\d-])(` + regexp.QuoteMeta(word) + `)` + end)
}

// refuse reports where a text has what none may have.
func refuse(t *testing.T, never *regexp.Regexp, s said, why string) {
	t.Helper()
	for _, at := range never.FindAllStringIndex(s.text, -1) {
		from, to := max(at[0]-30, 0), min(at[1]+30, len(s.text))
		t.Errorf("%s: %s: …%s…", s.where, why, strings.ToValidUTF8(s.text[from:to], ""))
	}
}

// own are names that stand in texts of another language as a screen shows them.
var own = regexp.MustCompile(`ЕРИП → [^»”"<]*|Импорт сертификата/СОС|Неверная должность|ООО «Пример»`)

func TestGlossary_NoTextHasAForbiddenVariant(t *testing.T) {
	never := map[string]map[string]*regexp.Regexp{"ru": {}, "be": {}, "en": {}}
	for _, row := range cellsOf(t, "Never") {
		names, _, _ := strings.Cut(row[1], " (")
		for name := range strings.SplitSeq(names, ", ") {
			require.Contains(t, never, row[0])
			never[row[0]][name] = variant(name)
			require.Regexp(t, never[row[0]][name], "– "+strings.TrimSuffix(name, "*")+".", "a variant that is never found")
		}
	}
	for _, s := range texts(t) {
		text := own.ReplaceAllString(s.text, "")
		for name, found := range never[s.language] {
			refuse(t, found, said{s.where, s.language, text}, name)
		}
	}
}

// manners are the ways of writing of the glossary, as what must not be found.
var manners = []struct {
	languages, what string
	never           *regexp.Regexp
}{
	{"ru", "вы in lower case", regexp.MustCompile(`[\p{Ll},;:–—] (Вы|Вас|Вам|Вами|Ваш\p{L}*)([^\p{L}]|$)`)},
	{"be", "вы in lower case", regexp.MustCompile(`[\p{Ll},;:–—] (Вы|Вас|Вам|Вамі|Ваш\p{L}*)([^\p{L}]|$)`)},
	{"be", "the apostrophe ’", regexp.MustCompile(`\p{Cyrillic}['ʼ´]\p{Cyrillic}`)},
	{"ru be en", "a space after № that does not break", regexp.MustCompile(`№( |\d|\{)`)},
	{"ru be", "sums with a comma", regexp.MustCompile(`\d\.\d\d[ \x{a0}](BYN|руб)`)},
	// SMS are counted in units, and have plain spaces.
	{"ru be en", "a space at BYN that does not break", regexp.MustCompile(`\d BYN|BYN \d`)},
	{"ru be", "days as 13.03.2026", regexp.MustCompile(`\d{4}-\d\d-\d\d([^T\d]|$)|\d[ \x{a0}](января|марта|мая|студзеня|сакавіка|мая)`)},
}

func TestGlossary_WaysOfWriting(t *testing.T) {
	for _, s := range texts(t) {
		for _, m := range manners {
			if strings.Contains(m.languages, s.language) && !(strings.Contains(m.what, "break") && (strings.HasSuffix(s.where, ".sms.txt") || strings.HasSuffix(s.where, ".yaml"))) {
				refuse(t, m.never, s, m.what)
			}
		}
	}
}

func TestGlossary_PersonsReadOfNoJSONAndNoUUID(t *testing.T) {
	technical := regexp.MustCompile(`(?i)\b(json|uuid|workflow)\b`)
	for _, s := range texts(t) {
		if strings.HasSuffix(s.where, "operator.json") {
			continue // operators see workflows in the Temporal UI
		}
		if strings.Contains(s.where, "notify") || strings.Contains(s.where, "portal") || strings.Contains(s.where, "storage") || strings.Contains(s.where, "approval") {
			refuse(t, technical, s, "technical words")
		}
	}
}

// counted are nouns that texts put after numbers written in them.
var counted = map[string][]wording.Forms{
	"ru": {
		{One: "сертификат", Few: "сертификата", Many: "сертификатов", Other: "сертификата"}, {One: "заказ", Few: "заказа", Many: "заказов", Other: "заказа"},
		{One: "день", Few: "дня", Many: "дней", Other: "дня"}, {One: "год", Few: "года", Many: "лет", Other: "года"}, {One: "сотрудник", Few: "сотрудника", Many: "сотрудников"},
	},
	"be": {
		{One: "сертыфікат", Few: "сертыфікаты", Many: "сертыфікатаў", Other: "сертыфіката"}, {One: "заказ", Few: "заказы", Many: "заказаў", Other: "заказу"},
		{One: "дзень", Few: "дні", Many: "дзён", Other: "дня"}, {One: "год", Few: "гады", Many: "гадоў", Other: "года"}, {One: "супрацоўнік", Few: "супрацоўнікі", Many: "супрацоўнікаў"},
	},
	"en": {{One: "certificate", Other: "certificates"}, {One: "order", Other: "orders"}, {One: "day", Other: "days"}, {One: "year", Other: "years"}},
}

// TestGlossary_CountsAreWrittenByTheRule: no text puts a number of the moment
// beside a noun by itself, and numbers written in texts agree with their nouns.
func TestGlossary_CountsAreWrittenByTheRule(t *testing.T) {
	bare := regexp.MustCompile(`\{\{ *\.(Certificates|DaysLeft)\b`)
	for _, s := range texts(t) {
		refuse(t, bare, s, "write it with its noun, through internal/wording")
		for _, f := range counted[s.language] {
			forms := slices.DeleteFunc([]string{f.One, f.Few, f.Many, f.Other}, func(form string) bool { return form == "" })
			any := regexp.MustCompile(`(?:^|[^\d.,:+/-])(\d+)[ \x{a0}](` + strings.Join(forms, "|") + `)(?:[^\p{L}]|$)`)
			for _, m := range any.FindAllStringSubmatch(s.text, -1) {
				require.Equal(t, f.After(s.language, m[1]), m[2], "%s: %q", s.where, m[0])
			}
		}
	}
	for _, file := range []string{"ru", "be", "en"} {
		files, err := filepath.Glob(filepath.Join(root, "portal/catalogue/texts", file, "*.json"))
		require.NoError(t, err)
		for _, file := range files {
			content, err := os.ReadFile(file)
			require.NoError(t, err)
			var entries map[string]json.RawMessage
			require.NoError(t, json.Unmarshal(content, &entries))
			for key, raw := range entries {
				if bytes.Contains(raw, []byte("{n}")) {
					require.Equal(t, byte('{'), raw[0], "%s: %s counts without forms", file, key)
				}
			}
		}
	}
}
