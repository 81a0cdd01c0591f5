package pgtest

import (
	"context"
	"crypto/rand"
	"fmt"
	"io"
	"net/url"
	"os"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/remote-issuance/remote-issuance/internal/postgres"
)

// Variable names the environment variable with the URL of an outside server.
const Variable = "TEST_DATABASE_URL"

// poolSize lets tests do things at once without using up the server.
const poolSize = 12

// setUp bounds everything that happens before a test has its database.
const setUp = 2 * time.Minute

// New gives a pool on a database of the test's own, migrated and empty. Pool
// and database are gone after the test.
func New(t testing.TB) *pgxpool.Pool {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), setUp)
	defer cancel()
	address, err := url.Parse(URL(t))
	if err != nil {
		t.Fatalf("test database: %v", err)
	}
	query := address.Query()
	query.Set("pool_max_conns", strconv.Itoa(poolSize))
	address.RawQuery = query.Encode()
	pool, err := postgres.Connect(ctx, address.String())
	if err != nil {
		t.Fatalf("test database: %v", err)
	}
	t.Cleanup(pool.Close)
	return pool
}

// URL makes a database like New and gives its connection string.
func URL(t testing.TB) string {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), setUp)
	defer cancel()
	server, err := theServer()
	if err != nil {
		t.Fatalf("test database: %v", err)
	}
	name := "test_" + strings.ToLower(rand.Text())
	if err := server.exec(ctx, fmt.Sprintf("CREATE DATABASE %s TEMPLATE %s", name, server.template)); err != nil {
		t.Fatalf("test database: %v", err)
	}
	t.Cleanup(func() {
		ctx, cancel := context.WithTimeout(context.Background(), setUp)
		defer cancel()
		if err := server.exec(ctx, fmt.Sprintf("DROP DATABASE %s WITH (FORCE)", name)); err != nil {
			t.Logf("test database: %v", err)
		}
	})
	return server.database(name)
}

// Empty makes a database without any schema and gives its connection string,
// for tests of the migrations themselves.
func Empty(t testing.TB) string {
	t.Helper()
	address := URL(t)
	ctx, cancel := context.WithTimeout(context.Background(), setUp)
	defer cancel()
	conn, err := pgx.Connect(ctx, address)
	if err != nil {
		t.Fatalf("test database: %v", err)
	}
	defer func() { _ = conn.Close(ctx) }()
	if _, err := conn.Exec(ctx, "DROP SCHEMA public CASCADE; CREATE SCHEMA public"); err != nil {
		t.Fatalf("test database: %v", err)
	}
	return address
}

// theServer is the process's one server; starting it twice would cost seconds.
var theServer = sync.OnceValues(func() (*server, error) {
	if address := os.Getenv(Variable); address != "" {
		return prepare(address)
	}
	address, alive, err := startCluster()
	if err != nil {
		return nil, err
	}
	s, err := prepare(address)
	if err != nil {
		return nil, err
	}
	s.alive = alive
	return s, nil
})

// server is where test databases are made.
type server struct {
	address  *url.URL
	template string
	// alive keeps the private cluster running.
	alive io.Closer
}

// templateLock keeps two test processes from making the template at once.
const templateLock = 0x706774657374

// prepare makes the template database, unless another process has made it.
func prepare(address string) (*server, error) {
	parsed, err := url.Parse(address)
	if err != nil {
		return nil, fmt.Errorf("%s is not a URL", Variable)
	}
	ctx, cancel := context.WithTimeout(context.Background(), setUp)
	defer cancel()
	s := &server{address: parsed, template: "issuance_template_" + postgres.SchemaVersion()}
	conn, err := pgx.Connect(ctx, address)
	if err != nil {
		return nil, err
	}
	defer func() { _ = conn.Close(context.WithoutCancel(ctx)) }()
	if _, err := conn.Exec(ctx, "SELECT pg_advisory_lock($1)", templateLock); err != nil {
		return nil, err
	}
	var known bool
	if err := conn.QueryRow(ctx, "SELECT EXISTS (SELECT FROM pg_database WHERE datname = $1)", s.template).Scan(&known); err != nil {
		return nil, err
	}
	if known {
		return s, nil
	}
	// It gets its name when it is complete: a template half made is never used.
	half := s.template + "_new"
	for _, sql := range []string{"DROP DATABASE IF EXISTS " + half + " WITH (FORCE)", "CREATE DATABASE " + half} {
		if _, err := conn.Exec(ctx, sql); err != nil {
			return nil, err
		}
	}
	if err := postgres.Migrate(ctx, s.database(half)); err != nil {
		return nil, err
	}
	_, err = conn.Exec(ctx, "ALTER DATABASE "+half+" RENAME TO "+s.template)
	return s, err
}

// database is the connection string of a database on the server.
func (s *server) database(name string) string {
	u := *s.address
	u.Path = "/" + name
	return u.String()
}

func (s *server) exec(ctx context.Context, sql string) error {
	conn, err := pgx.Connect(ctx, s.address.String())
	if err != nil {
		return err
	}
	defer func() { _ = conn.Close(context.WithoutCancel(ctx)) }()
	_, err = conn.Exec(ctx, sql)
	return err
}
