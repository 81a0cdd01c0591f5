package worker

import (
	"bytes"
	"context"
	"errors"
	"log/slog"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/remote-issuance/remote-issuance/internal/ca"
	"github.com/remote-issuance/remote-issuance/internal/restore"
)

var errNoDatabase = errors.New("the database is gone")

// keeper is a store that looks into the log at the moment of storing.
type keeper struct {
	ca.Store
	log  *bytes.Buffer
	seen []restore.Signed
	fail error
}

func (k *keeper) Complete(_ context.Context, _ ca.Stored, der []byte) ([]byte, error) {
	found, err := restore.ReadJournal(bytes.NewReader(k.log.Bytes()))
	k.seen = found
	return der, errors.Join(err, k.fail)
}

func TestI1_TheLogKnowsACertificateBeforeItIsStored(t *testing.T) {
	b := newBench(t)
	id, certificate := b.issued("applicant")
	stored, der, err := b.Certificates.Find(t.Context(), id.String())
	require.NoError(t, err)
	log := &bytes.Buffer{}
	k := &keeper{log: log, fail: errNoDatabase}
	_, err = signedLog{Store: k, log: slog.New(slog.NewJSONHandler(log, nil))}.Complete(t.Context(), stored, der)
	require.ErrorIs(t, err, errNoDatabase)
	p := stored.Prepared()
	require.Equal(t, []restore.Signed{{Issuer: p.Issuer, Serial: string(p.Serial), Order: id.String()}}, k.seen)
	require.NotContains(t, log.String(), certificate.Subject().PersonalNumber, "a log names no person")
	require.NotContains(t, log.String(), certificate.Subject().Surname)
}
