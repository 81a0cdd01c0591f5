package registers

import (
	"context"
	"encoding/json"
	"net/url"

	"github.com/remote-issuance/remote-issuance/internal/order"
)

// Subscriber is how an organisation is served (A4). The zero value stands for
// one that is no subscriber.
type Subscriber struct {
	UNP order.UNP `json:"unp"`
	// PublicContract tells that the organisation joined the public contract.
	PublicContract bool `json:"publicContract"`
	// OwnFunds tells that it pays from its own funds, not from a budget.
	OwnFunds bool `json:"ownFunds"`
}

// Subscribers asks the register of contracts.
type Subscribers struct{ c *client }

// NewSubscribers is a client of the register of contracts:
// GET {base}/subscribers/v1/organisations/{unp}, 404 for no subscriber.
func NewSubscribers(o Options) (*Subscribers, error) {
	c, err := newAgreed("subscribers", o)
	if err != nil {
		return nil, err
	}
	return &Subscribers{c: c}, nil
}

// Subscriber asks for an organisation's contract. The errors are ErrNotFound and ErrUnavailable.
func (s *Subscribers) Subscriber(ctx context.Context, unp order.UNP) (Subscriber, error) {
	return fetch(ctx, s.c, "/subscribers/v1/organisations/"+url.PathEscape(string(unp)), func(body []byte) (Subscriber, error) {
		return parseSubscriber(body, unp)
	})
}

func parseSubscriber(body []byte, unp order.UNP) (Subscriber, error) {
	var answer struct {
		UNP            order.UNP `json:"unp"`
		PublicContract *bool     `json:"publicContract"`
		OwnFunds       *bool     `json:"ownFunds"`
	}
	if err := json.Unmarshal(body, &answer); err != nil {
		return Subscriber{}, errNotJSON
	}
	switch {
	case answer.UNP != unp:
		return Subscriber{}, errOtherRecord
	case answer.PublicContract == nil || answer.OwnFunds == nil:
		return Subscriber{}, errIncomplete
	}
	return Subscriber{UNP: unp, PublicContract: *answer.PublicContract, OwnFunds: *answer.OwnFunds}, nil
}
