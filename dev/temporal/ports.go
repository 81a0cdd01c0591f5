package temporal

import (
	"errors"
	"fmt"
	"net"
	"strconv"
)

// endpoints are the addresses of the services; internal is the frontend of the server's own workers, where others need a token.
type endpoints struct {
	host                                          string
	frontend, history, matching, worker, internal int
}

func (e endpoints) addr(port int) string { return net.JoinHostPort(e.host, strconv.Itoa(port)) }

// chooseEndpoints reserves a free port for each service. The server wants numbers and not listeners, so that another program could
// take a port in between; then Start fails and can be repeated.
func chooseEndpoints(listen string) (endpoints, error) {
	host, _, err := net.SplitHostPort(listen)
	if err != nil {
		return endpoints{}, err
	}
	any := net.JoinHostPort(host, "0")
	ports, err := freePorts(listen, any, any, any, any)
	if err != nil {
		return endpoints{}, err
	}
	return endpoints{host: host, frontend: ports[0], history: ports[1], matching: ports[2], worker: ports[3], internal: ports[4]}, nil
}

// freePorts resolves the addresses to ports that are free, holding all of them at once so that none is given twice.
func freePorts(addrs ...string) (ports []int, err error) {
	for _, addr := range addrs {
		l, listenErr := net.Listen("tcp", addr)
		if listenErr != nil {
			return nil, fmt.Errorf("address %s: %w", addr, listenErr)
		}
		defer func() { err = errors.Join(err, l.Close()) }()
		ports = append(ports, l.Addr().(*net.TCPAddr).Port)
	}
	return ports, nil
}
