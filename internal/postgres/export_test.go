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

// Begin is begin, for tests over pgtest, which imports this package.
var Begin = begin
