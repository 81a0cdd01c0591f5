package erip

import (
	"bytes"
	"crypto/md5" //nolint:gosec // the protocol's own algorithm
	"crypto/subtle"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"mime"
	"mime/multipart"
	"net/url"
	"strings"

	"github.com/remote-issuance/remote-issuance/internal/payments"
)

// MaxBody is the size in bytes above which a request is not read.
const MaxBody = 256 << 10

// SignatureHeader carries the signature of the iPay flavour.
const SignatureHeader = "ServiceProvider-Signature"

// field is the name of the form field or file that holds the document.
const field = "XML"

// signaturePrefix names the only signature algorithm.
const signaturePrefix = "SALT+MD5:"

// ErrSignature is returned for a message whose signature is missing or wrong.
var ErrSignature = errors.New("erip: signature does not match")

// Extract finds the XML document in a request body: the form field XML of an
// urlencoded or multipart form, a file part of that name, or the body itself.
// Errors wrap ErrMessage.
func Extract(body []byte, contentType string) ([]byte, error) {
	if len(body) > MaxBody {
		return nil, fmt.Errorf("%w: body is too long", ErrMessage)
	}
	if media, params, err := mime.ParseMediaType(contentType); err == nil && media == "multipart/form-data" {
		return fromMultipart(body, params["boundary"])
	}
	// Some senders label a raw document as a form.
	if trimmed := bytes.TrimLeft(body, "\xef\xbb\xbf \t\r\n"); bytes.HasPrefix(trimmed, []byte("<")) {
		return trimmed, nil
	}
	values, err := url.ParseQuery(string(body))
	if err != nil || values.Get(field) == "" {
		return nil, fmt.Errorf("%w: no field %s", ErrMessage, field)
	}
	return []byte(values.Get(field)), nil
}

func fromMultipart(body []byte, boundary string) ([]byte, error) {
	if boundary == "" {
		return nil, fmt.Errorf("%w: multipart without a boundary", ErrMessage)
	}
	reader := multipart.NewReader(bytes.NewReader(body), boundary)
	for {
		part, err := reader.NextPart()
		if err != nil {
			return nil, fmt.Errorf("%w: no field %s", ErrMessage, field)
		}
		if part.FormName() != field {
			continue
		}
		doc, err := io.ReadAll(part)
		if err != nil {
			return nil, fmt.Errorf("%w: broken multipart", ErrMessage)
		}
		return doc, nil
	}
}

// Sign is the value of SignatureHeader for a document.
func Sign(salt payments.Secret, doc []byte) string {
	sum := md5.Sum(append([]byte(salt.Reveal()), doc...)) //nolint:gosec // the protocol's own algorithm
	return signaturePrefix + " " + hex.EncodeToString(sum[:])
}

// Verify tells whether a header's value signs the document, comparing in
// constant time.
func Verify(salt payments.Secret, doc []byte, value string) bool {
	algorithm, digest, found := strings.Cut(value, ":")
	if !found || !strings.EqualFold(strings.TrimSpace(algorithm)+":", signaturePrefix) {
		return false
	}
	got := signaturePrefix + " " + strings.ToLower(strings.TrimSpace(digest))
	return subtle.ConstantTimeCompare([]byte(got), []byte(Sign(salt, doc))) == 1
}
