package stack

import (
	"os"
	"path/filepath"
	"time"

	"go.temporal.io/sdk/client"

	"github.com/remote-issuance/remote-issuance/dev/oidc"
	"github.com/remote-issuance/remote-issuance/dev/temporal"
)

// TemporalRole is who somebody is to the Temporal server.
type TemporalRole string

// The roles; docs/security.md says what each may.
const (
	TemporalAPI      TemporalRole = "api"
	TemporalWorker   TemporalRole = "worker"
	TemporalMigrate  TemporalRole = "migrate"
	TemporalOperator TemporalRole = "operator"
)

// permissions are what the server's claim mapper reads, as deploy/temporal-tokens.sh writes them.
var permissions = map[TemporalRole][]string{
	TemporalAPI: {Namespace + ":write"}, TemporalWorker: {Namespace + ":worker", Namespace + ":write"},
	TemporalMigrate: {"temporal-system:admin"}, TemporalOperator: {"temporal-system:read"},
}

// temporalTokenFile is the variable by which a process is told its token.
const temporalTokenFile = "TEMPORAL_TOKEN_FILE"

// stackLives is longer than anybody lets a local stack run.
const stackLives = 365 * 24 * time.Hour

// TemporalToken makes a token for the stack's own Temporal server.
func (s *Stack) TemporalToken(role TemporalRole) (string, error) {
	// The server checks tokens by the machine's clock, whatever days were let pass.
	return s.issuer.Issue(oidc.Claims{Subject: "temporal-" + string(role), Permissions: permissions[role], At: time.Now(), Lifetime: stackLives})
}

// TemporalOptions are those of a client of the stack's Temporal server that has the role.
func (s *Stack) TemporalOptions(role TemporalRole) (client.Options, error) {
	o := client.Options{HostPort: s.URLs.Temporal, Namespace: Namespace}
	if s.options.TemporalAddress != "" {
		return o, nil
	}
	token, err := s.TemporalToken(role)
	o.Credentials, o.ConnectionOptions.TLSDisabled = client.NewAPIKeyStaticCredentials(token), true
	return o, err
}

// temporalToken is the file with the token of a role.
func (s *Stack) temporalToken(role TemporalRole) string {
	return tokenIn(filepath.Join(s.dir, "temporal"), role)
}

func tokenIn(dir string, role TemporalRole) string { return filepath.Join(dir, string(role)+".token") }

// asMigration is the environment of the migrations, whose token lies beside the others.
func asMigration(e Environment) Environment {
	if e[temporalTokenFile] == "" {
		return e
	}
	return e.With(Environment{temporalTokenFile: tokenIn(filepath.Dir(e[temporalTokenFile]), TemporalMigrate)})
}

// authorization writes the tokens of the product and makes the server ask for them.
func (s *Stack) authorization() (*temporal.Authorization, error) {
	if err := os.MkdirAll(filepath.Join(s.dir, "temporal"), 0o700); err != nil {
		return nil, err
	}
	made := map[TemporalRole]string{}
	for role := range permissions {
		token, err := s.TemporalToken(role)
		if err != nil {
			return nil, err
		}
		if err := os.WriteFile(s.temporalToken(role), []byte(token+"\n"), 0o600); err != nil {
			return nil, err
		}
		made[role] = token
	}
	return &temporal.Authorization{
		Keys: []string{s.issuer.URL() + "/jwks"}, AdminToken: made[TemporalMigrate], UIToken: made[TemporalOperator],
	}, nil
}
