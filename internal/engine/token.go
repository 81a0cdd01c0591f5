package engine

import (
	"context"
	"errors"
	"fmt"
	"os"
	"strings"
	"sync"
	"time"

	"go.temporal.io/sdk/client"

	"github.com/remote-issuance/remote-issuance/internal/config"
)

// tokenFor is how long a token is used before its file is looked at again:
// short beside the life of any token, long beside a call.
const tokenFor = 10 * time.Second

// credentials are the bearer token of every call; none without a token file.
func credentials(t config.Temporal) client.Credentials {
	if t.TokenFile == "" {
		return nil
	}
	return client.NewAPIKeyDynamicCredentials((&token{file: string(t.TokenFile), now: time.Now}).get)
}

// token is the content of a file that somebody else renews.
type token struct {
	file string
	now  func() time.Time

	mu    sync.Mutex
	value string
	until time.Time
}

// get gives the token. When the file cannot be read, as in the moment of its
// renewal, the last token serves on until the server refuses it.
func (t *token) get(context.Context) (string, error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.now().Before(t.until) {
		return t.value, nil
	}
	content, err := os.ReadFile(t.file)
	fresh := strings.TrimSpace(string(content))
	switch {
	case err == nil && fresh != "":
		t.value = fresh
	case t.value != "":
	case err != nil:
		return "", fmt.Errorf("token of the temporal client: %w", err)
	default:
		return "", errors.New("token of the temporal client: the file is empty")
	}
	t.until = t.now().Add(tokenFor)
	return t.value, nil
}
