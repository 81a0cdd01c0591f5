package list

import (
	"fmt"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/remote-issuance/remote-issuance/internal/text"
)

// MediaType is that of the octets.
const MediaType = "application/xml"

// The frame of a list: one field a line, in the order of the tables.
const (
	opening      = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<ПереченьСведений версия=\"2\">\n"
	closing      = "</ПереченьСведений>\n"
	entryOpening = "  <Заказ>\n"
	entryClosing = "  </Заказ>\n"
	listIndent   = "  "
	entryIndent  = "    "
)

// Canonical writes the exact octets that are signed.
func (l List) Canonical() []byte {
	var b strings.Builder
	b.WriteString(opening)
	writeFields(&b, listFields, listIndent, &l)
	for i := range l.Entries {
		b.WriteString(entryOpening)
		writeFields(&b, entryFields, entryIndent, &l.Entries[i])
		b.WriteString(entryClosing)
	}
	b.WriteString(closing)
	return []byte(b.String())
}

func writeFields[T any](b *strings.Builder, fields []field[T], indent string, of *T) {
	for _, f := range fields {
		if value := visible(f.write(of)); value != "" {
			fmt.Fprintf(b, "%s<%s>%s</%[2]s>\n", indent, f.element, escape.Replace(value))
		}
	}
}

// Line is a field of a list as people read it: Value is what the octets say.
type Line struct {
	Label, Value string
	// Digest tells that the value is for machines to compare.
	Digest bool
}

// Lines are what the list says beside its orders.
func (l List) Lines() []Line { return linesOf(listFields, &l) }

// Lines are everything that the list says of the order.
func (e Entry) Lines() []Line { return linesOf(entryFields, &e) }

func linesOf[T any](fields []field[T], of *T) []Line {
	var out []Line
	for _, f := range fields {
		if value := visible(f.write(of)); value != "" {
			out = append(out, Line{Label: f.label, Value: value, Digest: f.digest})
		}
	}
	return out
}

// escape is what XML wants in an element; quotation marks stay as they are read.
var (
	escape   = strings.NewReplacer("&", "&amp;", "<", "&lt;", ">", "&gt;")
	unescape = strings.NewReplacer("&amp;", "&", "&lt;", "<", "&gt;", ">")
)

// visible writes what nobody would see, or see in another order, as \u{202e}: a
// certificate of somebody else may have any character in a name.
func visible(s string) string {
	var b strings.Builder
	for i, r := range s {
		_, size := utf8.DecodeRuneInString(s[i:])
		switch {
		case r == '\\':
			b.WriteString(`\\`)
		case r == utf8.RuneError && size == 1, text.Refuse(string(r)) != nil, text.Invisible(r):
			b.WriteString(`\u{` + strconv.FormatInt(int64(r), 16) + `}`)
		default:
			b.WriteRune(r)
		}
	}
	return b.String()
}

// plain reads what visible has written.
func plain(s string) string {
	var b strings.Builder
	for {
		before, after, found := strings.Cut(s, `\`)
		b.WriteString(before)
		if !found {
			return b.String()
		}
		if rest, ok := strings.CutPrefix(after, `\`); ok {
			b.WriteByte('\\')
			s = rest
			continue
		}
		code, rest, _ := strings.Cut(strings.TrimPrefix(after, `u{`), `}`)
		n, err := strconv.ParseUint(code, 16, 21)
		if err != nil {
			n = utf8.RuneError
		}
		b.WriteRune(rune(n))
		s = rest
	}
}

// reader goes through octets from line to line; it keeps the first error.
type reader struct {
	rest string
	err  error
}

// skip passes over a text, if it comes next.
func (r *reader) skip(text string) bool {
	rest, found := strings.CutPrefix(r.rest, text)
	if found {
		r.rest = rest
	}
	return found && r.err == nil
}

func (r *reader) expect(text string) {
	if !r.skip(text) && r.err == nil {
		r.err = fmt.Errorf("want %s", strings.TrimSpace(text))
	}
}

func readFields[T any](r *reader, fields []field[T], indent string, to *T) {
	for _, f := range fields {
		if !r.skip(indent + "<" + f.element + ">") {
			continue
		}
		value, rest, found := strings.Cut(r.rest, "</"+f.element+">\n")
		if !found {
			r.expect("</" + f.element + ">")
			return
		}
		r.rest = rest
		if f.read == nil {
			continue
		}
		if err := f.read(to, plain(unescape.Replace(value))); err != nil && r.err == nil {
			r.err = fmt.Errorf("%s: %w", f.label, errValue)
		}
	}
}
