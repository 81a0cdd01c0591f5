package inbox

import (
	"bytes"
	"encoding/base64"
	"errors"
	"io"
	"mime"
	"mime/multipart"
	"mime/quotedprintable"
	"net/mail"
	"strings"
	"time"
)

// Channel is the way a message came.
type Channel string

// The channels.
const (
	Mail Channel = "mail"
	SMS  Channel = "sms"
)

// Message is one message as it arrived.
type Message struct {
	// ID counts from 1 over both channels.
	ID       int       `json:"id"`
	Channel  Channel   `json:"channel"`
	Received time.Time `json:"received"`
	From     string    `json:"from"`
	// To are the envelope's recipients: mail addresses, or one phone number as 375….
	To []string `json:"to"`
	// Subject, Text and HTML are decoded; an SMS has only Text.
	Subject string `json:"subject,omitempty"`
	Text    string `json:"text"`
	HTML    string `json:"html,omitempty"`
	// Attachments are the names of attached files.
	Attachments []string `json:"attachments,omitempty"`
	// MessageID is the mail's Message-ID without angle brackets.
	MessageID string `json:"messageId,omitempty"`
	// Raw is the mail as it came over the wire.
	Raw []byte `json:"raw,omitempty"`
}

// errNotMail is returned for what has no header of a mail.
var errNotMail = errors.New("the message has no readable header")

// maxDepth bounds multiparts within multiparts.
const maxDepth = 8

// parseMail reads a mail (RFC 5322, MIME) into a message; it sets neither ID, time nor recipients.
func parseMail(raw []byte) (Message, error) {
	m, err := mail.ReadMessage(bytes.NewReader(raw))
	if err != nil {
		return Message{}, errNotMail
	}
	decode := func(name string) string {
		text, err := new(mime.WordDecoder).DecodeHeader(m.Header.Get(name))
		if err != nil {
			return m.Header.Get(name)
		}
		return text
	}
	msg := Message{Channel: Mail, From: decode("From"), Subject: decode("Subject"), Raw: raw,
		MessageID: strings.Trim(m.Header.Get("Message-Id"), "<> ")}
	msg.readPart(part{header: m.Header, body: m.Body}, 0)
	return msg, nil
}

type part struct {
	header interface{ Get(string) string }
	body   io.Reader
}

// readPart collects the texts of a part and those within it. What cannot be read is left out: a broken mail is still shown.
func (m *Message) readPart(p part, depth int) {
	mediaType, params, err := mime.ParseMediaType(p.header.Get("Content-Type"))
	if err != nil {
		mediaType, params = "text/plain", nil
	}
	if strings.HasPrefix(mediaType, "multipart/") {
		m.readMultipart(multipart.NewReader(p.body, params["boundary"]), depth+1)
		return
	}
	if disposition, dp, err := mime.ParseMediaType(p.header.Get("Content-Disposition")); err == nil && disposition == "attachment" {
		m.Attachments = append(m.Attachments, dp["filename"])
		return
	}
	text, err := io.ReadAll(decoded(p))
	if err != nil && len(text) == 0 {
		return
	}
	body := strings.ToValidUTF8(strings.ReplaceAll(string(text), "\r\n", "\n"), "\uFFFD")
	switch mediaType {
	case "text/html":
		m.HTML += body
	case "text/plain":
		m.Text += body
	default:
		m.Attachments = append(m.Attachments, params["name"])
	}
}

func (m *Message) readMultipart(r *multipart.Reader, depth int) {
	if depth > maxDepth {
		return
	}
	for {
		p, err := r.NextRawPart()
		if err != nil {
			return
		}
		m.readPart(part{header: p.Header, body: p}, depth)
	}
}

func decoded(p part) io.Reader {
	switch strings.ToLower(p.header.Get("Content-Transfer-Encoding")) {
	case "quoted-printable":
		return quotedprintable.NewReader(p.body)
	case "base64":
		return base64.NewDecoder(base64.StdEncoding, p.body)
	}
	return p.body
}
