package main

import (
	"errors"
	"io"
	"net"
	"sync"
	"time"
)

// proxy is a network between a process and a server, which can be cut and can stall. It is safe for use from several goroutines.
type proxy struct {
	to       string
	listener net.Listener

	mu sync.Mutex
	// open are the connections of both sides.
	open map[net.Conn]bool
	// refusing closes new connections at once.
	refusing bool
	// stalled is closed when octets flow again; nil while they do.
	stalled chan struct{}
}

func startProxy(to string) (*proxy, error) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, err
	}
	p := &proxy{to: to, listener: l, open: map[net.Conn]bool{}}
	go p.serve()
	return p, nil
}

// address is where the process connects to.
func (p *proxy) address() string { return p.listener.Addr().String() }

func (p *proxy) close() error {
	err := p.listener.Close()
	p.cut()
	return err
}

func (p *proxy) serve() {
	for {
		c, err := p.listener.Accept()
		if errors.Is(err, net.ErrClosed) {
			return
		}
		if err == nil {
			go p.join(c)
		}
	}
}

func (p *proxy) join(client net.Conn) {
	defer func() { _ = client.Close() }()
	if !p.enter(client) {
		return
	}
	defer p.leave(client)
	server, err := net.DialTimeout("tcp", p.to, 5*time.Second)
	if err != nil {
		return
	}
	defer func() { _ = server.Close() }()
	if !p.enter(server) {
		return
	}
	defer p.leave(server)
	ended := make(chan struct{}, 2)
	for _, way := range [][2]net.Conn{{client, server}, {server, client}} {
		go func() {
			_, _ = io.Copy(way[1], throttled{way[0], p})
			ended <- struct{}{}
		}()
	}
	// Half a connection is none: the other direction ends with it.
	<-ended
}

func (p *proxy) enter(c net.Conn) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	if !p.refusing {
		p.open[c] = true
	}
	return !p.refusing
}

func (p *proxy) leave(c net.Conn) {
	p.mu.Lock()
	defer p.mu.Unlock()
	delete(p.open, c)
}

// cut breaks every connection, in the middle of whatever they carry.
func (p *proxy) cut() {
	p.mu.Lock()
	defer p.mu.Unlock()
	for c := range p.open {
		if tcp, ok := c.(*net.TCPConn); ok {
			_ = tcp.SetLinger(0)
		}
		_ = c.Close()
	}
}

// refuse lets no connection in until it is told otherwise.
func (p *proxy) refuse(refusing bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.refusing = refusing
}

// stall keeps octets back, in both directions, until the function is called.
func (p *proxy) stall() (flow func()) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.stalled != nil {
		return func() {}
	}
	stalled := make(chan struct{})
	p.stalled = stalled
	return func() {
		p.mu.Lock()
		defer p.mu.Unlock()
		p.stalled = nil
		close(stalled)
	}
}

// throttled reads from one side while the proxy does not stall.
type throttled struct {
	net.Conn
	proxy *proxy
}

// Read hands octets over once they may flow.
func (t throttled) Read(b []byte) (int, error) {
	n, err := t.Conn.Read(b)
	t.proxy.mu.Lock()
	stalled := t.proxy.stalled
	t.proxy.mu.Unlock()
	if stalled != nil {
		<-stalled
	}
	return n, err
}
