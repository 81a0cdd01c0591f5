package requestcli

import (
	"encoding/json"
	"encoding/pem"
	"fmt"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/remote-issuance/remote-issuance/internal/clock"
	"github.com/remote-issuance/remote-issuance/internal/order"
	"github.com/remote-issuance/remote-issuance/internal/pki"
	"github.com/remote-issuance/remote-issuance/internal/pki/alg"
	"github.com/remote-issuance/remote-issuance/internal/pki/testca"
	"github.com/remote-issuance/remote-issuance/internal/request"
)

// newRequest holds the flags of "request new".
type newRequest struct {
	key, like, subject, profile, position, service, start, form, out string
	years                                                            int
	armor, microsoft                                                 bool
}

func requestNew() *cobra.Command {
	var n newRequest
	cmd := &cobra.Command{
		Use:   "new",
		Short: "Make a request from a certificate to be renewed, or from a subject in JSON",
		Args:  cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			r, err := n.build(clock.Now())
			if err != nil {
				return err
			}
			data := r.Raw
			if n.armor {
				data = pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE REQUEST", Bytes: r.Raw})
			}
			return writeFile(n.out, data, 0o644)
		},
	}
	f := cmd.Flags()
	f.StringVar(&n.key, "key", "", "file of the new private key (PKCS#8)")
	f.StringVar(&n.like, "like", "", "certificate whose subject to take over")
	f.StringVar(&n.subject, "subject", "", "JSON file of the subject, instead of --like")
	f.StringVar(&n.profile, "profile", "extensions", "where the subject's data go with --subject: extensions, name or individual")
	f.StringVar(&n.position, "position", "", "another position than the certificate's")
	f.StringVar(&n.service, "service", string(order.ServiceEmployee), "service whose start date to ask for: 6.0.00 or 6.0.01")
	f.StringVar(&n.start, "start", "", "day to start, such as 2026-12-03 (default by the service's rule)")
	f.IntVar(&n.years, "years", 1, "term in years; 0 to ask for no period")
	f.StringVar(&n.form, "validity", "attribute", "where the period goes: attribute, usage-period or key-attributes")
	f.BoolVar(&n.microsoft, "microsoft", false, "put extensions under Microsoft's attribute")
	f.BoolVar(&n.armor, "pem", false, "write PEM instead of DER")
	f.StringVar(&n.out, "out", "", "file to write")
	for _, name := range []string{"key", "out"} {
		_ = cmd.MarkFlagRequired(name)
	}
	cmd.MarkFlagsOneRequired("like", "subject")
	cmd.MarkFlagsMutuallyExclusive("like", "subject")
	return cmd
}

func (n newRequest) build(now time.Time) (*pki.Request, error) {
	key, err := readFile(n.key, alg.ParsePrivateKey)
	if err != nil {
		return nil, err
	}
	t, err := n.template()
	if err != nil {
		return nil, err
	}
	form, ok := map[string]pki.ValidityForm{
		"attribute": pki.ValidityAttribute, "usage-period": pki.ValidityUsagePeriod, "key-attributes": pki.ValidityKeyAttributes,
	}[n.form]
	if !ok {
		return nil, fmt.Errorf("--validity %q: want attribute, usage-period or key-attributes", n.form)
	}
	t.ValidityForm, t.Microsoft = form, n.microsoft
	if n.years > 0 {
		service, err := order.ParseService(n.service)
		if err != nil {
			return nil, err
		}
		start := request.StartOf(service, order.DefaultPolicy(), now)
		if n.start != "" {
			at, err := parseInstant(n.start)
			if err != nil {
				return nil, err
			}
			start = order.DateOf(at)
		}
		t.Validity = request.Period(start, n.years)
	}
	return pki.BuildRequest(t, key)
}

func (n newRequest) template() (pki.RequestTemplate, error) {
	if n.like != "" {
		cert, err := readCertificate(n.like)
		if err != nil {
			return pki.RequestTemplate{}, err
		}
		return request.Renewal(cert, n.position)
	}
	profile, err := parseProfile(n.profile)
	if err != nil {
		return pki.RequestTemplate{}, err
	}
	s, err := readFile(n.subject, parseSubject)
	if err != nil {
		return pki.RequestTemplate{}, err
	}
	if n.position != "" {
		s.Position = n.position
	}
	name, err := profile.Name(s)
	if err != nil {
		return pki.RequestTemplate{}, err
	}
	extensions, err := profile.Extensions(s)
	return pki.RequestTemplate{Subject: name, Extensions: extensions}, err
}

func parseSubject(data []byte) (order.Subject, error) {
	var s order.Subject
	d := json.NewDecoder(strings.NewReader(string(data)))
	d.DisallowUnknownFields()
	err := d.Decode(&s)
	return s, err
}

func parseProfile(s string) (testca.Profile, error) {
	p, ok := map[string]testca.Profile{
		"extensions": testca.ProfileExtensions, "name": testca.ProfileName, "individual": testca.ProfileIndividual,
	}[s]
	if !ok {
		return 0, fmt.Errorf("--profile %q: want extensions, name or individual", s)
	}
	return p, nil
}
