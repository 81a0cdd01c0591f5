package stack_test

import (
	"context"
	"net/http"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/remote-issuance/remote-issuance/dev/persons"
	"github.com/remote-issuance/remote-issuance/dev/registers"
	"github.com/remote-issuance/remote-issuance/dev/stack"
	"github.com/remote-issuance/remote-issuance/internal/config"
)

// nothing stands in for the product where the servers around it are tested.
type nothing struct {
	environment stack.Environment
	started     bool
}

func (n *nothing) Migrate(context.Context) error          { return nil }
func (n *nothing) Start(context.Context) error            { n.started = true; return nil }
func (n *nothing) Stop() error                            { n.started = false; return nil }
func (n *nothing) Unexpected(ctx context.Context) error   { <-ctx.Done(); return nil }
func (n *nothing) with(e stack.Environment) stack.Product { n.environment = e; return n }

func start(t *testing.T, dir string, n *nothing) *stack.Stack {
	t.Helper()
	s, err := stack.Start(t.Context(), stack.Options{DataDir: dir, WithoutUI: true, Product: n.with})
	require.NoError(t, err)
	return s
}

func TestStateSurvivesARestart(t *testing.T) {
	dir := t.TempDir()
	product := &nothing{}
	first := start(t, dir, product)
	require.True(t, product.started)

	_, err := config.LoadAPI(product.environment)
	require.NoError(t, err)
	_, err = config.LoadWorker(product.environment)
	require.NoError(t, err)
	site, err := config.LoadSite(product.environment)
	require.NoError(t, err)
	require.Equal(t, first.URLs.Portal, site.Portal.URL.String())
	require.NotEqual(t, first.URLs.API, first.URLs.Portal)

	_, err = stack.Start(t.Context(), stack.Options{DataDir: dir, Product: product.with})
	require.ErrorIs(t, err, stack.ErrLocked)
	require.ErrorContains(t, err, "--data")

	for _, h := range first.Holders {
		token, err := first.Issuer().Token(h.ID)
		require.NoError(t, err)
		require.NotEmpty(t, token)
	}
	response, err := http.Get(first.URLs.Registers + "/heads/v1/organisations/" + persons.OrganisationUNP)
	require.NoError(t, err)
	require.NoError(t, response.Body.Close())
	require.Equal(t, http.StatusOK, response.StatusCode)
	require.Equal(t, 1, first.Registers().Calls(registers.Heads))
	require.NoError(t, first.Close())
	require.False(t, product.started)
	environment := product.environment

	again := start(t, dir, product)
	require.Equal(t, first.URLs, again.URLs)
	require.Equal(t, environment, product.environment)
	require.Equal(t, first.Holder(persons.Vera).Certificate.Raw, again.Holder(persons.Vera).Certificate.Raw)
	require.NoError(t, again.Close())
	require.NoError(t, stack.Forget(dir))
	require.NoDirExists(t, dir)
}
