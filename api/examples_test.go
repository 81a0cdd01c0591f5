package api

import (
	"bytes"
	"flag"
	"fmt"
	"maps"
	"net/url"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"go.yaml.in/yaml/v3"

	"github.com/remote-issuance/remote-issuance/api/web"
	"github.com/remote-issuance/remote-issuance/internal/order"
	"github.com/remote-issuance/remote-issuance/internal/pki/testca"
)

var update = flag.Bool("update", false, "write the examples of openapi.yaml anew")

const (
	contractFile = "openapi.yaml"
	// generatedMark begins the part of the contract that a test writes.
	generatedMark = "  # From here on `make generate` writes: what the handlers answered in a test (TestExamples), and the problems.\n"
	exampleRef    = "#/components/examples/"
)

// exampleDay is when the examples play.
var exampleDay = time.Date(2026, time.March, 2, 12, 0, 0, 0, order.Minsk())

func sortedNames[V any](m map[string]V) []string { return slices.Sorted(maps.Keys(m)) }

// numbered gives each value its number in the order of first sight.
func (s *stable) numbered(value, form string) string {
	if _, known := s.ids[value]; !known {
		s.ids[value] = fmt.Sprintf(form, len(s.ids)+1)
	}
	return s.ids[value]
}

// TestExamples plays everything that the contract has an example of: each is
// what the handlers answer now, with the same ids, instants and secrets in every run.
func TestExamples(t *testing.T) {
	t.Parallel()
	hand, generated, found := strings.Cut(string(document), generatedMark)
	require.True(t, found, "the contract has lost its mark")
	wanted := map[string]bool{}
	for _, name := range exampleRefs.FindAllStringSubmatch(hand, -1) {
		wanted[name[1]] = true
	}
	everyone, err := peopleAt(exampleDay)
	require.NoError(t, err)
	b := setupAt(t, exampleDay, everyone)
	b.recorder = newRecorder(t, wanted, exampleDay)
	b.playExamples()
	for _, name := range sortedNames(wanted) {
		_, played := b.recorder.found[name]
		require.True(t, played, "the contract refers to the example %s, which nothing in the test answers", name)
	}
	part := generatedPart(t, b.recorder.found)
	if *update {
		require.NoError(t, os.WriteFile(contractFile, []byte(hand+generatedMark+part), 0o644))
		return
	}
	require.Equal(t, part, generated, "run: make generate")
}

var exampleRefs = regexp.MustCompile(`\{\$ref: "` + exampleRef + `([A-Za-z0-9._-]+)"\}`)

// generatedPart are the examples and what every problem says, as the contract has them.
func generatedPart(t *testing.T, found map[string]any) string {
	t.Helper()
	examples := map[string]any{}
	for name, v := range found {
		examples[name] = map[string]any{"value": v}
	}
	catalogue, err := web.LoadCatalogue()
	require.NoError(t, err)
	problems := map[string]any{}
	for slug, text := range catalogue.Pick("en").Problems {
		problems[string(slug)] = map[string]any{"status": slug.Status(), "title": text[0], "detail": text[1]}
	}
	var out strings.Builder
	for line := range strings.Lines(encoded(t, map[string]any{"examples": examples})) {
		if strings.TrimSpace(line) != "" {
			line = "  " + line
		}
		out.WriteString(line)
	}
	return out.String() + encoded(t, map[string]any{"x-problems": problems})
}

func encoded(t *testing.T, v any) string {
	t.Helper()
	var out bytes.Buffer
	e := yaml.NewEncoder(&out)
	e.SetIndent(2)
	require.NoError(t, e.Encode(v))
	require.NoError(t, e.Close())
	return out.String()
}

// withoutExample are the media types of octets that nobody reads.
var withoutExample = []string{mediaTypeCMS}

// Every answer that has a body has an example, and every request in JSON.
func TestEveryAnswerOfTheContractHasAnExample(t *testing.T) {
	s := newSpecification(t)
	examples := s.object(s.object(s.root["components"])["examples"])
	used := map[string]bool{}
	has := func(about string, content any) {
		for mediaType, v := range s.object(content) {
			if slices.Contains(withoutExample, mediaType) {
				continue
			}
			of := s.object(s.object(v)["examples"])
			require.NotEmpty(t, of, "%s as %s has no example", about, mediaType)
			for _, e := range of {
				ref, _ := e.(map[string]any)["$ref"].(string)
				name, ok := strings.CutPrefix(ref, exampleRef)
				require.True(t, ok, "%s: an example that no test has made", about)
				require.Contains(t, examples, name, about)
				used[name] = true
			}
		}
	}
	answers := 0
	for _, part := range []string{"paths", "webhooks"} {
		for path, item := range s.object(s.root[part]) {
			for method, v := range s.object(item) {
				o, _ := v.(map[string]any)
				for status, response := range s.object(o["responses"]) {
					has(fmt.Sprintf("%s %s: %s", method, path, status), s.object(response)["content"])
					answers++
				}
				content := s.object(s.object(o["requestBody"])["content"])
				if inJSON, ok := content["application/json"]; ok {
					has(method+" "+path, map[string]any{"application/json": inJSON})
				}
			}
		}
	}
	require.Greater(t, answers, 120)
	require.ElementsMatch(t, sortedNames(examples), sortedNames(used), "examples that nothing refers to")
	for slug := range s.object(s.root["x-problems"]) {
		require.NotZero(t, web.Slug(slug).Status(), slug)
	}
}

var (
	hostInText    = regexp.MustCompile(`https?://[^\s"'<>]+`)
	addressInText = regexp.MustCompile(`[\w.+-]+@[\w.-]+`)
	phoneInText   = regexp.MustCompile(`\+\d[\d ()-]{7,18}\d`)
	numberInText  = regexp.MustCompile(`\b\d{7}[A-Z]\d{3}[A-Z]{2}\d\b`)
	nameInText    = regexp.MustCompile(`(?m)(?:[nN]ame|patronymic): ["']?(.*\p{Cyrillic}.*)["']?$`)
	fatherInText  = regexp.MustCompile(`\p{Cyrillic}+(?:вич|вна|чна)(?:\P{L}|$)`)
	secretInText  = regexp.MustCompile(`Bearer |eyJ|PRIVATE KEY|whsec_\S+`)
	besidesWords  = strings.NewReplacer(" ", "", "-", "", "(", "", ")", "", `"`, "", "'", "")
)

// The examples have nobody in them but the invented persons, and no address or
// secret that is anybody's.
func TestExamplesNameNobody(t *testing.T) {
	s := newSpecification(t)
	text := encoded(t, s.object(s.root["components"])["examples"])
	var known strings.Builder
	for _, p := range []order.Subject{testca.SampleEmployee(), testca.SampleIndividual(), bossSubject()} {
		known.WriteString(p.FullName() + p.PersonalNumber + p.Email + p.Organisation + "\n")
	}
	known.WriteString(testEmail + " new@example.by " + testPhone + " +375337654321 " + fixed["secret"] + " Пример-центр")
	for about, pattern := range map[string]*regexp.Regexp{
		"e-mail address": addressInText, "phone": phoneInText, "personal number": numberInText, "name": nameInText, "patronymic": fatherInText,
		"secret": secretInText,
	} {
		found := pattern.FindAllStringSubmatch(text, -1)
		require.NotEmpty(t, found, "no %s to look at", about)
		for _, f := range found {
			whom := besidesWords.Replace(strings.TrimRight(f[len(f)-1], " \n,.<"))
			require.True(t, strings.Contains(besidesWords.Replace(known.String()), whom), "%s of nobody we know: %s", about, whom)
		}
	}
	for _, found := range hostInText.FindAllString(text, -1) {
		u, err := url.Parse(found)
		require.NoError(t, err, found)
		public := []string{"example.by", "www.w3.org", "pay.raschet.by"}
		require.True(t, slices.Contains(public, u.Hostname()) || strings.HasSuffix(u.Hostname(), ".example.by"), found)
	}
}
