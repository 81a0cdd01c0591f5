package api

import (
	"bytes"
	"encoding/json"
	"mime/multipart"
	"net/http"
	"net/http/httptest"
	"net/url"
	"regexp"
	"strings"

	"github.com/stretchr/testify/require"
)

// request is one with a hostile string in a field.
func (h *hostileRun) request(o operation, f stringField, s hostileText) *http.Request {
	h.t.Helper()
	token, id, body := h.sender(o)
	path, query := o.path, ""
	switch f.in {
	case "path":
		path = strings.ReplaceAll(path, "{"+f.path[0]+"}", strings.ReplaceAll(url.PathEscape(s.raw), "/", "%2F"))
	case "query":
		query = "?" + url.Values{f.path[0]: {s.raw}}.Encode()
	case "body", "form":
		require.True(h.t, replace(body, f.path, mark), "%s has no %v: give the test a value for it", o.id, f.path)
	}
	mediaType, content := "application/json", []byte(nil)
	if f.in == "form" || o.id == "submitRequest" {
		mediaType, content = h.form(body, s)
	} else if h.containers[o.id] != nil {
		mediaType, content = mediaTypeCMS, h.containers[o.id]
	} else if body != nil {
		raw, err := json.Marshal(body)
		require.NoError(h.t, err)
		content = bytes.ReplaceAll(raw, []byte(mark), []byte(s.escaped))
	}
	r := httptest.NewRequestWithContext(h.t.Context(), o.method, "/", bytes.NewReader(content))
	address, err := url.Parse(parameters.ReplaceAllString(path, id) + query)
	require.NoError(h.t, err)
	r.URL, r.GetBody = address, nil
	r.Header.Set("Authorization", token)
	if content != nil {
		r.Header.Set("Content-Type", mediaType)
	}
	if f.in == "header" {
		r.Header[f.path[0]] = []string{s.raw}
	}
	return r
}

func (h *hostileRun) form(body map[string]any, s hostileText) (mediaType string, content []byte) {
	h.t.Helper()
	var buffer bytes.Buffer
	w := multipart.NewWriter(&buffer)
	for name, value := range body {
		text, _ := value.(string)
		require.NoError(h.t, w.WriteField(name, strings.ReplaceAll(text, mark, s.raw)))
	}
	part, err := w.CreateFormFile("file", "request.req")
	require.NoError(h.t, err)
	_, err = part.Write([]byte("no request"))
	require.NoError(h.t, err)
	require.NoError(h.t, w.Close())
	return w.FormDataContentType(), buffer.Bytes()
}

// replace puts the mark at a path; false where nothing stands there.
func replace(in any, path []string, value string) bool {
	switch v := in.(type) {
	case map[string]any:
		if _, ok := v[path[0]]; !ok {
			return false
		}
		if len(path) == 1 {
			v[path[0]] = value
			return true
		}
		return replace(v[path[0]], path[1:], value)
	case []any:
		if len(path) == 1 {
			v[0] = value
			return true
		}
		return replace(v[0], path[1:], value)
	default:
		return false
	}
}

// parameters are those of a path.
var parameters = regexp.MustCompile(`\{\w+\}`)
