package web

import (
	"embed"
	"encoding/json"
	"errors"
	"fmt"

	"golang.org/x/text/language"

	"github.com/remote-issuance/remote-issuance/internal/order"
	"github.com/remote-issuance/remote-issuance/internal/text"
)

//go:embed texts/*.json
var textFiles embed.FS

// Texts are everything the API says to people, in one language.
type Texts struct {
	Language string
	// Problems are title and detail by slug.
	Problems map[Slug][2]string `json:"problems"`
	// Next says by stage or end what happens next; by end-reason where the
	// reason changes what to do.
	Next map[string]string `json:"next"`
	// Checks name the checks that pass, Failed those that do not.
	Checks map[string]string `json:"checks"`
	Failed map[string]string `json:"failed"`
	Fields map[string]string `json:"fields"`
	// Pages are the words around a problem on its page.
	Pages map[string]string `json:"pages"`
	// Notes are said before an order.
	Notes map[string]string `json:"notes"`
	// Payments says by the state of a payment number what comes next; with
	// "-waiting" where money came that has paid nothing.
	Payments map[string]string `json:"payments"`
	// Cards say what is wrong with a card for evidence, by check.
	Cards map[string]string `json:"cards"`
}

// Ended says what comes next after an end, which depends on its reason.
func (t *Texts) Ended(end order.End, reason order.EndReason) string {
	if said, ok := t.Next[string(end)+"-"+string(reason)]; ok {
		return said
	}
	return t.Next[string(end)]
}

// CheckTitle names a check after its verdict: a value that changes is one that
// differs.
func (t *Texts) CheckTitle(c order.Check) string {
	if c.Verdict == order.VerdictPassed {
		return t.Checks[string(c.Code)]
	}
	return t.Failed[string(c.Code)]
}

// field says what a wrong field needs.
func (t *Texts) field(name string, cause error) string {
	var refused *text.Error
	switch {
	case !errors.As(cause, &refused):
		return t.Fields[name]
	case refused.Reason == text.ReasonRepeated:
		return t.Fields["repeated"]
	default:
		return t.Fields["text"]
	}
}

// Catalogue finds the texts for an Accept-Language header.
type Catalogue struct {
	matcher language.Matcher
	texts   []Texts
}

// languages in which the API speaks; the first is the one for everybody else.
var languages = []string{"ru", "be", "en"}

// LoadCatalogue reads the texts of this package. It fails only when they are broken.
func LoadCatalogue() (*Catalogue, error) {
	c := &Catalogue{}
	tags := make([]language.Tag, 0, len(languages))
	for _, name := range languages {
		raw, err := textFiles.ReadFile("texts/" + name + ".json")
		if err != nil {
			return nil, err
		}
		t := Texts{Language: name}
		if err := json.Unmarshal(raw, &t); err != nil {
			return nil, fmt.Errorf("texts in %s: %w", name, err)
		}
		c.texts = append(c.texts, t)
		tags = append(tags, language.Make(name))
	}
	c.matcher = language.NewMatcher(tags)
	return c, nil
}

// Pick finds the texts for the header; Russian for who asks for a language that
// the API does not speak, or for none.
func (c *Catalogue) Pick(acceptLanguage string) *Texts {
	tags, _, err := language.ParseAcceptLanguage(acceptLanguage)
	if err != nil || len(tags) == 0 {
		return &c.texts[0]
	}
	_, i, confidence := c.matcher.Match(tags...)
	if confidence == language.No {
		i = 0
	}
	return &c.texts[i]
}
