package stack

import (
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"net"
	"os"
	"path/filepath"
	"slices"
	"strconv"

	free "github.com/remote-issuance/remote-issuance/dev/ports"
)

// service names one thing that listens.
type service string

const (
	serviceAPI           service = "api"
	servicePortal        service = "portal"
	serviceAPIMetrics    service = "apiMetrics"
	serviceWorkerMetrics service = "workerMetrics"
	serviceTemporal      service = "temporal"
	serviceTemporalUI    service = "temporalUI"
	serviceInbox         service = "inbox"
	serviceSMTP          service = "smtp"
	serviceOIDC          service = "oidc"
	serviceRegisters     service = "registers"
	serviceGateways      service = "gateways"
	servicePostgres      service = "postgres"
	serviceCodec         service = "codec"
	serviceSandbox       service = "sandbox"
	servicePrometheus    service = "prometheus"
)

func wellKnown() map[service]int {
	return map[service]int{
		serviceAPI: 8080, servicePortal: 8081, serviceAPIMetrics: 9101, serviceWorkerMetrics: 9102, serviceTemporal: 7233, serviceTemporalUI: 8233,
		serviceInbox: 8025, serviceSMTP: 1025, serviceOIDC: 8090, serviceRegisters: 8093, serviceGateways: 8094, servicePostgres: 5433, serviceCodec: 8095,
		serviceSandbox: 8096, servicePrometheus: 9090,
	}
}

// ports are the addresses of a stack. They stay the same over restarts: bookmarks, tokens and issued links name them.
type ports map[service]int

func (p ports) listen(s service) string { return net.JoinHostPort("127.0.0.1", strconv.Itoa(p[s])) }

func (p ports) url(s service) string { return "http://" + p.listen(s) }

// choosePorts takes the ports of the last start; one that somebody else has taken since is replaced by a free one.
func choosePorts(dir string, fixed bool) (ports, error) {
	path := filepath.Join(dir, "stack.json")
	chosen := ports{}
	data, err := os.ReadFile(path)
	switch {
	case err == nil:
		if err := json.Unmarshal(data, &chosen); err != nil {
			return nil, fmt.Errorf("%s: %w", path, err)
		}
	case !errors.Is(err, os.ErrNotExist):
		return nil, err
	}
	known := wellKnown()
	for _, s := range slices.Sorted(maps.Keys(known)) {
		wanted := chosen[s]
		if wanted == 0 && fixed {
			wanted = known[s]
		}
		if wanted == 0 || !free.IsFree("127.0.0.1", wanted) {
			if wanted, err = chosen.another(); err != nil {
				return nil, fmt.Errorf("a port for %s: %w", s, err)
			}
		}
		chosen[s] = wanted
	}
	return chosen, writeJSON(path, chosen, 0o644)
}

// another draws a port that no service of the last start had.
func (p ports) another() (int, error) {
	remembered := slices.Collect(maps.Values(p))
	for {
		port, err := free.Free("127.0.0.1")
		if err != nil || !slices.Contains(remembered, port) {
			return port, err
		}
	}
}
