package govuk

import (
	"embed"
	"io/fs"
)

//go:embed templates
var templates embed.FS

// Templates are the files that define the components: {{template "button" .Button}}.
func Templates() fs.FS {
	// The folder is embedded: it is there.
	sub, _ := fs.Sub(templates, "templates")
	return sub
}

// Button sends a form or, with Href, leads on.
type Button struct {
	Text, Href string
	Secondary  bool
	Warning    bool
	// Start is the big one that begins a service.
	Start bool
	// Name and Value tell the handler which button was pressed.
	Name, Value string
	// Once keeps a double click from sending the form twice.
	Once bool
}

// Link is a text that leads somewhere.
type Link struct{ Text, Href string }

// ErrorSummary lists on top of a page what has to be corrected there; it is
// shown when it has items.
type ErrorSummary struct {
	Title string
	Items []Link
}

// Input is a field of one line.
type Input struct {
	ID, Name, Label, Hint, Error, Value string
	// ErrorWord is read before the error by screen readers; "Error:" when empty.
	ErrorWord string
	// Type is text when empty.
	Type, Autocomplete, InputMode string
	// Width is one of 2, 3, 4, 5, 10, 20, 30 characters; the full width for 0.
	Width int
}

// FileUpload is a field for one file.
type FileUpload struct {
	ID, Name, Label, Hint, Error string
	// ErrorWord is read before the error by screen readers; "Error:" when empty.
	ErrorWord string
	// Accept are the extensions offered, such as .req,.p10.
	Accept string
	// The words of the enhanced field.
	ChooseText, InstructionText, NoFileText, EnteredText, LeftText string
}

// Option is a button of a group. ID is the name of the group for the
// first one; others need one of their own.
type Option struct {
	ID, Name, Value, Text, Hint string
	Checked                     bool
}

// Choice is a group of radios.
type Choice struct {
	Name, Legend, Hint, Error string
	// ErrorWord is read before the error by screen readers; "Error:" when empty.
	ErrorWord string
	// Page makes the legend the heading of the page.
	Page    bool
	Options []Option
}

// Row is one line of a summary list; the action is optional.
type Row struct {
	Key, Value string
	Action     Link
	// ActionHidden completes the action for screen readers.
	ActionHidden string
}

// SummaryList is a list of keys and values.
type SummaryList struct{ Rows []Row }

// Panel confirms that something is done.
type Panel struct{ Title, Text, Strong string }

// Tag is a small label; Colour is one of grey, blue, green, yellow, red, and so on, or empty.
type Tag struct{ Text, Colour string }

// Task is one line of a task list.
type Task struct {
	Text, Href, Hint string
	// Status is a plain text when Tag is empty.
	Status string
	Tag    Tag
	// Blocked says that it cannot be begun yet.
	Blocked bool
	// Number distinguishes the tasks of a page.
	Number int
}

// TaskList is the steps of something with where each of them stands.
type TaskList struct {
	Prefix string
	Tasks  []Task
}

// WarningText is something of consequence.
type WarningText struct{ Text, Hidden string }

// Details hides what few people need.
type Details struct{ Summary, Text string }

// Banner is a notice on top of a page.
type Banner struct{ Title, Text string }

// GenericHeader is the header of a service that is none of GOV.UK.
type GenericHeader struct{ Text, Href string }

// NavigationItem is one section of a service.
type NavigationItem struct {
	Text, Href string
	// Current is this page; Active is one below.
	Current, Active bool
}

// ServiceNavigation are the sections of a service.
type ServiceNavigation struct {
	Label, MenuText, ID string
	Items               []NavigationItem
}

// Language is one of those a page is written in.
type Language struct {
	Text, Lang, Href string
	Current          bool
}

// LanguageNavigation leads to the same page in other languages.
type LanguageNavigation struct {
	Label string
	Items []Language
}

// PageLink is one page of many.
type PageLink struct {
	Text, Href, Label string
	Current           bool
}

// Pagination leads through pages.
type Pagination struct {
	Label          string
	Previous, Next Link
	Pages          []PageLink
}
