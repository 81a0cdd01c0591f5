package catalogue

import (
	"embed"
	"encoding/json"
	"fmt"
	"io/fs"
	"path"
	"slices"
	"strings"

	"golang.org/x/text/language"
)

//go:embed texts
var texts embed.FS

// Languages are those the portal speaks; the first is for everybody else.
func Languages() []string { return []string{"ru", "be", "en"} }

// entry is a text, or its forms by plural category.
type entry struct {
	text  string
	forms map[string]string
}

// UnmarshalJSON reads "text" or {"one": "…", "few": "…", "many": "…", "other": "…"}.
func (e *entry) UnmarshalJSON(raw []byte) error {
	if len(raw) > 0 && raw[0] == '"' {
		return json.Unmarshal(raw, &e.text)
	}
	return json.Unmarshal(raw, &e.forms)
}

// Catalogue is all texts in all languages.
type Catalogue struct {
	matcher language.Matcher
	byName  map[string]map[string]entry
}

// Load reads the embedded texts. It fails only when they are broken.
func Load() (*Catalogue, error) { return load(texts) }

func load(from fs.FS) (*Catalogue, error) {
	c := &Catalogue{byName: map[string]map[string]entry{}}
	var tags []language.Tag
	for _, name := range Languages() {
		tags = append(tags, language.Make(name))
		all := map[string]entry{}
		found, err := fs.Glob(from, "texts/"+name+"/*.json")
		if err != nil {
			return nil, err
		}
		for _, file := range found {
			if err := read(from, file, all); err != nil {
				return nil, fmt.Errorf("texts: %s: %w", file, err)
			}
		}
		c.byName[name] = all
	}
	c.matcher = language.NewMatcher(tags)
	return c, nil
}

func read(from fs.FS, file string, into map[string]entry) error {
	raw, err := fs.ReadFile(from, file)
	if err != nil {
		return err
	}
	var here map[string]entry
	if err := json.Unmarshal(raw, &here); err != nil {
		return err
	}
	prefix := strings.TrimSuffix(path.Base(file), ".json") + "."
	for key, e := range here {
		if !strings.HasPrefix(key, prefix) {
			return fmt.Errorf("key %q does not begin with %q", key, prefix)
		}
		into[key] = e
	}
	return nil
}

// Pick finds the texts in the language chosen before or, when none was, in the
// best one for the Accept-Language header.
func (c *Catalogue) Pick(chosen, acceptLanguage string) Texts {
	if !slices.Contains(Languages(), chosen) {
		chosen = Languages()[0]
		if tags, _, err := language.ParseAcceptLanguage(acceptLanguage); err == nil && len(tags) > 0 {
			if _, i, confidence := c.matcher.Match(tags...); confidence != language.No {
				chosen = Languages()[i]
			}
		}
	}
	return Texts{Language: chosen, entries: c.byName[chosen]}
}

// Keys lists the keys of a language in order.
func (c *Catalogue) Keys(name string) []string {
	keys := make([]string, 0, len(c.byName[name]))
	for key := range c.byName[name] {
		keys = append(keys, key)
	}
	slices.Sort(keys)
	return keys
}
