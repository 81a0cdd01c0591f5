package api

import (
	"embed"
	"encoding/json"
	"fmt"

	"golang.org/x/text/language"
)

//go:embed texts/*.json
var textFiles embed.FS

// texts are everything the API says to people, in one language.
type texts struct {
	Language string
	// Problems are title and detail by slug.
	Problems map[slug][2]string `json:"problems"`
	// Next says by stage or end what happens next.
	Next   map[string]string `json:"next"`
	Checks map[string]string `json:"checks"`
	Fields map[string]string `json:"fields"`
}

// catalogue finds the texts for an Accept-Language header.
type catalogue struct {
	matcher language.Matcher
	texts   []texts
}

// languages in which the API speaks; the first is the one for everybody else.
var languages = []string{"ru", "be", "en"}

func loadCatalogue() (*catalogue, error) {
	c := &catalogue{}
	tags := make([]language.Tag, 0, len(languages))
	for _, name := range languages {
		raw, err := textFiles.ReadFile("texts/" + name + ".json")
		if err != nil {
			return nil, err
		}
		t := texts{Language: name}
		if err := json.Unmarshal(raw, &t); err != nil {
			return nil, fmt.Errorf("texts in %s: %w", name, err)
		}
		c.texts = append(c.texts, t)
		tags = append(tags, language.Make(name))
	}
	c.matcher = language.NewMatcher(tags)
	return c, nil
}

func (c *catalogue) pick(acceptLanguage string) *texts {
	tags, _, err := language.ParseAcceptLanguage(acceptLanguage)
	if err != nil || len(tags) == 0 {
		return &c.texts[0]
	}
	_, i, _ := c.matcher.Match(tags...)
	return &c.texts[i]
}
