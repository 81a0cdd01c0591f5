package activities_test

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"go.temporal.io/sdk/temporal"

	"github.com/remote-issuance/remote-issuance/activities"
	"github.com/remote-issuance/remote-issuance/internal/pki"
	"github.com/remote-issuance/remote-issuance/internal/pki/path"
)

// reference is the clock of the samples.
var reference = time.Date(2026, 11, 23, 9, 0, 0, 0, time.UTC)

// errDown is a neighbour that does not answer at the moment.
var errDown = errors.New("down")

// sample reads a document that independent tools have made.
func sample(t testing.TB, name string) []byte {
	t.Helper()
	content, err := os.ReadFile(filepath.Join("..", "internal", "pki", "testdata", "samples", filepath.FromSlash(name)))
	require.NoError(t, err)
	return content
}

// trust validates against the samples' authorities and revocation list.
func trust(t testing.TB) *path.Validator {
	t.Helper()
	root, err := pki.ParseCertificate(sample(t, "ca/root.cer"))
	require.NoError(t, err)
	issuing, err := pki.ParseCertificate(sample(t, "ca/issuing.cer"))
	require.NoError(t, err)
	var lists []*pki.CRL
	for _, name := range []string{"crl/issuing.crl", "crl/root.crl"} {
		crl, err := pki.ParseCRL(sample(t, name))
		require.NoError(t, err)
		lists = append(lists, crl)
	}
	return path.NewValidator(path.Trust{
		Roots: []*pki.Certificate{root}, Intermediates: []*pki.Certificate{issuing}, CRLs: lists,
	}, path.Options{})
}

// documents keeps documents in memory.
type documents map[string]activities.Document

func (d documents) Put(_ context.Context, doc activities.Document) error {
	if _, ok := d[doc.ID]; !ok {
		d[doc.ID] = doc
	}
	return nil
}

func (d documents) Get(_ context.Context, id string) (activities.Document, error) {
	doc, ok := d[id]
	if !ok {
		return activities.Document{}, activities.ErrNotFound
	}
	return doc, nil
}

// holding keeps samples under the ids given.
func holding(t testing.TB, names map[string]string) documents {
	t.Helper()
	d := documents{}
	for id, name := range names {
		d[id] = activities.Document{ID: id, Content: sample(t, name)}
	}
	return d
}

// requestStore keeps checked requests in memory.
type requestStore struct {
	inUse   bool
	err     error
	checked map[string]activities.CheckedRequest
	saved   []activities.RecordOrderInput
}

func (s *requestStore) KeyInUse(context.Context, string, string) (bool, error) { return s.inUse, s.err }

func (s *requestStore) SaveChecked(_ context.Context, r activities.CheckedRequest, t activities.RecordOrderInput) error {
	if s.checked == nil {
		s.checked = map[string]activities.CheckedRequest{}
	}
	s.checked[r.ID], s.saved = r, append(s.saved, t)
	return nil
}

func (s *requestStore) Checked(_ context.Context, id string) (activities.CheckedRequest, error) {
	r, ok := s.checked[id]
	if !ok {
		return r, activities.ErrNotFound
	}
	return r, nil
}

// requireFinal requires an error of the type that no retry changes.
func requireFinal(t *testing.T, err error, kind string) {
	t.Helper()
	var final *temporal.ApplicationError
	require.ErrorAs(t, err, &final)
	require.True(t, final.NonRetryable())
	require.Equal(t, kind, final.Type())
}

// requireRetried requires an error that the retry policy tries again.
func requireRetried(t *testing.T, err error) {
	t.Helper()
	require.Error(t, err)
	var final *temporal.ApplicationError
	require.False(t, errors.As(err, &final) && final.NonRetryable(), "%v", err)
}
