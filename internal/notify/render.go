package notify

import (
	"embed"
	"errors"
	"fmt"
	html "html/template"
	"strings"
	text "text/template"
	"unicode/utf16"

	"github.com/remote-issuance/remote-issuance/internal/order"
)

// maxSMS is two parts of a concatenated SMS in UCS-2: 67 units each.
const maxSMS = 2 * 67

// Errors of rendering. Neither gets better with time.
var (
	// ErrTooLong is returned for an SMS of more than two parts.
	ErrTooLong = errors.New("the SMS has more than two parts")
	// ErrNoText is returned for a kind, channel or language without a text.
	ErrNoText = errors.New("there is no text for this message")
)

//go:embed templates
var templates embed.FS

// Message is a text ready to be sent. An SMS has Text only.
type Message struct {
	Subject string
	Text    string
	HTML    string
}

// Renderer writes messages; it is safe for concurrent use.
type Renderer struct {
	delivery Delivery
	texts    map[textKey]texts
}

type textKey struct {
	kind     Kind
	language Language
}

type texts struct {
	subject, body, sms *text.Template
	html               *html.Template
}

// NewRenderer reads every template. The error is ErrDelivery, or tells which
// template is missing or broken.
func NewRenderer(delivery Delivery) (*Renderer, error) {
	if err := delivery.Validate(); err != nil {
		return nil, err
	}
	r := &Renderer{delivery: delivery, texts: map[textKey]texts{}}
	for _, language := range Languages() {
		for _, kind := range Kinds() {
			t, err := parse(kind, language)
			if err != nil {
				return nil, fmt.Errorf("text of %s in %s: %w", kind, language, err)
			}
			r.texts[textKey{kind, language}] = t
		}
	}
	return r, nil
}

func parse(kind Kind, language Language) (texts, error) {
	dir := "templates/" + string(language) + "/"
	name := dir + string(textOf(kind))
	plain := func(files ...string) (*text.Template, error) {
		base := files[0][strings.LastIndex(files[0], "/")+1:]
		return text.New(base).Funcs(words(language)).ParseFS(templates, files...)
	}
	var (
		t   texts
		err error
	)
	if t.subject, err = plain(name + ".subject.txt"); err != nil {
		return t, err
	}
	if t.sms, err = plain(name + ".sms.txt"); err != nil {
		return t, err
	}
	if t.body, err = plain(dir+"layout.txt", name+".txt"); err != nil {
		return t, err
	}
	t.html, err = html.New("layout.html").Funcs(words(language)).ParseFS(templates, dir+"layout.html", name+".html")
	return t, err
}

// page is what the layouts see: the values and, for the title, the subject.
type page struct {
	Data
	Subject string
}

// Render writes one message for one channel. Of the credentials it uses only the
// parts that the channel carries. The errors are ErrNoText, ErrIncomplete and
// ErrTooLong; they name no values.
func (r *Renderer) Render(kind Kind, channel Channel, language Language, data Data) (Message, error) {
	t, ok := r.texts[textKey{kind, language}]
	if !ok || (channel != ChannelEmail && channel != ChannelSMS) {
		return Message{}, fmt.Errorf("%q by %q in %q: %w", kind, channel, language, ErrNoText)
	}
	parts := r.delivery.parts(channel)
	data = data.clean().only(parts)
	data.Again = kind == order.NoticeCredentialsAgain
	if err := data.check(kind, parts); err != nil {
		return Message{}, err
	}
	if channel == ChannelSMS {
		m, err := sms(t, data)
		if errors.Is(err, ErrTooLong) && data.StorageURL != "" {
			// The letter and the cabinet have the address too; login and password stay.
			data.StorageURL = ""
			m, err = sms(t, data)
		}
		return m, err
	}
	return email(t, data)
}

func sms(t texts, data Data) (Message, error) {
	var b strings.Builder
	if err := t.sms.Execute(&b, data); err != nil {
		return Message{}, broken(err)
	}
	s := oneLine(b.String())
	if len(utf16.Encode([]rune(s))) > maxSMS {
		return Message{}, ErrTooLong
	}
	return Message{Text: s}, nil
}

func email(t texts, data Data) (Message, error) {
	var subject, body, markup strings.Builder
	if err := t.subject.Execute(&subject, data); err != nil {
		return Message{}, broken(err)
	}
	p := page{Data: data, Subject: oneLine(subject.String())}
	if err := t.body.Execute(&body, p); err != nil {
		return Message{}, broken(err)
	}
	if err := t.html.Execute(&markup, p); err != nil {
		return Message{}, broken(err)
	}
	return Message{Subject: p.Subject, Text: tidy(body.String()), HTML: markup.String()}, nil
}

// broken keeps only which template failed: the error of a template may quote values.
func broken(err error) error {
	var failed text.ExecError
	if errors.As(err, &failed) {
		return fmt.Errorf("template %s: %w", failed.Name, ErrNoText)
	}
	return fmt.Errorf("template: %w", ErrNoText)
}

// tidy makes runs of blank lines, which left-out parts leave behind, one.
func tidy(s string) string {
	for strings.Contains(s, "\n\n\n") {
		s = strings.ReplaceAll(s, "\n\n\n", "\n\n")
	}
	return strings.TrimSpace(s) + "\n"
}
