package registers

import (
	"context"
	"encoding/json"
	"net/url"

	"github.com/remote-issuance/remote-issuance/internal/order"
)

// Head is the head of an organisation as the EGR records them (M1). The zero
// value stands for an organisation without a recorded head.
type Head struct {
	UNP order.UNP `json:"unp"`
	// PersonalNumber may be empty: for heads recorded before numbers were.
	PersonalNumber order.PersonalNumber `json:"personalNumber,omitempty"`
	Surname        string               `json:"surname"`
	GivenName      string               `json:"givenName"`
	Patronymic     string               `json:"patronymic,omitempty"`
	Position       string               `json:"position,omitempty"`
	// Since is the day of the appointment, 2006-01-02.
	Since string `json:"since,omitempty"`
}

// Heads asks for the heads of organisations, over the agreement-based channel of the EGR.
type Heads struct{ c *client }

// NewHeads is a client of that channel:
// GET {base}/heads/v1/organisations/{unp}, 404 where no head is recorded.
func NewHeads(o Options) (*Heads, error) {
	c, err := newAgreed("heads", o)
	if err != nil {
		return nil, err
	}
	return &Heads{c: c}, nil
}

// Head asks who heads an organisation. The errors are ErrNotFound and ErrUnavailable.
func (h *Heads) Head(ctx context.Context, unp order.UNP) (Head, error) {
	return fetch(ctx, h.c, "/heads/v1/organisations/"+url.PathEscape(string(unp)), func(body []byte) (Head, error) {
		return parseHead(body, unp)
	})
}

func parseHead(body []byte, unp order.UNP) (Head, error) {
	var head Head
	if err := json.Unmarshal(body, &head); err != nil {
		return Head{}, errNotJSON
	}
	switch {
	case head.UNP != unp:
		return Head{}, errOtherRecord
	case head.Surname == "" || head.GivenName == "":
		return Head{}, errIncomplete
	}
	return head, nil
}
