package sandbox

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"time"

	"github.com/remote-issuance/remote-issuance/dev/persons"
	"github.com/remote-issuance/remote-issuance/internal/order"
)

// person is a sample person as the door shows it.
type person struct {
	ID             string        `json:"id"`
	Title          string        `json:"title"`
	Service        order.Service `json:"service"`
	Head           bool          `json:"head"`
	UNP            string        `json:"unp,omitempty"`
	PersonalNumber string        `json:"personalNumber"`
	Email          string        `json:"email"`
	Phone          string        `json:"phone"`
	// NotAfter is when the present certificate ends.
	NotAfter time.Time `json:"notAfter"`
}

func show(h persons.Holder) person {
	return person{ID: h.ID, Title: h.Title, Service: h.Service(), Head: h.Head, UNP: h.Subject.UNP, PersonalNumber: h.Subject.PersonalNumber,
		Email: h.Subject.Email, Phone: h.Phone, NotAfter: h.Certificate.NotAfter}
}

func (s *Server) people() []person {
	var list []person
	for _, h := range s.o.Holders() {
		list = append(list, show(h))
	}
	return list
}

func (s *Server) holder(r *http.Request) (persons.Holder, error) {
	for _, h := range s.o.Holders() {
		if h.ID == r.PathValue("person") {
			return h, nil
		}
	}
	return persons.Holder{}, notFound("no such sample person; GET /sandbox/persons names them")
}

// bearer is a token as RFC 6749 section 5.1 writes it.
type bearer struct {
	AccessToken string `json:"access_token"`
	TokenType   string `json:"token_type"`
}

// token signs a sample person in; operator and gateway are two more.
func (s *Server) token(_ context.Context, r *http.Request, _ struct{}) (bearer, error) {
	token, err := s.o.Issuer.Token(r.PathValue("person"))
	return bearer{AccessToken: token, TokenType: "Bearer"}, err
}

// certificate gives a person a new certificate, as if they had been to a registration centre: the sample ones end a month after they
// were made.
func (s *Server) certificate(_ context.Context, r *http.Request, _ struct{}) (person, error) {
	if _, err := s.holder(r); err != nil {
		return person{}, err
	}
	h, err := s.o.Renew(r.PathValue("person"))
	if err != nil {
		return person{}, err
	}
	return show(h), nil
}

// asked is what a request file asks for, beyond what the present certificate says.
type asked struct {
	Years    int    `json:"years"`
	Position string `json:"position"`
	Surname  string `json:"surname"`
}

// request makes a request file with a new key, as the person's own program would.
func (s *Server) request(w http.ResponseWriter, r *http.Request) {
	var a asked
	if err := read(w, r, &a); err != nil {
		refuse(w, http.StatusBadRequest, err)
		return
	}
	h, err := s.holder(r)
	if err == nil && (a.Years < 1 || a.Years > 3) {
		err = fmt.Errorf("years: want 1, 2 or 3")
	}
	var file []byte
	if err == nil {
		file, err = h.Request(s.o.Clock.Now(), a.Years, func(subject *order.Subject) {
			if a.Position != "" {
				subject.Position = a.Position
			}
			if a.Surname != "" {
				subject.Surname = a.Surname
			}
		})
	}
	octets(w, "application/pkcs10", file, err)
}

// signature signs the octets it is sent with the person's key, detached, as the person's own program would.
func (s *Server) signature(w http.ResponseWriter, r *http.Request) {
	content, err := io.ReadAll(http.MaxBytesReader(w, r.Body, maxBody))
	if err != nil {
		refuse(w, http.StatusBadRequest, err)
		return
	}
	h, err := s.holder(r)
	var signed []byte
	if err == nil {
		signed, err = h.Sign(content, s.o.Clock.Now())
	}
	octets(w, "application/pkcs7-signature", signed, err)
}

func octets(w http.ResponseWriter, kind string, content []byte, err error) {
	if err != nil {
		refuse(w, statusOf(err), err)
		return
	}
	w.Header().Set("Content-Type", kind)
	_, _ = w.Write(content)
}
