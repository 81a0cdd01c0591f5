package registers

import (
	"context"
	"encoding/json"
	"net/url"
	"slices"

	"github.com/remote-issuance/remote-issuance/internal/order"
)

// Taxpayer is what the taxpayer register knows under a UNP. The zero value
// stands for a UNP that the register does not know.
type Taxpayer struct {
	UNP       order.UNP `json:"unp"`
	FullName  string    `json:"fullName"`
	ShortName string    `json:"shortName,omitempty"`
	Active    bool      `json:"active"`
}

// GRP asks the state register of taxpayers.
type GRP struct {
	c      *client
	active []string
}

// NewGRP is a client of the taxpayer register. The base URL is that of its method
// (…/grp/getData or …/api/grp-public/data); both forms of the answer are read.
// The codes of the state that counts as active are not published: 1 unless given.
func NewGRP(o Options, activeStates ...string) (*GRP, error) {
	c, err := newClient("grp", o)
	if err != nil {
		return nil, err
	}
	if len(activeStates) == 0 {
		activeStates = []string{"1"}
	}
	return &GRP{c: c, active: slices.Clone(activeStates)}, nil
}

// Taxpayer asks for the holder of a UNP. The errors are ErrNotFound and ErrUnavailable.
func (g *GRP) Taxpayer(ctx context.Context, unp order.UNP) (Taxpayer, error) {
	query := url.Values{"unp": {string(unp)}, "charset": {"UTF-8"}, "type": {"json"}}
	return fetch(ctx, g.c, "?"+query.Encode(), func(body []byte) (Taxpayer, error) {
		return parseGRP(body, unp, g.active)
	})
}

// grpRow is the row of either form, {"ROW":{"VUNP":…}} or {"row":{"vunp":…}};
// encoding/json matches keys whatever their case.
type grpRow struct {
	UNP   scalar `json:"vunp"`
	Full  scalar `json:"vnaimp"`
	Short scalar `json:"vnaimk"`
	State scalar `json:"ckodsost"`
}

func parseGRP(body []byte, unp order.UNP, active []string) (Taxpayer, error) {
	if empty(body) {
		return Taxpayer{}, ErrNotFound
	}
	var answer struct {
		Row *json.RawMessage `json:"row"`
	}
	if err := json.Unmarshal(body, &answer); err != nil {
		return Taxpayer{}, errNotJSON
	}
	if answer.Row == nil || empty(*answer.Row) || string(*answer.Row) == `""` {
		return Taxpayer{}, ErrNotFound
	}
	var row grpRow
	if err := json.Unmarshal(*answer.Row, &row); err != nil {
		return Taxpayer{}, errNotJSON
	}
	switch {
	case !sameUNP(unp, row.UNP):
		return Taxpayer{}, errOtherRecord
	case row.State == "":
		return Taxpayer{}, errNoState
	}
	return Taxpayer{
		UNP: unp, FullName: string(row.Full), ShortName: string(row.Short),
		Active: slices.Contains(active, string(row.State)),
	}, nil
}
