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
)

func wellKnown() map[service]int {
	return map[service]int{
		serviceAPI: 8080, servicePortal: 8081, serviceAPIMetrics: 9101, serviceWorkerMetrics: 9102, serviceTemporal: 7233, serviceTemporalUI: 8233,
		serviceInbox: 8025, serviceSMTP: 1025, serviceOIDC: 8090, serviceRegisters: 8093, serviceGateways: 8094, servicePostgres: 5433, serviceCodec: 8095,
		serviceSandbox: 8096,
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
	var held []net.Listener
	defer func() {
		for _, l := range held {
			_ = l.Close()
		}
	}()
	known := wellKnown()
	for _, s := range slices.Sorted(maps.Keys(known)) {
		wanted := chosen[s]
		if wanted == 0 && fixed {
			wanted = known[s]
		}
		l, err := net.Listen("tcp", net.JoinHostPort("127.0.0.1", strconv.Itoa(wanted)))
		if err != nil {
			l, err = net.Listen("tcp", "127.0.0.1:0")
		}
		if err != nil {
			return nil, fmt.Errorf("a free port for %s: %w", s, err)
		}
		held = append(held, l)
		chosen[s] = l.Addr().(*net.TCPAddr).Port
	}
	return chosen, writeJSON(path, chosen, 0o644)
}
