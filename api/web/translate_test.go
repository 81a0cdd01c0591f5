package web_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"testing"

	"github.com/jackc/pgx/v5/pgconn"
	"github.com/stretchr/testify/require"
	"go.temporal.io/api/serviceerror"

	"github.com/remote-issuance/remote-issuance/api/web"
)

// A database that goes away while it is asked is no mistake of ours: programs are told to come again.
func TestP6_ALostDatabaseIsUnavailable(t *testing.T) {
	hangsUp, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	defer func() { _ = hangsUp.Close() }()
	go func() {
		for {
			c, err := hangsUp.Accept()
			if err != nil {
				return
			}
			_ = c.Close()
		}
	}()
	_, refused := pgconn.Connect(t.Context(), "postgres://u:p@"+hangsUp.Addr().String()+"/d?sslmode=disable")
	require.Error(t, refused)
	for name, tc := range map[string]struct {
		err  error
		want int
	}{
		"hangs up on a connection":   {refused, http.StatusServiceUnavailable},
		"lost in an answer":          {io.ErrUnexpectedEOF, http.StatusServiceUnavailable},
		"used after it was lost":     {pgconn.ErrConnClosed, http.StatusServiceUnavailable},
		"stops":                      {&pgconn.PgError{Code: "57P01"}, http.StatusServiceUnavailable},
		"full":                       {&pgconn.PgError{Code: "53100"}, http.StatusServiceUnavailable},
		"gives a statement up":       {&pgconn.PgError{Code: "57014"}, http.StatusServiceUnavailable},
		"the caller hangs up":        {context.Canceled, http.StatusServiceUnavailable},
		"… while Temporal is asked":  {serviceerror.NewCanceled("?"), http.StatusServiceUnavailable},
		"a mistake in a statement":   {&pgconn.PgError{Code: "42601"}, http.StatusInternalServerError},
		"something that nobody knew": {errors.New("?"), http.StatusInternalServerError},
	} {
		require.Equal(t, tc.want, web.Translate(fmt.Errorf("order: %w", tc.err)).Slug.Status(), name)
	}
}
