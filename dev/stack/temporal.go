package stack

import (
	"context"
	"errors"
	"net"
	"net/url"
	"path/filepath"

	enumspb "go.temporal.io/api/enums/v1"

	"github.com/remote-issuance/remote-issuance/dev/temporal"
	"github.com/remote-issuance/remote-issuance/workflows"
)

func (s *Stack) startTemporal(ctx context.Context) error {
	store, err := temporalStore(s.URLs.Database)
	if err != nil {
		return err
	}
	o := temporal.Options{
		Postgres: store, Listen: s.ports.listen(serviceTemporal), Namespace: Namespace, TimeSkipping: s.options.TimeSkipping,
		Codec:            temporal.Codec{Endpoint: s.ports.url(serviceCodec) + "/codec"},
		SearchAttributes: map[string]enumspb.IndexedValueType{}, LogFile: filepath.Join(s.dir, "logs", "temporal.log"),
		Dynamic: s.options.TemporalSettings,
	}
	for _, a := range workflows.SearchAttributes() {
		o.SearchAttributes[a.GetName()] = a.GetValueType()
	}
	if !s.options.WithoutUI {
		o.UIListen = s.ports.listen(serviceTemporalUI)
	}
	if o.Authorization, err = s.authorization(); err != nil {
		return err
	}
	if s.movable() {
		o.Ahead = s.clock.Ahead
	}
	if s.options.TemporalAlone {
		return s.startTemporalAlone(ctx, o)
	}
	if s.temporal, err = temporal.Start(ctx, o); err != nil {
		return err
	}
	s.onClose(s.temporal.Close)
	s.URLs.Temporal, s.URLs.TemporalUI = s.temporal.HostPort(), s.temporal.UIURL()
	return nil
}

// temporalConns bounds the connections to each of Temporal's databases: more bring one machine nothing, and each is a PostgreSQL
// process that keeps megabytes.
const temporalConns = 8

// temporalDatabase is where the Temporal server keeps workflows.
const temporalDatabase = "temporal"

// temporalStore puts Temporal's two databases beside the product's.
func temporalStore(databaseURL string) (*temporal.Postgres, error) {
	u, err := url.Parse(databaseURL)
	if err != nil || u.User == nil || u.Hostname() == "" {
		return nil, errors.New("DATABASE_URL: want postgres://user:password@host:port/name")
	}
	port := u.Port()
	if port == "" {
		port = "5432"
	}
	password, _ := u.User.Password()
	return &temporal.Postgres{Database: temporalDatabase, Addr: net.JoinHostPort(u.Hostname(), port), User: u.User.Username(), Password: password,
		MaxConns: temporalConns}, nil
}

// freeAddress is an address on this machine that nobody listens at.
func freeAddress() (string, error) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return "", err
	}
	return listener.Addr().String(), listener.Close()
}
