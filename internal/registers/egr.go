package registers

import (
	"context"
	"encoding/json"
	"errors"
	"net/url"
	"strconv"

	"github.com/remote-issuance/remote-issuance/internal/order"
)

// OrganisationKind is what the EGR registered under a number.
type OrganisationKind string

// The kinds of registration.
const (
	KindLegalEntity    OrganisationKind = "legal-entity"
	KindSoleProprietor OrganisationKind = "sole-proprietor"
)

// stateActive is the only state of the EGR's list NSI00219 in which business goes on.
const stateActive = 1

// State is the standing of an organisation in the EGR.
type State struct {
	// Code is a code of the list NSI00219: 1 active, 2 removed, 3 being liquidated, …
	Code int `json:"code"`
	// Text is the register's own Russian word for it.
	Text string `json:"text"`
}

// Active tells whether the organisation may act.
func (s State) Active() bool { return s.Code == stateActive }

// Organisation is what the EGR knows under a UNP. The zero value stands for an
// organisation that the register does not know.
type Organisation struct {
	UNP  order.UNP        `json:"unp"`
	Kind OrganisationKind `json:"kind"`
	// FullName and ShortName are set for a legal entity.
	FullName  string `json:"fullName,omitempty"`
	ShortName string `json:"shortName,omitempty"`
	// ProprietorName is set for a sole proprietor: surname, given name, patronymic.
	ProprietorName string     `json:"proprietorName,omitempty"`
	State          State      `json:"state"`
	RegisteredFrom order.Date `json:"registeredFrom"`
}

// EGR asks the public register of legal entities and sole proprietors.
type EGR struct{ c *client }

// NewEGR is a client of the EGR web API, version 2; see EGROptions.
func NewEGR(o Options) (*EGR, error) {
	c, err := newClient("egr", o)
	if err != nil {
		return nil, err
	}
	return &EGR{c: c}, nil
}

// Organisation asks for the state of a registration and, where the short answer
// leaves them out, for its names. The errors are ErrNotFound and ErrUnavailable.
func (e *EGR) Organisation(ctx context.Context, unp order.UNP) (Organisation, error) {
	row, err := e.row(ctx, "getShortInfoByRegNum", unp)
	if err != nil {
		return Organisation{}, err
	}
	if row.State.Code == "" {
		return Organisation{}, unavailable(e.c.register, errNoState.Error())
	}
	if err := e.complete(ctx, unp, &row); err != nil {
		return Organisation{}, err
	}
	found, err := row.organisation(unp)
	if err != nil {
		return Organisation{}, unavailable(e.c.register, err.Error())
	}
	return found, nil
}

// complete asks for names only when they are missing: at one request a second
// every question counts.
func (e *EGR) complete(ctx context.Context, unp order.UNP, row *egrRow) error {
	if row.kind() == KindSoleProprietor {
		if row.Proprietor != "" {
			return nil
		}
		names, err := e.row(ctx, "getIPFIOByRegNum", unp)
		row.Proprietor = names.Proprietor
		return e.nameError(err)
	}
	if row.Full != "" {
		return nil
	}
	names, err := e.row(ctx, "getJurNamesByRegNum", unp)
	row.Full, row.Short = names.Full, names.Short
	if names.Full == "" && row.Kind.Code == "" && errors.Is(err, ErrNotFound) {
		names, err = e.row(ctx, "getIPFIOByRegNum", unp)
		row.Proprietor = names.Proprietor
	}
	return e.nameError(err)
}

// nameError keeps a registration without names from looking like none at all.
func (e *EGR) nameError(err error) error {
	if errors.Is(err, ErrNotFound) {
		return unavailable(e.c.register, errIncomplete.Error())
	}
	return err
}

func (e *EGR) row(ctx context.Context, method string, unp order.UNP) (egrRow, error) {
	return fetch(ctx, e.c, "/"+method+"/"+url.PathEscape(string(unp)), func(body []byte) (egrRow, error) {
		return parseEGR(body, unp)
	})
}

// egrRow is a row of any of the methods. Documents spell the keys in upper case
// and answers in lower case; encoding/json matches either.
type egrRow struct {
	Number     scalar `json:"ngrn"`
	From       scalar `json:"dfrom"`
	To         scalar `json:"dto"`
	Full       scalar `json:"vnaim"`
	Short      scalar `json:"vn"`
	Proprietor scalar `json:"vfio"`
	State      struct {
		Code scalar `json:"nksost"`
		Text scalar `json:"vnsostk"`
	} `json:"nsi00219"`
	Kind struct {
		Code scalar `json:"nkvob"`
	} `json:"nsi00211"`
}

// parseEGR picks the row in force from an answer: normally there is one; among
// several the one without an end, and of those the latest.
func parseEGR(body []byte, unp order.UNP) (egrRow, error) {
	if empty(body) {
		return egrRow{}, ErrNotFound
	}
	var rows []egrRow
	if err := json.Unmarshal(body, &rows); err != nil || len(rows) == 0 {
		return egrRow{}, errNotJSON
	}
	best := rows[0]
	for _, row := range rows {
		if !sameUNP(unp, row.Number) {
			return egrRow{}, errOtherRecord
		}
		switch {
		case (row.To == "") != (best.To == ""):
			if row.To == "" {
				best = row
			}
		case row.From > best.From:
			best = row
		}
	}
	return best, nil
}

// kind is what the register says, or else what the names tell.
func (r egrRow) kind() OrganisationKind {
	switch r.Kind.Code {
	case "1":
		return KindLegalEntity
	case "2":
		return KindSoleProprietor
	}
	if r.Full == "" && r.Proprietor != "" {
		return KindSoleProprietor
	}
	return KindLegalEntity
}

func (r egrRow) organisation(unp order.UNP) (Organisation, error) {
	code, err := strconv.Atoi(string(r.State.Code))
	if err != nil {
		return Organisation{}, errNoState
	}
	from, err := minskDate(r.From)
	if err != nil {
		return Organisation{}, err
	}
	found := Organisation{
		UNP: unp, Kind: r.kind(), State: State{Code: code, Text: string(r.State.Text)}, RegisteredFrom: from,
	}
	if found.Kind == KindSoleProprietor {
		found.ProprietorName = string(r.Proprietor)
	} else {
		found.FullName, found.ShortName = string(r.Full), string(r.Short)
	}
	if found.FullName == "" && found.ProprietorName == "" {
		return Organisation{}, errIncomplete
	}
	return found, nil
}
