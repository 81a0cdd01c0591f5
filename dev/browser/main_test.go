package browser_test

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"sync"
	"sync/atomic"
	"testing"
	"time"
	_ "time/tzdata"

	"github.com/stretchr/testify/require"

	"github.com/remote-issuance/remote-issuance/dev/browser"
	"github.com/remote-issuance/remote-issuance/dev/stack"
	"github.com/remote-issuance/remote-issuance/internal/cli"
	"github.com/remote-issuance/remote-issuance/portal/portaltest"
)

// chromium is the browser of all tests; each opens devices of its own.
var chromium = sync.OnceValues(func() (*browser.Browser, error) { return browser.Start(context.Background()) })

// began says that a test wanted the real stack.
var began atomic.Bool

// real is the whole local stack.
var real = sync.OnceValues(func() (*stack.Stack, error) {
	dir, err := os.MkdirTemp("", "issuance-browser-")
	if err != nil {
		return nil, err
	}
	return stack.Start(context.Background(), stack.Options{DataDir: dir, WithoutUI: true})
})

func TestMain(m *testing.M) {
	if code, ok := stack.Child(os.Args, cli.Main); ok {
		os.Exit(code)
	}
	code := m.Run()
	if b, err := chromium(); err == nil {
		b.Close()
	}
	if began.Load() {
		if s, err := real(); err == nil {
			if err := s.Close(); err != nil {
				fmt.Println("closing the stack:", err)
				code = max(code, 1)
			}
			if code == 0 {
				_ = os.RemoveAll(s.Dir())
			} else {
				fmt.Println("logs are in", filepath.Join(s.Dir(), "logs"))
			}
		}
	}
	os.Exit(code)
}

// whole is the real stack, which the first test that wants it starts.
func whole(t *testing.T) *stack.Stack {
	t.Helper()
	began.Store(true)
	s, err := real()
	require.NoError(t, err)
	return s
}

// madeUp is the portal on orders that are made up.
func madeUp(t *testing.T) *portaltest.Stack {
	t.Helper()
	s, err := portaltest.Start(portaltest.Options{Settings: map[string]string{"PORTAL_SHOW_KEYS": "false", "PORTAL_KEYS_IN_PAGE": "true"}})
	require.NoError(t, err)
	t.Cleanup(s.Close)
	return s
}

// device is a tab on a device of its own.
func device(t *testing.T) *browser.Tab {
	t.Helper()
	b, err := chromium()
	require.NoError(t, err)
	d, end, err := b.Device()
	require.NoError(t, err)
	t.Cleanup(end)
	return d
}

// keep writes a picture of the page where SCREENSHOTS says.
func keep(t *testing.T, b *browser.Tab, name string) {
	t.Helper()
	dir := os.Getenv("SCREENSHOTS")
	if dir == "" {
		return
	}
	png, err := b.Picture()
	require.NoError(t, err)
	require.NoError(t, os.MkdirAll(dir, 0o755))
	require.NoError(t, os.WriteFile(filepath.Join(dir, name+".png"), png, 0o600))
}

// eventually is how long something may take that another process does.
const eventually = 2 * time.Minute
