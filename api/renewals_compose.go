package api

import (
	"errors"
	"fmt"
	"os"
	"strings"

	"github.com/remote-issuance/remote-issuance/internal/config"
	"github.com/remote-issuance/remote-issuance/internal/draft"
	"github.com/remote-issuance/remote-issuance/internal/mailbox"
	"github.com/remote-issuance/remote-issuance/internal/order"
	"github.com/remote-issuance/remote-issuance/internal/pki/bpki"
	"github.com/remote-issuance/remote-issuance/internal/pki/cms"
	"github.com/remote-issuance/remote-issuance/internal/postgres"
	"github.com/remote-issuance/remote-issuance/internal/renewal"
)

// addRenewal makes the endpoints of STB 34.101.78 where they are configured.
func (d *Dependencies) addRenewal(c config.API, orders *postgres.Orders, policy order.Policy) error {
	if !c.Renewal.Enabled() {
		return nil
	}
	agent, err := loadAgent(c.Renewal)
	if err != nil {
		return err
	}
	store := postgres.NewRenewals(orders)
	d.Renewal = &RenewalProtocol{
		Agent: agent, Store: store, PublicURL: strings.TrimRight(c.HTTP.PublicURL.String(), "/"), Work: c.Renewal.Work,
		StartAfterDays: policy.StartAfterDays,
		Service: &renewal.Service{
			Store: store, Drafts: d.Drafts, Now: d.Now, Reach: mailbox.Reach{UTF8: c.Common.Reach.UTF8},
			Offer: draft.Offer{AgreementVersion: c.Offer.AgreementVersion, ContractVersion: c.Offer.ContractVersion},
		},
	}
	return nil
}

// maxAgentFile bounds the files of certificate and key in octets.
const maxAgentFile = 64 << 10

// loadAgent reads certificate and key of the CA's agent, which must belong together.
func loadAgent(c config.Renewal) (bpki.Holder, error) {
	certificate, err := readAgentFile(c.Certificate)
	if err != nil {
		return bpki.Holder{}, err
	}
	list, err := cms.ParseCertificates(certificate)
	if err != nil || len(list) == 0 {
		return bpki.Holder{}, fmt.Errorf("RENEWAL_CERTIFICATE_FILE: %w", errors.Join(errors.New("no certificate in it"), err))
	}
	container, err := readAgentFile(c.Key)
	if err != nil {
		return bpki.Holder{}, err
	}
	var agent bpki.Holder
	if agent.Certificate, err = bpki.ParseCertificate(list[0].Raw); err != nil {
		return bpki.Holder{}, fmt.Errorf("RENEWAL_CERTIFICATE_FILE: %w", err)
	}
	if agent.Key, err = bpki.OpenKey(container, []byte(c.Password.Reveal())); err != nil {
		return bpki.Holder{}, fmt.Errorf("RENEWAL_KEY_FILE: %w", err)
	}
	if !agent.Certificate.PublicKey.Equal(agent.Key.Public()) {
		return bpki.Holder{}, errors.New("RENEWAL_KEY_FILE: it is not the key of RENEWAL_CERTIFICATE_FILE")
	}
	return agent, nil
}

func readAgentFile(f config.File) ([]byte, error) {
	info, err := os.Stat(string(f))
	if err != nil {
		return nil, err
	}
	if info.Size() > maxAgentFile {
		return nil, fmt.Errorf("%s: too large for a certificate or key", f)
	}
	return os.ReadFile(string(f))
}
