package card_test

import (
	"bytes"
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
