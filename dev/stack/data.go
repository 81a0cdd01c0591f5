package stack

import (
	"os"
	"path/filepath"
	"slices"

	"github.com/remote-issuance/remote-issuance/dev/authority"
	"github.com/remote-issuance/remote-issuance/dev/gateways"
	"github.com/remote-issuance/remote-issuance/dev/inbox"
	"github.com/remote-issuance/remote-issuance/dev/oidc"
	"github.com/remote-issuance/remote-issuance/dev/persons"
	"github.com/remote-issuance/remote-issuance/dev/postgres"
	"github.com/remote-issuance/remote-issuance/dev/registers"
	"github.com/remote-issuance/remote-issuance/internal/order"
)

func (s *Stack) tariffFile() string { return filepath.Join(s.dir, "tariff.json") }

func (s *Stack) statementsDir() string { return filepath.Join(s.dir, "statements") }

func (s *Stack) registersDir() string { return filepath.Join(s.dir, "erip-registers") }

// FilesDir has the certificates and key containers of the sample persons.
func (s *Stack) FilesDir() string { return filepath.Join(s.dir, "sample-files") }

// Dir is the data directory.
func (s *Stack) Dir() string { return s.dir }

// Authorities are the sandbox CAs.
func (s *Stack) Authorities() *authority.Authorities { return s.cas }

// Inbox is where mail and SMS end.
func (s *Stack) Inbox() *inbox.Server { return s.inbox }

// Registers are the sandboxes of the state registers.
func (s *Stack) Registers() *registers.Server { return s.registers }

// Gateways are the sandboxes of the payment channels.
func (s *Stack) Gateways() *gateways.Server { return s.gateways }

// Issuer signs tokens.
func (s *Stack) Issuer() *oidc.Server { return s.issuer }

// Cluster is the private PostgreSQL server; nil when another is used.
func (s *Stack) Cluster() *postgres.Cluster { return s.cluster }

// Product is the product's own part.
func (s *Stack) Product() Product { return s.product }

// Holder is a sample person by ID; the zero Holder for nobody.
func (s *Stack) Holder(id string) persons.Holder {
	s.holding.Lock()
	defer s.holding.Unlock()
	for _, h := range s.Holders {
		if h.ID == id {
			return h
		}
	}
	return persons.Holder{}
}

// people are the sample persons as they are now.
func (s *Stack) people() []persons.Holder {
	s.holding.Lock()
	defer s.holding.Unlock()
	return slices.Clone(s.Holders)
}

// Forget deletes the data directory of a stack that does not run: a server left behind by a killed stack is stopped first.
func Forget(dir string) error {
	held, err := lock(dir)
	if err != nil {
		return err
	}
	defer func() { _ = held.Close() }()
	if err := postgres.Remove(dir); err != nil {
		return err
	}
	return os.RemoveAll(dir)
}

// tariff are invented prices, the same since ever.
func tariff() []order.Price {
	const from = "2020-01-01"
	return []order.Price{
		{Service: order.ServiceIndividual, Kind: order.KindIndividual, Years: 1, From: from, Amount: 1990},
		{Service: order.ServiceIndividual, Kind: order.KindIndividual, Years: 2, From: from, Amount: 3180},
		{Service: order.ServiceIndividual, Kind: order.KindIndividual, Years: 3, From: from, Amount: 4370},
		{Service: order.ServiceIndividual, Kind: order.KindSoleProprietor, Years: 1, From: from, Amount: 3990},
		{Service: order.ServiceIndividual, Kind: order.KindSoleProprietor, Years: 2, From: from, Amount: 6380},
		{Service: order.ServiceEmployee, Kind: order.KindEmployee, Years: 1, From: from, Amount: 4990},
		{Service: order.ServiceEmployee, Kind: order.KindEmployee, Years: 2, From: from, Amount: 7980},
	}
}

func writeTariff(path string) error { return writeJSON(path, tariff(), 0o644) }
