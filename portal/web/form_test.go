package web

import (
	"bytes"
	"mime/multipart"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// multi is a form with fields in order; a name that begins with @ is a file.
func multi(t testing.TB, fields ...[2]string) *http.Request {
	t.Helper()
	var body bytes.Buffer
	form := multipart.NewWriter(&body)
	for _, f := range fields {
		name, isFile := strings.CutPrefix(f[0], "@")
		if !isFile {
			require.NoError(t, form.WriteField(name, f[1]))
			continue
		}
		part, err := form.CreateFormFile(name, "a.req")
		require.NoError(t, err)
		_, err = part.Write([]byte(f[1]))
		require.NoError(t, err)
	}
	require.NoError(t, form.Close())
	r := httptest.NewRequest(http.MethodPost, "/", &body)
	r.Header.Set("Content-Type", form.FormDataContentType())
	return r
}

func TestFormsAreReadWithinTheirBounds(t *testing.T) {
	long := strings.Repeat("x", MaxFile)
	for name, c := range map[string]struct {
		r        *http.Request
		want     Form
		unread   bool
		tooLarge bool
	}{
		"file":             {multi(t, [2]string{"a", "1"}, [2]string{"@file", "content"}), Form{Values: url.Values{"a": {"1"}}, File: File{Content: []byte("content")}}, false, false},
		"64 KiB":           {multi(t, [2]string{"@file", long}), Form{Values: url.Values{}, File: File{Content: []byte(long)}}, false, false},
		"one octet more":   {multi(t, [2]string{"@file", long + "x"}), Form{}, false, true},
		"20 MB":            {multi(t, [2]string{"@file", strings.Repeat("x", 20<<20)}, [2]string{"after", "2"}), Form{}, false, true},
		"two files":        {multi(t, [2]string{"@file", "a"}, [2]string{"@file", "b"}), Form{}, true, false},
		"a long field":     {multi(t, [2]string{"a", strings.Repeat("x", maxField+1)}), Form{}, true, false},
		"more than is fit": {multi(t, [2]string{"@file", strings.Repeat("x", maxBody+1)}), Form{}, true, false},
		"too many fields":  {multi(t, make([][2]string, maxFields+1)...), Form{}, true, false},
	} {
		t.Run(name, func(t *testing.T) {
			form, err := readForm(httptest.NewRecorder(), c.r, MaxFile)
			switch {
			case c.unread:
				require.ErrorIs(t, err, errForm)
			case c.tooLarge:
				require.NoError(t, err)
				require.True(t, form.File.TooLarge)
				require.LessOrEqual(t, len(form.File.Content), MaxFile)
			default:
				require.NoError(t, err)
				require.Equal(t, c.want, form)
			}
		})
	}
}

func TestOtherBodiesAreNoForms(t *testing.T) {
	for kind, body := range map[string]string{
		"application/json": `{"csrf":"x"}`, "text/plain": "a=b", "": "a=b", "multipart/form-data": "x", "multipart/form-data; boundary=b": "--b\r\nbroken",
		"application/x-www-form-urlencoded": "%zz",
	} {
		r := httptest.NewRequest(http.MethodPost, "/", strings.NewReader(body))
		r.Header.Set("Content-Type", kind)
		_, err := readForm(httptest.NewRecorder(), r, MaxFile)
		require.ErrorIs(t, err, errForm, kind)
	}
	r := httptest.NewRequest(http.MethodPost, "/", strings.NewReader(strings.Repeat("a=b&", maxFields+1)))
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	_, err := readForm(httptest.NewRecorder(), r, MaxFile)
	require.ErrorIs(t, err, errForm)
}

func FuzzReadForm(f *testing.F) {
	f.Add("multipart/form-data; boundary=b", []byte("--b\r\nContent-Disposition: form-data; name=\"file\"; filename=\"a\"\r\n\r\nx\r\n--b--"))
	f.Add("application/x-www-form-urlencoded", []byte("a=b&c=%00"))
	f.Fuzz(func(t *testing.T, kind string, body []byte) {
		r := httptest.NewRequest(http.MethodPost, "/", bytes.NewReader(body))
		r.Header.Set("Content-Type", kind)
		form, err := readForm(httptest.NewRecorder(), r, MaxFile)
		if err == nil && (len(form.File.Content) > MaxFile || tooMany(form.Values)) {
			t.Fatal("more than the bounds")
		}
	})
}
