package erip

import (
	"bytes"
	"io"
	"mime/multipart"
	"net/http"
	"net/url"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/remote-issuance/remote-issuance/internal/payments"
	"github.com/remote-issuance/remote-issuance/internal/payments/charset"
)

// multipartBody puts the document into a form as a field or as a file.
func multipartBody(t *testing.T, doc []byte, asFile bool) ([]byte, string) {
	t.Helper()
	var out bytes.Buffer
	w := multipart.NewWriter(&out)
	require.NoError(t, w.WriteField("Other", "1"))
	create := func() (io.Writer, error) { return w.CreateFormField("XML") }
	if asFile {
		create = func() (io.Writer, error) { return w.CreateFormFile("XML", "request.xml") }
	}
	part, err := create()
	require.NoError(t, err)
	_, err = part.Write(doc)
	require.NoError(t, err)
	require.NoError(t, w.Close())
	return out.Bytes(), w.FormDataContentType()
}

func TestDocumentIsFoundInEveryTransport(t *testing.T) {
	doc := golden(t, "service-info.xml")
	field, fieldType := multipartBody(t, doc, false)
	file, fileType := multipartBody(t, doc, true)
	form := []byte(url.Values{"XML": {string(doc)}}.Encode())
	for name, c := range map[string]struct {
		body        []byte
		contentType string
	}{
		"urlencoded":           {form, "application/x-www-form-urlencoded"},
		"urlencoded, untold":   {form, ""},
		"multipart field":      {field, fieldType},
		"multipart file":       {file, fileType},
		"raw":                  {doc, "text/xml; charset=windows-1251"},
		"raw, labelled a form": {append([]byte("\r\n"), doc...), "application/x-www-form-urlencoded"},
	} {
		t.Run(name, func(t *testing.T) {
			answer, header, err := newProviderFixture(Config{ServiceNo: 1234567}).Handle(t.Context(), c.body, c.contentType, http.Header{})
			require.NoError(t, err)
			require.Equal(t, charset.Windows1251(golden(t, "service-info-answer.xml")), charset.Windows1251(answer))
			require.Equal(t, "text/xml; charset=windows-1251", header.Get("Content-Type"))
			require.Empty(t, header.Get(SignatureHeader))
		})
	}
}

func TestGarbageIsRefusedInTheProtocol(t *testing.T) {
	d := newProviderFixture(Config{ServiceNo: 7654321})
	broken, brokenType := multipartBody(t, []byte("x"), false)
	for name, c := range map[string]struct{ body, contentType string }{
		"empty":         {"", ""},
		"no field":      {"a=b", "application/x-www-form-urlencoded"},
		"no boundary":   {"XML=1", "multipart/form-data"},
		"cut multipart": {string(broken[:40]), brokenType},
		"too long":      {string(make([]byte, MaxBody+1)), ""},
		"not xml":       {"<a", "text/xml"},
		"other service": {string(golden(t, "service-info.xml")), "text/xml"},
	} {
		answer, _, err := d.Handle(t.Context(), []byte(c.body), c.contentType, http.Header{})
		require.Error(t, err, name)
		response, err := DecodeResponse(answer)
		require.NoError(t, err, name)
		require.NotEmpty(t, response.Errors, name)
	}
}

func TestSignatureOfTheIPayFlavour(t *testing.T) {
	salt := payments.NewSecret("SALT")
	d, doc := newProviderFixture(Config{Salt: salt}), golden(t, "service-info.xml")
	good := http.Header{}
	good.Set(SignatureHeader, Sign(salt, doc))
	answer, header, err := d.Handle(t.Context(), doc, "text/xml", good)
	require.NoError(t, err)
	require.True(t, Verify(salt, answer, header.Get(SignatureHeader)))
	require.Regexp(t, `^SALT\+MD5: [0-9a-f]{32}$`, header.Get(SignatureHeader))

	for _, value := range []string{"", "SALT+MD5: 00", "SALT+SHA1: " + Sign(salt, doc)[10:], Sign(payments.NewSecret("other"), doc)} {
		bad := http.Header{}
		bad.Set(SignatureHeader, value)
		answer, _, err := d.Handle(t.Context(), doc, "text/xml", bad)
		require.ErrorIs(t, err, ErrSignature)
		response, err := DecodeResponse(answer)
		require.NoError(t, err)
		require.NotEmpty(t, response.Errors)
	}
}

func FuzzExtract(f *testing.F) {
	f.Add([]byte("XML=%3Ca%2F%3E"), "application/x-www-form-urlencoded")
	f.Add([]byte("--b\r\nContent-Disposition: form-data; name=\"XML\"\r\n\r\n<a/>\r\n--b--\r\n"), "multipart/form-data; boundary=b")
	f.Add([]byte("<a/>"), "")
	f.Fuzz(func(t *testing.T, body []byte, contentType string) {
		doc, err := Extract(body, contentType)
		if err != nil {
			require.ErrorIs(t, err, ErrMessage)
		}
		require.LessOrEqual(t, len(doc), len(body))
	})
}
