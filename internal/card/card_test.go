package card_test

import (
	"bytes"
	"crypto/rand"
	"encoding/json"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/remote-issuance/remote-issuance/internal/audit"
	"github.com/remote-issuance/remote-issuance/internal/card"
	"github.com/remote-issuance/remote-issuance/internal/card/cardtest"
	"github.com/remote-issuance/remote-issuance/internal/order"
)

func world(t *testing.T) *cardtest.World {
	t.Helper()
	w, err := cardtest.New()
	require.NoError(t, err)
	return w
}

func issued(t *testing.T, w *cardtest.World, service order.Service, c cardtest.Changes) card.Card {
	t.Helper()
	id, err := w.Issue(service, 17, c)
	require.NoError(t, err)
	source, err := w.Source()
	require.NoError(t, err)
	made, err := source.Collect(t.Context(), id)
	require.NoError(t, err)
	return made
}

func verifier(t *testing.T, w *cardtest.World) card.Verifier {
	t.Helper()
	keys, err := audit.NewKeys(w.Public)
	require.NoError(t, err)
	return card.Verifier{Roots: w.Roots(), Keys: keys, Within: audit.SealedWithin}
}

// verify is what becomes of a file: good, or why not.
func verify(t *testing.T, v card.Verifier, c card.Card) card.Finding {
	t.Helper()
	found, err := v.Verify(c)
	if err != nil {
		require.ErrorIs(t, err, card.ErrCard)
		return card.Finding{Reasons: []string{err.Error()}}
	}
	require.Equal(t, len(found.Reasons) == 0, found.Good)
	return found
}

var services = []order.Service{order.ServiceEmployee, order.ServiceIndividual}

func TestM6_I1_AGoodCardIsVerifiedFromItsFileAlone(t *testing.T) {
	for _, service := range services {
		t.Run(string(service), func(t *testing.T) {
			w := world(t)
			made := issued(t, w, service, cardtest.Changes{})
			pdf, err := card.PDF(made)
			require.NoError(t, err)
			again, err := card.PDF(made)
			require.NoError(t, err)
			require.True(t, bytes.Equal(pdf, again))
			file, err := card.Read(pdf)
			require.NoError(t, err)
			require.True(t, file.HasPages)
			require.False(t, file.PagesDiffer)
			require.Equal(t, made, file.Card)
			found := verify(t, verifier(t, w), file.Card)
			require.True(t, found.Good, found.Reasons)
			require.Equal(t, service.NeedsApproval(), found.Facts.Approval != nil)
			require.EqualValues(t, 17, found.Facts.Number)
			require.Equal(t, cardtest.Price, found.Facts.Payment.Amount)
			require.True(t, file.Card.Matches(found.Facts.Code))
			require.False(t, file.Card.Matches(strings.Replace(found.Facts.Code, ":17:", ":18:", 1)))
			alone, err := made.Canonical()
			require.NoError(t, err)
			file, err = card.Read(alone)
			require.NoError(t, err)
			require.False(t, file.HasPages)
		})
	}
}

// Every octet of the evidence says something that something else proves.
func TestM6_I1_EveryChangedOctetIsFound(t *testing.T) {
	for _, service := range services {
		w := world(t)
		made := issued(t, w, service, cardtest.Changes{})
		good, err := made.Canonical()
		require.NoError(t, err)
		v := verifier(t, w)
		rapid.Check(t, func(r *rapid.T) {
			changed := bytes.Clone(good)
			at := rapid.IntRange(0, len(good)-1).Draw(r, "at")
			changed[at] ^= byte(rapid.IntRange(1, 255).Draw(r, "bits"))
			c, err := card.Parse(changed)
			if err == nil {
				var found card.Finding
				if found, err = v.Verify(c); err == nil && found.Good {
					r.Fatalf("octet %d: %q is good", at, changed[max(0, at-40):min(len(changed), at+40)])
				}
			}
		})
	}
}

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

func TestM6_P4_WhatDoesNotProveTheCertificateIsRefused(t *testing.T) {
	for name, c := range map[string]struct {
		changes cardtest.Changes
		want    string
	}{
		"a list that names another order":  {cardtest.Changes{Listed: 18}, "the list does not name order"},
		"a list of another file":           {cardtest.Changes{Request: strings.Repeat("0b", 32)}, "approves another request file"},
		"a list of other registers":        {cardtest.Changes{Registers: strings.Repeat("0b", 32)}, "other reports of the checks"},
		"a list that approves another key": {cardtest.Changes{Key: strings.Repeat("0a", 32)}, "approves another key"},
		"a payment that is too low":        {cardtest.Changes{Paid: cardtest.Price - 1}, "does not cover the price"},
		"a log that was sealed late":       {cardtest.Changes{Sealed: 25 * time.Hour}, "later only"},
		"a log that was sealed before":     {cardtest.Changes{Sealed: -time.Hour}, "later date than its checkpoint"},
	} {
		t.Run(name, func(t *testing.T) {
			w := world(t)
			found := verify(t, verifier(t, w), issued(t, w, order.ServiceEmployee, c.changes))
			require.False(t, found.Good)
			require.Contains(t, strings.Join(found.Reasons, "\n"), c.want)
		})
	}
}

func TestI1_NoCardIsMadeOfWhatIsNotPaidOrNotIssued(t *testing.T) {
	w := world(t)
	source, err := w.Source()
	require.NoError(t, err)
	id, err := w.Issue(order.ServiceIndividual, 1, cardtest.Changes{Unpaid: true})
	require.NoError(t, err)
	_, err = source.Collect(t.Context(), id)
	require.ErrorContains(t, err, "payment: the audit log does not tell of it")
	_, err = source.Collect(t.Context(), order.NewID())
	require.ErrorIs(t, err, card.ErrNotIssued)
}

// Parts of one card in another, and trust of somebody else.
func TestM6_ACardOfPartsOfOthersIsRefused(t *testing.T) {
	w, foreign := world(t), world(t)
	one := issued(t, w, order.ServiceEmployee, cardtest.Changes{})
	two := issued(t, w, order.ServiceEmployee, cardtest.Changes{})
	individual := issued(t, w, order.ServiceIndividual, cardtest.Changes{})
	other := issued(t, foreign, order.ServiceEmployee, cardtest.Changes{})
	good, strange := verifier(t, w), verifier(t, foreign)
	mixed := card.Verifier{Roots: good.Roots, Keys: strange.Keys, Within: good.Within}
	for name, c := range map[string]struct {
		verifier card.Verifier
		change   func(c *card.Card)
	}{
		"another order":                 {good, func(c *card.Card) { c.OrderID = two.OrderID }},
		"another number":                {good, func(c *card.Card) { c.Number = 18 }},
		"another certificate":           {good, func(c *card.Card) { c.Certificate = two.Certificate }},
		"another request":               {good, func(c *card.Card) { c.Request = two.Request }},
		"another approval":              {good, func(c *card.Card) { c.Approval = two.Approval }},
		"no approval":                   {good, func(c *card.Card) { c.Approval = nil }},
		"an approval for an individual": {good, func(c *card.Card) { *c = individual; c.Approval = one.Approval }},
		"another log":                   {good, func(c *card.Card) { c.Log = two.Log }},
		"more of the log":               {good, func(c *card.Card) { c.Log = append(c.Log, two.Log...) }},
		"a piece twice":                 {good, func(c *card.Card) { c.Log = append(c.Log[:1:1], c.Log...) }},
		"a piece less":                  {good, func(c *card.Card) { c.Log = c.Log[1:] }},
		"no log":                        {good, func(c *card.Card) { c.Log = nil }},
		"no chain":                      {good, func(c *card.Card) { c.Chain = nil }},
		"a longer chain":                {good, func(c *card.Card) { c.Chain = append(c.Chain, other.Chain...) }},
		"a chain of somebody":           {good, func(c *card.Card) { c.Chain = other.Chain }},
		"roots of somebody":             {card.Verifier{Roots: strange.Roots, Keys: good.Keys, Within: good.Within}, func(*card.Card) {}},
		"a log of somebody":             {mixed, func(*card.Card) {}},
		"no roots":                      {card.Verifier{Keys: good.Keys, Within: good.Within}, func(*card.Card) {}},
		"no key of the log":             {card.Verifier{Roots: good.Roots, Within: good.Within}, func(*card.Card) {}},
		"all of somebody else":          {good, func(c *card.Card) { *c = other }},
	} {
		t.Run(name, func(t *testing.T) {
			data, err := one.Canonical()
			require.NoError(t, err)
			changed, err := card.Parse(data)
			require.NoError(t, err)
			c.change(&changed)
			found := verify(t, c.verifier, changed)
			require.False(t, found.Good)
			require.NotEmpty(t, found.Reasons)
		})
	}
}

// Whoever can write to the database can backdate, but not sign for the log.
func TestM6_ABackdatedOrForgedCheckpointIsRefused(t *testing.T) {
	w := world(t)
	made := issued(t, w, order.ServiceEmployee, cardtest.Changes{})
	v := verifier(t, w)
	made.Log[1].Checkpoint.At = made.Log[1].Checkpoint.At.Add(-time.Minute)
	require.False(t, verify(t, v, made).Good)

	// The whole log is written anew and sealed with a key of the forger's own.
	forger := world(t)
	for i := range made.Log {
		entries := made.Log[i].Entries
		var err error
		made.Log[i].Checkpoint, err = audit.SignCheckpoint(forger.Signer, entries[len(entries)-1].Head(), cardtest.Day)
		require.NoError(t, err)
	}
	require.Contains(t, strings.Join(verify(t, v, made).Reasons, "\n"), "unknown key")
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

// The pages of a layout stay: verifiers write them anew and compare.
func TestThePagesSayWhatTheEvidenceSays(t *testing.T) {
	for _, service := range services {
		made := issued(t, world(t), service, cardtest.Changes{})
		card.Golden(t, "card-"+string(service)+".txt", card.Lines(t, made))
		pdf, err := card.PDF(made)
		require.NoError(t, err)
		require.LessOrEqual(t, bytes.Count(pdf, []byte("/Type /Page\n")), 2)
		if dir := os.Getenv("CARD_DIR"); dir != "" {
			require.NoError(t, os.WriteFile(dir+"/"+string(service)+".pdf", pdf, 0o600))
		}
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
