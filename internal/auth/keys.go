package auth

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"sync"
	"time"

	"github.com/coreos/go-oidc/v3/oidc"
	"github.com/go-jose/go-jose/v4"
	"golang.org/x/sync/singleflight"
)

const (
	// keysTTL is how long a key the issuer has withdrawn may go on being used.
	keysTTL = 10 * time.Minute
	// keysPause keeps tokens with invented key ids, and a dead issuer, from
	// causing a request each.
	keysPause = 5 * time.Second
	// issuerTimeout bounds discovery and key set together.
	issuerTimeout = 10 * time.Second
	maxKeySet     = 1 << 20
)

// issuerKeys are the issuer's public keys: found by discovery, kept, and
// fetched again when a token names a key that is not among them (OpenID
// Connect Core, 10.1.1). The library's own key set does not tell an issuer
// that is down from a bad signature, and asks it for every invented key id.
type issuerKeys struct {
	issuer string
	client *http.Client
	flight singleflight.Group

	mu      sync.Mutex
	jwksURL string
	set     jose.JSONWebKeySet
	fetched time.Time
	tried   time.Time
	failure error
}

func newIssuerKeys(issuer string, client *http.Client) *issuerKeys {
	return &issuerKeys{issuer: issuer, client: client}
}

// verify gives the token's content. Errors: ErrToken, ErrIssuerUnavailable.
func (k *issuerKeys) verify(ctx context.Context, jwt string) ([]byte, error) {
	allowed := make([]jose.SignatureAlgorithm, 0, len(algorithms()))
	for _, a := range algorithms() {
		allowed = append(allowed, jose.SignatureAlgorithm(a))
	}
	signed, err := jose.ParseSignedCompact(jwt, allowed)
	if err != nil || len(signed.Signatures) != 1 {
		return nil, refused(ReasonMalformed)
	}
	set, stale := k.known()
	content, ok := match(set, signed)
	if ok && !stale {
		return content, nil
	}
	set, err = k.refresh(ctx)
	if content, ok = match(set, signed); ok {
		return content, nil
	}
	if err != nil {
		return nil, err
	}
	return nil, refused(ReasonSignature)
}

func match(set jose.JSONWebKeySet, signed *jose.JSONWebSignature) ([]byte, bool) {
	header := signed.Signatures[0].Header
	for _, key := range set.Keys {
		if header.KeyID != "" && key.KeyID != header.KeyID || key.Use == "enc" ||
			key.Algorithm != "" && key.Algorithm != header.Algorithm {
			continue
		}
		if content, err := signed.Verify(&key); err == nil {
			return content, true
		}
	}
	return nil, false
}

func (k *issuerKeys) known() (set jose.JSONWebKeySet, stale bool) {
	k.mu.Lock()
	defer k.mu.Unlock()
	return k.set, time.Since(k.fetched) > keysTTL
}

func (k *issuerKeys) answered() bool {
	k.mu.Lock()
	defer k.mu.Unlock()
	return !k.fetched.IsZero()
}

// refresh fetches the keys, unless that was tried a moment ago. Beside the
// error of an issuer that is down stand the keys known, which go on being used.
func (k *issuerKeys) refresh(ctx context.Context) (jose.JSONWebKeySet, error) {
	done := k.flight.DoChan("", func() (any, error) {
		k.mu.Lock()
		if !k.tried.IsZero() && time.Since(k.tried) < keysPause {
			defer k.mu.Unlock()
			return k.answer()
		}
		k.mu.Unlock()
		// Others wait for the same answer: the first caller's end is not theirs.
		ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), issuerTimeout)
		defer cancel()
		url, set, err := k.fetch(ctx)
		k.mu.Lock()
		defer k.mu.Unlock()
		k.tried, k.failure = time.Now(), err
		// After a failure the address is looked up again: it may have moved.
		k.jwksURL = ""
		if err == nil {
			k.jwksURL, k.set, k.fetched = url, set, k.tried
		}
		return k.answer()
	})
	select {
	case <-ctx.Done():
		return jose.JSONWebKeySet{}, fmt.Errorf("%w: %w", ErrIssuerUnavailable, ctx.Err())
	case r := <-done:
		set, _ := r.Val.(jose.JSONWebKeySet)
		return set, r.Err
	}
}

func (k *issuerKeys) answer() (jose.JSONWebKeySet, error) {
	if k.failure != nil {
		return k.set, fmt.Errorf("%w: %w", ErrIssuerUnavailable, k.failure)
	}
	return k.set, nil
}

func (k *issuerKeys) fetch(ctx context.Context) (string, jose.JSONWebKeySet, error) {
	k.mu.Lock()
	url := k.jwksURL
	k.mu.Unlock()
	if url == "" {
		var err error
		if url, err = k.discover(ctx); err != nil {
			return "", jose.JSONWebKeySet{}, err
		}
	}
	set, err := k.download(ctx, url)
	return url, set, err
}

func (k *issuerKeys) discover(ctx context.Context) (string, error) {
	provider, err := oidc.NewProvider(oidc.ClientContext(ctx, k.client), k.issuer)
	if err != nil {
		return "", fmt.Errorf("discovery: %w", err)
	}
	var metadata struct {
		JWKSURL string `json:"jwks_uri"`
	}
	if err := provider.Claims(&metadata); err != nil || metadata.JWKSURL == "" {
		return "", errors.New("discovery: the issuer names no key set")
	}
	return metadata.JWKSURL, nil
}

func (k *issuerKeys) download(ctx context.Context, url string) (jose.JSONWebKeySet, error) {
	var set jose.JSONWebKeySet
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, url, nil)
	if err != nil {
		return set, fmt.Errorf("key set: %w", err)
	}
	response, err := k.client.Do(request)
	if err != nil {
		return set, fmt.Errorf("key set: %w", err)
	}
	defer func() { _ = response.Body.Close() }()
	if response.StatusCode != http.StatusOK {
		return set, fmt.Errorf("key set: the issuer answers %d", response.StatusCode)
	}
	if err := json.NewDecoder(io.LimitReader(response.Body, maxKeySet)).Decode(&set); err != nil {
		return set, fmt.Errorf("key set: %w", err)
	}
	return set, nil
}
