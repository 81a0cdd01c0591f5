package process

import (
	"fmt"
	"net/http"
	"time"

	"github.com/remote-issuance/remote-issuance/internal/config"
	"github.com/remote-issuance/remote-issuance/internal/registers"
)

// Registers makes the clients of the state registers that the second check asks
// (S7). Each is reached by a transport of its own, the default one where via is
// nil. Answers are used again for a time, those of the public EGR for ten minutes
// at least.
func Registers(c config.Registers, via func(register string) http.RoundTripper, remembered time.Duration) (*registers.Service, error) {
	options := func(register string, u config.URL) registers.Options {
		client := &http.Client{}
		if via != nil {
			client.Transport = via(register)
		}
		return registers.Options{BaseURL: u.String(), HTTPClient: client, CacheFor: remembered}
	}
	egrOptions := registers.EGROptions(c.EGR.String())
	egrOptions.HTTPClient = options(registers.RegisterEGR, c.EGR).HTTPClient
	egrOptions.CacheFor = max(egrOptions.CacheFor, remembered)
	egr, err := registers.NewEGR(egrOptions)
	if err != nil {
		return nil, fmt.Errorf("EGR: %w", err)
	}
	grp, err := registers.NewGRP(options(registers.RegisterTaxpayers, c.GRP))
	if err != nil {
		return nil, fmt.Errorf("taxpayer register: %w", err)
	}
	population, err := registers.NewPopulation(options(registers.RegisterPopulation, c.Population))
	if err != nil {
		return nil, fmt.Errorf("population register: %w", err)
	}
	subscribers, err := registers.NewSubscribers(options(registers.RegisterSubscribers, c.Subscribers))
	if err != nil {
		return nil, fmt.Errorf("register of contracts: %w", err)
	}
	return &registers.Service{Population: population, EGR: egr, Taxpayers: grp, Subscribers: subscribers}, nil
}
