package postgres

import "context"

// MigrateTo brings a schema to a version, forth or back.
func MigrateTo(ctx context.Context, databaseURL string, version int64) error {
	config, err := singleConn(databaseURL)
	if err != nil {
		return err
	}
	provider, err := newMigrations(config)
	if err != nil {
		return err
	}
	defer func() { _ = provider.Close() }()
	now, err := provider.GetDBVersion(ctx)
	if err != nil {
		return err
	}
	if now > version {
		_, err = provider.DownTo(ctx, version)
	} else {
		_, err = provider.UpTo(ctx, version)
	}
	return err
}

// Pipelined is pipelined, for tests over pgtest, which imports this package.
var Pipelined = pipelined

// ErrOutOfOrder and ErrEnded are errors of a transaction that asks amiss.
var (
	ErrOutOfOrder = errOutOfOrder
	ErrEnded      = errEnded
)
