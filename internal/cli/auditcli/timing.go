package auditcli

import (
	"context"
	"crypto"
	"errors"
	"fmt"
	"os"
	"time"

	"github.com/remote-issuance/remote-issuance/internal/approval"
	"github.com/remote-issuance/remote-issuance/internal/audit"
	"github.com/remote-issuance/remote-issuance/internal/cli/operator"
	"github.com/remote-issuance/remote-issuance/internal/clock"
	"github.com/remote-issuance/remote-issuance/internal/postgres"
)

// timing is what tells when an approval was made.
type timing struct {
	// entry records the approval; its sequence is 0 when there is none.
	entry audit.Entry
	// proof is nil while no checkpoint covers the entry.
	proof *audit.Proof
	// order is the number of the one whose approval it is; zero when a
	// confirmation was named.
	order int64
	// wrong says why the instant is not the approval's.
	wrong error
	// note says what is not known, though nothing speaks against the instant.
	note string
}

var (
	errNoProof = errors.New("the file does not carry the audit entry of the approval")
	errNoKeys  = errors.New("nothing tells when it was made: give the audit log's public key with --checkpoint-key")
	errNoEntry = errors.New("the audit log has no entry of the approval, or several")
	errEntry   = errors.New("the content of the audit entry does not give its hash")
)

// timeOfFile finds the instant of an exported approval: it counts only under
// the verifier's own key of the log.
func timeOfFile(b approval.Bundle, keys audit.Keys, within time.Duration) timing {
	switch {
	case b.Audit == nil || len(b.Audit.Entries) == 0:
		return timing{wrong: errNoProof}
	case len(keys) == 0:
		return timing{wrong: errNoKeys}
	}
	entry, err := b.Audit.Verify(keys, within)
	if err == nil {
		err = b.RecordedBy(entry)
	}
	return timing{entry: entry, proof: b.Audit, wrong: err}
}

// timeInDatabase finds the instant of a stored approval: that of its entry.
func timeInDatabase(ctx context.Context, log *postgres.Audit, b approval.Bundle, keys audit.Keys, within time.Duration) (timing, error) {
	entries, err := log.OrderEntries(ctx, b.ConfirmationID)
	if err != nil {
		return timing{}, err
	}
	var t timing
	found := 0
	for _, e := range entries {
		if e.Action == audit.ActionListSigned {
			t.entry, found = e, found+1
		}
	}
	switch {
	case found != 1:
		return timing{wrong: errNoEntry}, nil
	case !t.entry.Intact():
		t.wrong = fmt.Errorf("entry %d: %w", t.entry.Sequence, errEntry)
		return t, nil
	}
	if t.wrong = b.RecordedBy(t.entry); t.wrong != nil {
		return t, nil
	}
	proof, sealed, err := log.Proof(ctx, t.entry.Sequence, keys)
	switch {
	case errors.Is(err, audit.ErrProof):
		t.wrong = err
	case err != nil:
		return timing{}, err
	case sealed:
		t.proof = &proof
		_, t.wrong = proof.Verify(keys, within)
	case len(keys) == 0:
		t.note = "not sealed as far as known: no public key of the audit log is configured"
	case clock.Since(t.entry.At) > within:
		t.wrong = fmt.Errorf("entry %d bears the date %s and is not sealed yet", t.entry.Sequence, operator.Stamp(t.entry.At))
	default:
		t.note = "not sealed yet"
	}
	return t, nil
}

// readKeys reads public keys of checkpoints from files.
func readKeys(paths []string) (audit.Keys, error) {
	all := make([]crypto.PublicKey, 0, len(paths))
	for _, path := range paths {
		data, err := os.ReadFile(path)
		if err != nil {
			return nil, err
		}
		key, err := audit.ParsePublicKey(data)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", path, err)
		}
		all = append(all, key)
	}
	return audit.NewKeys(all...)
}
