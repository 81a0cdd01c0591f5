package temporal

import (
	"fmt"
	"net"
	"strconv"

	"github.com/remote-issuance/remote-issuance/dev/ports"
)

// endpoints are the addresses of the services; internal is the frontend of the server's own workers, where others need a token.
type endpoints struct {
	host                                          string
	frontend, history, matching, worker, internal int
}

func (e endpoints) addr(port int) string { return net.JoinHostPort(e.host, strconv.Itoa(port)) }

// chooseEndpoints takes the given address for the frontend and a free port for each other service.
func chooseEndpoints(listen string) (endpoints, error) {
	host, _, err := net.SplitHostPort(listen)
	if err != nil {
		return endpoints{}, err
	}
	e := endpoints{host: host}
	if e.frontend, err = choosePort(listen); err != nil {
		return endpoints{}, err
	}
	for _, port := range []*int{&e.history, &e.matching, &e.worker, &e.internal} {
		if *port, err = ports.Free(host); err != nil {
			return endpoints{}, err
		}
	}
	return e, nil
}

// choosePort returns the address's port, which must be free; 0 stands for any.
func choosePort(addr string) (int, error) {
	host, text, err := net.SplitHostPort(addr)
	if err != nil {
		return 0, err
	}
	port, err := strconv.Atoi(text)
	if err != nil {
		return 0, fmt.Errorf("address %s: %w", addr, err)
	}
	if port == 0 {
		return ports.Free(host)
	}
	l, err := net.Listen("tcp", addr)
	if err != nil {
		return 0, fmt.Errorf("address %s: %w", addr, err)
	}
	return port, l.Close()
}
