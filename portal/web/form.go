package web

import (
	"errors"
	"io"
	"mime"
	"net/http"
	"net/url"
	"strings"
	"time"
)

const (
	// MaxFile is the largest file of a form, in octets; see Router.PublicUpload.
	MaxFile = 64 << 10
	// maxBody is how much of a body is read at all: what is too large is read
	// to its end, because a browser shows no answer to what it could not send.
	maxBody  = 64 << 20
	maxField = 8 << 10
	// maxFields bounds the values of a form: a list of orders has at most 200.
	maxFields = 300
	// bodyWithin is the time for a body.
	bodyWithin = 60 * time.Second
	tokenField = "csrf"
)

// File is the file that came with a form.
type File struct {
	// Content is at most MaxFile octets, or what the route takes; TooLarge says
	// that there was more.
	Content  []byte
	TooLarge bool
}

// Form is what a person has sent.
type Form struct {
	Values url.Values
	// File is the content of the only file field, empty when none was chosen.
	File File
}

// Get is the value of a field without blanks around it.
func (f Form) Get(name string) string { return strings.TrimSpace(f.Values.Get(name)) }

var errForm = errors.New("the form cannot be read")

// readForm reads a form in either media type within its bounds; nothing is written to disk.
func readForm(w http.ResponseWriter, r *http.Request, maxFile int64) (Form, error) {
	control := http.NewResponseController(w)
	_ = control.SetReadDeadline(time.Now().Add(bodyWithin))
	r.Body = http.MaxBytesReader(w, r.Body, maxBody)
	kind, _, err := mime.ParseMediaType(r.Header.Get("Content-Type"))
	switch {
	case err != nil:
		return Form{}, errForm
	case kind == "multipart/form-data":
		return readParts(r, maxFile)
	case kind == "application/x-www-form-urlencoded":
		raw, err := io.ReadAll(io.LimitReader(r.Body, maxField*16))
		if err != nil {
			return Form{}, errForm
		}
		values, err := url.ParseQuery(string(raw))
		if err != nil || tooMany(values) {
			return Form{}, errForm
		}
		return Form{Values: values}, nil
	default:
		return Form{}, errForm
	}
}

func tooMany(values url.Values) bool {
	n := 0
	for _, v := range values {
		n += len(v)
	}
	return n > maxFields
}

func readParts(r *http.Request, maxFile int64) (Form, error) {
	parts, err := r.MultipartReader()
	if err != nil {
		return Form{}, errForm
	}
	form, seen := Form{Values: url.Values{}}, false
	for range maxFields {
		part, err := parts.NextPart()
		if errors.Is(err, io.EOF) {
			return form, nil
		}
		if err != nil {
			return Form{}, errForm
		}
		limit := int64(maxField)
		if part.FileName() != "" {
			limit = maxFile
		}
		content, err := io.ReadAll(io.LimitReader(part, limit+1))
		if err != nil {
			return Form{}, errForm
		}
		over := int64(len(content)) > limit
		if _, err := io.Copy(io.Discard, part); err != nil {
			return Form{}, errForm
		}
		switch {
		case part.FileName() != "" && seen:
			// Two files are two values for one truth.
			return Form{}, errForm
		case part.FileName() != "":
			seen = true
			form.File = File{Content: content[:min(int64(len(content)), maxFile)], TooLarge: over}
		case over:
			return Form{}, errForm
		default:
			form.Values.Add(part.FormName(), string(content))
		}
	}
	return Form{}, errForm
}
