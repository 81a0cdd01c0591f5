package postgres

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/pgtype"
	"github.com/jackc/pgx/v5/pgxpool"
)

// connectTimeout bounds one attempt to reach the server.
const connectTimeout = 5 * time.Second

// Connect opens a pool and waits until the server has answered once. The URL
// is of the form postgres://user:password@host/database; pgx's parameters,
// such as pool_max_conns, are understood. Errors do not show the password.
func Connect(ctx context.Context, databaseURL string) (*pgxpool.Pool, error) {
	return connect(ctx, databaseURL, nil)
}

func connect(ctx context.Context, databaseURL string, tracer pgx.QueryTracer) (*pgxpool.Pool, error) {
	config, err := pgxpool.ParseConfig(databaseURL)
	if err != nil {
		return nil, fmt.Errorf("database URL: %w", err)
	}
	config.ConnConfig.ConnectTimeout = connectTimeout
	config.ConnConfig.Tracer = tracer
	config.ConnConfig.RuntimeParams["timezone"] = "UTC"
	if config.ConnConfig.RuntimeParams["application_name"] == "" {
		config.ConnConfig.RuntimeParams["application_name"] = "issuance"
	}
	// Instants are read back in UTC whatever the time zone of the machine.
	config.AfterConnect = func(_ context.Context, conn *pgx.Conn) error {
		conn.TypeMap().RegisterType(&pgtype.Type{
			Name: "timestamptz", OID: pgtype.TimestamptzOID, Codec: &pgtype.TimestamptzCodec{ScanLocation: time.UTC},
		})
		return nil
	}
	pool, err := pgxpool.NewWithConfig(ctx, config)
	if err != nil {
		return nil, fmt.Errorf("open database: %w", err)
	}
	if err := pool.Ping(ctx); err != nil {
		pool.Close()
		return nil, fmt.Errorf("reach database: %w", err)
	}
	return pool, nil
}

// Await connects as Connect does and tries again, with growing pauses, while the
// server cannot be reached or is starting. Each failure is told with the pause
// after it. What waiting does not mend (a malformed URL, a wrong password, no
// such database) is returned at once.
func Await(ctx context.Context, databaseURL string, tracer pgx.QueryTracer, tell func(err error, pause time.Duration)) (*pgxpool.Pool, error) {
	pause := firstPause
	for {
		pool, err := connect(ctx, databaseURL, tracer)
		if err == nil || ctx.Err() != nil || definite(err) {
			return pool, err
		}
		tell(err, pause)
		select {
		case <-ctx.Done():
			return nil, err
		case <-time.After(pause):
		}
		pause = min(2*pause, longPause)
	}
}

// definite tells whether a connection will fail tomorrow too: the URL is malformed, or the server knows neither
// the user (class 28) nor the database (class 3D).
func definite(err error) bool {
	var malformed *pgconn.ParseConfigError
	if errors.As(err, &malformed) {
		return true
	}
	var refused *pgconn.PgError
	return errors.As(err, &refused) && (strings.HasPrefix(refused.Code, "28") || strings.HasPrefix(refused.Code, "3D"))
}

// singleConn reads a URL for one connection; parameters of pools in it are left out.
func singleConn(databaseURL string) (*pgx.ConnConfig, error) {
	config, err := pgxpool.ParseConfig(databaseURL)
	if err != nil {
		return nil, fmt.Errorf("database URL: %w", err)
	}
	config.ConnConfig.ConnectTimeout = connectTimeout
	return config.ConnConfig, nil
}
