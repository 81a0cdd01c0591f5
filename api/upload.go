package api

import (
	"errors"
	"io"
	"strconv"
	"strings"

	"github.com/gin-gonic/gin"

	"github.com/remote-issuance/remote-issuance/api/web"
	"github.com/remote-issuance/remote-issuance/internal/draft"
	"github.com/remote-issuance/remote-issuance/internal/mailbox"
	"github.com/remote-issuance/remote-issuance/internal/order"
)

// multipartOverhead is what the form around a file may add to it.
const multipartOverhead = 8 << 10

// maxParts bounds the parts of the form; it has four fields.
const maxParts = 16

// readUpload reads the multipart form of S2 part by part; nothing is written
// to disk. A field that is there twice is wrong: it has two values.
func readUpload(c *gin.Context, maxFile int64, reach mailbox.Reach) (draft.Upload, error) {
	if err := web.MediaType(c, "multipart/form-data"); err != nil {
		return draft.Upload{}, err
	}
	reader, err := c.Request.MultipartReader()
	if err != nil {
		return draft.Upload{}, web.BodyProblem(err)
	}
	fields := map[string][]byte{}
	for range maxParts {
		part, err := reader.NextPart()
		if errors.Is(err, io.EOF) {
			return parseUpload(fields, reach)
		}
		if err != nil {
			return draft.Upload{}, web.BodyProblem(err)
		}
		content, err := io.ReadAll(io.LimitReader(part, maxFile+1))
		if err != nil {
			return draft.Upload{}, web.BodyProblem(err)
		}
		if int64(len(content)) > maxFile {
			return draft.Upload{}, web.Refuse(web.ProblemTooLarge, nil)
		}
		name := part.FormName()
		if _, twice := fields[name]; twice {
			return draft.Upload{}, web.Invalid(fieldOf(name))
		}
		fields[name] = content
	}
	return draft.Upload{}, web.Refuse(web.ProblemMalformed, errors.New("the form has too many parts"))
}

func parseUpload(fields map[string][]byte, reach mailbox.Reach) (draft.Upload, error) {
	var wrong []string
	if len(fields["file"]) == 0 {
		wrong = append(wrong, "file")
	}
	contacts, wrongContacts := readContacts(string(fields["email"]), string(fields["phone"]), reach)
	wrong = append(wrong, wrongContacts...)
	years := 0
	if text := strings.TrimSpace(string(fields["years"])); text != "" {
		var err error
		if years, err = strconv.Atoi(text); err != nil || years < 1 || years > 3 {
			wrong = append(wrong, "years")
		}
	}
	if len(wrong) > 0 {
		return draft.Upload{}, web.Invalid(wrong...)
	}
	return draft.Upload{File: fields["file"], Contacts: contacts, Years: years}, nil
}

// readContacts reads contacts that messages can reach, or names what is wrong with them.
func readContacts(email, phone string, reach mailbox.Reach) (order.Contacts, []string) {
	var wrong []string
	contacts, err := order.NewContacts(email, phone)
	if errors.Is(err, order.ErrEmail) || err == nil && !deliverable(contacts.Email, reach) {
		wrong = append(wrong, "email")
	}
	if errors.Is(err, order.ErrPhone) {
		wrong = append(wrong, "phone")
	}
	return contacts, wrong
}

// deliverable tells whether letters can go to an address, so that nobody waits
// for one that never comes.
func deliverable(email string, reach mailbox.Reach) bool {
	_, err := reach.Wire(email)
	return err == nil
}

// fieldOf is the name of a field of the form; a name that is none of them
// comes from outside and is not repeated.
func fieldOf(name string) string {
	switch name {
	case "file", "email", "phone", "years":
		return name
	default:
		return "body"
	}
}
