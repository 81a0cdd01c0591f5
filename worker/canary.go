package worker

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"time"

	"github.com/remote-issuance/remote-issuance/activities"
	"github.com/remote-issuance/remote-issuance/internal/ca"
	"github.com/remote-issuance/remote-issuance/internal/config"
	"github.com/remote-issuance/remote-issuance/internal/postgres"
	"github.com/remote-issuance/remote-issuance/internal/process"
)

// probeWithin is how long one look at a neighbour may take.
const probeWithin = 10 * time.Second

// probeDatabase looks whether the database answers and has the schema that
// this build knows.
func probeDatabase(base *process.Base) activities.Probe {
	return activities.Probe{Name: "database", Look: func(ctx context.Context) error {
		if err := base.Pool.Ping(ctx); err != nil {
			return err
		}
		current, err := postgres.SchemaIsCurrent(ctx, base.Config.Database.URL.Reveal())
		if err == nil && !current {
			err = errors.New("the schema is older than this build: issuance migrate of this build has to run first")
		}
		return err
	}}
}

// probeNeighbours looks at the key of each issuer, what may be trusted, and
// the registers.
func probeNeighbours(c config.Worker, issuers *ca.Registry, measured measurements) []activities.Probe {
	var probes []activities.Probe
	for _, issuer := range issuers.All() {
		probes = append(probes, activities.Probe{Name: "key of " + issuer.Name(), Look: func(ctx context.Context) error { return probeKey(ctx, issuer) }})
	}
	for _, r := range []struct {
		name string
		url  config.URL
	}{
		{"egr", c.Registers.EGR}, {"taxpayers", c.Registers.GRP}, {"population", c.Registers.Population},
		{"subscribers", c.Registers.Subscribers}, {"heads", c.Heads.URL},
	} {
		client := &http.Client{Timeout: probeWithin, Transport: measured.transport("canary")}
		probes = append(probes, activities.Probe{Name: "register " + r.name, Look: func(ctx context.Context) error {
			return probeAddress(ctx, client, r.url.String())
		}})
	}
	return probes
}

// probeKey lets the issuer sign a revocation list that was over before there
// were any, and drops it: its key signs nothing else than lists and certificates.
func probeKey(ctx context.Context, issuer ca.Issuer) error {
	_, err := issuer.SignCRL(ctx, ca.CRL{Number: 1, ThisUpdate: time.Unix(0, 0)})
	return err
}

// probeAddress tells whether anybody answers there; what is of no account:
// nobody is asked about.
func probeAddress(ctx context.Context, client *http.Client, address string) error {
	r, err := http.NewRequestWithContext(ctx, http.MethodGet, address, nil)
	if err != nil {
		return err
	}
	response, err := client.Do(r)
	if err != nil {
		return err
	}
	defer func() { _ = response.Body.Close() }()
	_, _ = io.CopyN(io.Discard, response.Body, 1<<10)
	if response.StatusCode >= http.StatusInternalServerError {
		return fmt.Errorf("answers %s", response.Status)
	}
	return nil
}
