package card_test

import (
	"bytes"
	"crypto/rand"
	"encoding/json"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/remote-issuance/remote-issuance/internal/audit"
	"github.com/remote-issuance/remote-issuance/internal/card"
	"github.com/remote-issuance/remote-issuance/internal/card/cardtest"
	"github.com/remote-issuance/remote-issuance/internal/order"
)

func TestEveryChangedOctetOfTheFileIsFound(t *testing.T) {
	w := world(t)
	pdf, err := card.PDF(issued(t, w, order.ServiceEmployee, cardtest.Changes{}))
	require.NoError(t, err)
	v := verifier(t, w)
	rapid.Check(t, func(r *rapid.T) {
		changed := bytes.Clone(pdf)
		at := rapid.IntRange(0, len(pdf)-1).Draw(r, "at")
		changed[at] ^= byte(rapid.IntRange(1, 255).Draw(r, "bits"))
		file, err := card.Read(changed)
		if err != nil || file.PagesDiffer {
			return
		}
		if found, err := v.Verify(file.Card); err == nil && found.Good {
			r.Fatalf("octet %d: good", at)
		}
	})
}

func TestRubbishIsRefused(t *testing.T) {
	w := world(t)
	pdf, err := card.PDF(issued(t, w, order.ServiceIndividual, cardtest.Changes{}))
	require.NoError(t, err)
	noise := func(n int) []byte {
		b := make([]byte, n)
		_, err := rand.Read(b)
		require.NoError(t, err)
		return b
	}
	for name, data := range map[string][]byte{
		"nothing": {}, "64 KiB": noise(64 << 10), "5 MB": noise(5_000_000), "zeros": make([]byte, 5_000_000), "too large": make([]byte, card.MaxFile+1),
		"nested": bytes.Repeat([]byte("["), 5_000_000), "nested objects": bytes.Repeat([]byte(`{"a":`), 1_000_000), "null": []byte("null\n"),
		"an object": []byte("{}\n"), "a PDF of noise": append([]byte("%PDF-1.7\n"), noise(5_000_000)...), "half of a card": pdf[:len(pdf)/2],
		"a card without its end": pdf[:len(pdf)-1], "a card with more": append(bytes.Clone(pdf), '\n'), "two cards": append(bytes.Clone(pdf), pdf...),
		"far away": []byte("%PDF-1.7\nstartxref\n9999999999\n%%EOF\n"), "itself": []byte("%PDF-1.7\nxref\n1 1\nstartxref\n9\n%%EOF\n"),
	} {
		t.Run(name, func(t *testing.T) {
			_, err := card.Read(data)
			require.ErrorIs(t, err, card.ErrCard)
			require.Less(t, len(err.Error()), 500)
		})
	}
}

// The same said in another way is another file.
func TestOnlyCanonicalOctetsAreACard(t *testing.T) {
	made := issued(t, world(t), order.ServiceIndividual, cardtest.Changes{})
	good, err := made.Canonical()
	require.NoError(t, err)
	var indented bytes.Buffer
	require.NoError(t, json.Indent(&indented, good, "", " "))
	for name, data := range map[string][]byte{
		"indented": indented.Bytes(), "no line feed": good[:len(good)-1], "a blank more": append(bytes.Clone(good), ' '),
		"a field twice": bytes.Replace(good, []byte(`"number":17`), []byte(`"number":18,"number":17`), 1),
		"a field more":  bytes.Replace(good, []byte(`"number":17`), []byte(`"number":17,"x":1`), 1),
		"another case":  bytes.Replace(good, []byte(`"number"`), []byte(`"Number"`), 1),
		"a time zone":   bytes.Replace(good, []byte(`"at":"2026-03-02T09:01:00Z"`), []byte(`"at":"2026-03-02T12:01:00+03:00"`), 1),
	} {
		t.Run(name, func(t *testing.T) {
			require.NotEqual(t, good, data)
			_, err := card.Parse(data)
			require.ErrorIs(t, err, card.ErrCard)
		})
	}
}

// FuzzRead: whatever is sent, reading and verifying end without a panic.
func FuzzRead(f *testing.F) {
	w, err := cardtest.New()
	require.NoError(f, err)
	source, err := w.Source()
	require.NoError(f, err)
	for _, service := range services {
		id, err := w.Issue(service, 17, cardtest.Changes{})
		require.NoError(f, err)
		made, err := source.Collect(f.Context(), id)
		require.NoError(f, err)
		pdf, err := card.PDF(made)
		require.NoError(f, err)
		f.Add(pdf)
		alone, err := made.Canonical()
		require.NoError(f, err)
		f.Add(alone)
	}
	f.Add([]byte("%PDF-1.7\nstartxref\n9\n%%EOF\n"))
	v := card.Verifier{Roots: w.Roots(), Keys: source.Keys, Within: audit.SealedWithin}
	f.Fuzz(func(t *testing.T, data []byte) {
		found, err := v.Examine(data, "", false)
		if err != nil {
			require.ErrorIs(t, err, card.ErrCard)
			return
		}
		require.Equal(t, len(found.Failed) == 0, found.Good)
	})
}
