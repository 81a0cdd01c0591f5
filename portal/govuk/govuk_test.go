package govuk

import (
	"encoding/json"
	"fmt"
	"html/template"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"golang.org/x/net/html"
)

func templatesOf(t *testing.T) *template.Template {
	t.Helper()
	all, err := template.New("").ParseFS(Templates(), "*.html")
	require.NoError(t, err)
	return all
}

func render(t *testing.T, name string, data any) string {
	t.Helper()
	var out strings.Builder
	require.NoError(t, templatesOf(t).ExecuteTemplate(&out, name, data))
	return out.String()
}

// tokens are tags with their attributes in order and texts without blanks around them.
func tokens(t *testing.T, text string) []string {
	t.Helper()
	var out []string
	z := html.NewTokenizer(strings.NewReader(text))
	for {
		switch kind := z.Next(); kind {
		case html.ErrorToken:
			return out
		case html.TextToken:
			if s := strings.Join(strings.Fields(z.Token().Data), " "); s != "" {
				out = append(out, s)
			}
		default:
			token := z.Token()
			var attributes []string
			for _, a := range token.Attr {
				attributes = append(attributes, fmt.Sprintf("%s=%q", a.Key, a.Val))
			}
			slices.Sort(attributes)
			out = append(out, fmt.Sprint(kind, " ", token.Data, attributes))
		}
	}
}

const (
	photo = "Your photo may be in your Pictures, Photos, Downloads or Desktop folder. Or in an app like iPhoto."
	card  = "It’s on your National Insurance card, benefit letter, payslip or P60. For example, ‘QQ 12 34 56 C’."
)

func yesNo(prefix, checked string) []Option {
	return []Option{
		{ID: prefix, Value: "yes", Text: "Yes", Checked: checked == "yes"}, {ID: prefix + "-2", Value: "no", Text: "No", Checked: checked == "no"},
	}
}

func cases() map[string]any {
	return map[string]any{
		"button: default": Button{Text: "Save and continue"}, "button: link": Button{Text: "Link button", Href: "/"},
		"button: secondary": Button{Text: "Secondary button", Name: "secondary", Secondary: true}, "button: value": Button{Text: "Submit", Value: "start"},
		"button: warning": Button{Text: "Warning button", Name: "Warning", Warning: true}, "button: name": Button{Text: "Submit", Name: "start-now"},
		"button: start link":           Button{Text: "Start now link button", Href: "/", Start: true},
		"button: prevent double click": Button{Text: "Submit", Once: true},
		"input: default":               Input{ID: "test-name", Name: "test-name", Label: "National Insurance number"},
		"input: with hint text":        Input{ID: "input-with-hint-text", Name: "test-name-2", Label: "National insurance number", Hint: card},
		"input: with error message": Input{
			ID: "input-with-error-message", Name: "test-name-3", Label: "National Insurance number", Error: "Enter a National Insurance number in the correct format",
		},
		"input: with error and hint": Input{
			ID: "with-error-hint", Name: "with-error-hint", Label: "National insurance number", Hint: card, Error: "Enter a National Insurance number in the correct format",
		},
		"input: with width-10 class": Input{ID: "input-width-10", Name: "test-width-10", Label: "National insurance number", Hint: card, Width: 10},
		"input: with autocomplete attribute": Input{
			ID: "input-with-autocomplete-attribute", Name: "postcode", Label: "Postcode", Autocomplete: "postal-code",
		},
		"input: custom type":          Input{ID: "with-custom-type", Name: "with-custom-type", Label: "With custom type", Type: "number"},
		"file-upload: default":        FileUpload{ID: "file-upload-1", Name: "file-upload-1", Label: "Upload a file"},
		"file-upload: with hint text": FileUpload{ID: "file-upload-2", Name: "file-upload-2", Label: "Upload your photo", Hint: photo},
		"file-upload: with error message and hint": FileUpload{
			ID: "file-upload-3", Name: "file-upload-3", Label: "Upload a file", Hint: photo, Error: "Error message goes here",
		},
		"radios: default": Choice{Name: "example-default", Legend: "Have you changed your name?", Options: yesNo("example-default", "")},
		"radios: with fieldset and error message": Choice{
			Name: "example", Legend: "Have you changed your name?", Error: "Please select an option", Options: yesNo("example", "no"),
		},
		"radios: with error message": Choice{Name: "example-error-message", Error: "Please select an option", Options: yesNo("example-error-message", "")},
		"error-summary: default": ErrorSummary{Title: "There is a problem", Items: []Link{
			{"The date your passport was issued must be in the past", "#example-error-1"}, {"Enter a postcode, like AA1 1AA", "#example-error-2"},
		}},
		"error-summary: without links":            ErrorSummary{Title: "There is a problem", Items: []Link{{Text: "Invalid username or password"}}},
		"summary-list: single action with anchor": SummaryList{Rows: []Row{{Key: "Name", Value: "Firstname Lastname", Action: Link{"First action", "#"}}}},
		"panel: title with no body text":          Panel{Title: "Application complete"},
		"panel: default":                          Panel{Title: "Application complete", Text: "Your reference number", Strong: "HDJ2123F"},
		"tag: default":                            Tag{Text: "Alpha"}, "tag: grey": Tag{Text: "Grey", Colour: "grey"},
		"service-navigation: with navigation with a current item": navigation(func(i *NavigationItem) { i.Current = true }),
		"service-navigation: with navigation with an active item": navigation(func(i *NavigationItem) { i.Active = true }),
		"warning-text: default":                                   WarningText{Text: "You can be fined up to £5,000 if you don’t register.", Hidden: "Warning"},
		"inset-text: default":                                     "It can take up to 8 weeks to register a lasting power of attorney if there are no mistakes in the application.",
		"details: default":                                        Details{Summary: "Help with nationality", Text: "We need to know your nationality so we can work out which elections you’re entitled to vote in. If you can’t provide your nationality, you’ll have to send copies of identity documents through the post."},
		"notification-banner: default":                            Banner{Title: "Important", Text: "This publication was withdrawn on 7 March 2014."},
		"pagination: with custom link and item text":              pagination(),
		"skip-link: default":                                      Link{"Skip to main content", "#test-target-element"},
		"back-link: with custom text and link":                    Link{"Back to home", "/home"},
		"generic-header: default":                                 GenericHeader{Text: "My cool service", Href: "/"},
		"language-navigation: default": LanguageNavigation{Label: "Language", Items: []Language{
			{Text: "English", Lang: "en", Current: true}, {Text: "Cymraeg", Lang: "cy", Href: "#/cy"},
		}},
		"task-list: default": TaskList{Tasks: []Task{
			{Text: "Company Directors", Href: "#", Status: "Completed", Number: 1},
			{Text: "Registered company details", Href: "#", Tag: Tag{"Incomplete", "blue"}, Number: 2},
			{Text: "Business plan", Href: "#", Tag: Tag{"Incomplete", "blue"}, Number: 3},
		}},
	}
}

func navigation(mark func(*NavigationItem)) ServiceNavigation {
	n := ServiceNavigation{Label: "Menu", MenuText: "Menu", ID: "navigation"}
	for i := 1; i <= 4; i++ {
		item := NavigationItem{Text: fmt.Sprint("Navigation item ", i), Href: fmt.Sprint("#/", i)}
		if i == 2 {
			mark(&item)
		}
		n.Items = append(n.Items, item)
	}
	return n
}

func pagination() Pagination {
	return Pagination{Label: "Pagination", Previous: Link{"Previous page", "/previous"}, Next: Link{"Next page", "/next"}, Pages: []PageLink{
		{Text: "one", Href: "/page/1", Label: "Page one"}, {Text: "two", Href: "/page/2", Label: "Page two", Current: true},
		{Text: "three", Href: "/page/3", Label: "Page three"},
	}}
}

// The fixtures are those of govuk-frontend 6.6.0, by component and name.
func TestComponentsAreThoseOfGovukFrontend(t *testing.T) {
	raw, err := os.ReadFile("testdata/fixtures.json")
	require.NoError(t, err)
	var fixtures map[string]string
	require.NoError(t, json.Unmarshal(raw, &fixtures))
	all := cases()
	for name := range fixtures {
		require.Contains(t, all, name, "a fixture without a case")
	}
	for name, data := range all {
		t.Run(name, func(t *testing.T) {
			require.Contains(t, fixtures, name)
			component, _, _ := strings.Cut(name, ":")
			require.Equal(t, tokens(t, fixtures[name]), tokens(t, render(t, component, data)))
		})
	}
}

func TestTextsAreEscaped(t *testing.T) {
	const bad = `"><script>alert(1)</script>`
	for component, data := range map[string]any{
		"button": Button{Text: bad, Value: bad, Name: bad}, "input": Input{ID: "a", Label: bad, Hint: bad, Error: bad, Value: bad},
		"file-upload": FileUpload{ID: "a", Label: bad, Hint: bad, Error: bad, ChooseText: bad, NoFileText: bad}, "panel": Panel{bad, bad, bad},
		"radios": Choice{Name: "a", Legend: bad, Options: []Option{{ID: "a", Value: bad, Text: bad, Hint: bad}}}, "tag": Tag{Text: bad},
		"summary-list":  SummaryList{[]Row{{Key: bad, Value: bad, Action: Link{bad, "javascript:alert(1)"}, ActionHidden: bad}}},
		"error-summary": ErrorSummary{Title: bad, Items: []Link{{bad, "javascript:alert(1)"}}}, "inset-text": bad, "details": Details{bad, bad},
		"notification-banner": Banner{bad, bad}, "task-list": TaskList{Tasks: []Task{{Text: bad, Hint: bad, Status: bad}}},
	} {
		out := render(t, component, data)
		require.NotContains(t, out, "<script", component)
		require.NotContains(t, out, "javascript:", component)
	}
}
