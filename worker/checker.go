package worker

import (
	"fmt"
	"net/http"
	"time"

	"github.com/remote-issuance/remote-issuance/internal/config"
	"github.com/remote-issuance/remote-issuance/internal/registers"
)

// registerChecker makes the clients of the state registers.
func registerChecker(c config.Worker, measured measurements) (*registers.Service, error) {
	client := func(register string) *http.Client {
		return &http.Client{Timeout: 30 * time.Second, Transport: measured.transport(register)}
	}
	options := func(register string, u config.URL) registers.Options {
		return registers.Options{BaseURL: u.String(), HTTPClient: client(register)}
	}
	egrOptions := registers.EGROptions(c.Registers.EGR.String())
	egrOptions.HTTPClient = client(registers.RegisterEGR)
	egr, err := registers.NewEGR(egrOptions)
	if err != nil {
		return nil, fmt.Errorf("EGR: %w", err)
	}
	grp, err := registers.NewGRP(options(registers.RegisterTaxpayers, c.Registers.GRP))
	if err != nil {
		return nil, fmt.Errorf("taxpayer register: %w", err)
	}
	population, err := registers.NewPopulation(options(registers.RegisterPopulation, c.Registers.Population))
	if err != nil {
		return nil, fmt.Errorf("population register: %w", err)
	}
	subscribers, err := registers.NewSubscribers(options(registers.RegisterSubscribers, c.Registers.Subscribers))
	if err != nil {
		return nil, fmt.Errorf("register of contracts: %w", err)
	}
	return &registers.Service{Population: population, EGR: egr, Taxpayers: grp, Subscribers: subscribers}, nil
}
