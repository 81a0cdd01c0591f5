package authority

import (
	"crypto/rand"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"time"

	"github.com/remote-issuance/remote-issuance/internal/pki/alg"
	"github.com/remote-issuance/remote-issuance/internal/pki/bpki"
	"github.com/remote-issuance/remote-issuance/internal/stb/bign"
)

// agentYears is how long the agent's certificate lasts.
const agentYears = 5

// AgentCertificateFile is the certificate of the agent that speaks STB 34.101.78 for the CA of the family Bign, AgentKeyFile the
// container of its key.
func (a *Authorities) AgentCertificateFile() string {
	return filepath.Join(a.dir, "agent", "agent.cer")
}

// AgentKeyFile is the container of the agent's key, under the password of the CA's.
func (a *Authorities) AgentKeyFile() string { return filepath.Join(a.dir, "agent", "agent.key") }

// makeAgent makes key and certificate once per data directory; the certificate comes last.
func (a *Authorities) makeAgent(password string, now time.Time) error {
	if _, err := os.Stat(a.AgentCertificateFile()); !errors.Is(err, os.ErrNotExist) {
		return err
	}
	signer, err := alg.GenerateKey(alg.KeyBign256, rand.Reader)
	if err != nil {
		return err
	}
	key, ok := signer.(*bign.PrivateKey)
	if !ok {
		return fmt.Errorf("agent: a key of the kind %T", signer)
	}
	container, err := bpki.SealKey(key, []byte(password), bpki.Protection{})
	if err != nil {
		return err
	}
	certificate, err := a.cas[Bign].IssueAgent(key.Public(), now.Add(-time.Hour), now.AddDate(agentYears, 0, 0))
	if err != nil {
		return err
	}
	return errors.Join(write(a.AgentKeyFile(), container, 0o600), write(a.AgentCertificateFile(), certificate.Raw, 0o644))
}
