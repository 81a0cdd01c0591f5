package audit

import (
	"encoding/hex"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

var noon = time.Date(2026, 3, 2, 9, 0, 0, 123456789, time.UTC)

func approved() Event {
	return Event{
		At: noon, Actor: Actor{Kind: ActorManager, ID: "5f1c"}, Action: ActionApproved, OrderID: "order-1",
		Evidence: Evidence{"signature": Digest([]byte("cms")), "list": Digest([]byte("pdf"))},
	}
}

func TestNextContinuesTheHead(t *testing.T) {
	t.Parallel()
	first, err := Next(Head{}, approved())
	require.NoError(t, err)
	require.EqualValues(t, 1, first.Sequence)
	require.Zero(t, first.PreviousHash)
	require.Equal(t, noon.Truncate(time.Microsecond), first.At)

	second, err := Next(first.Head(), approved())
	require.NoError(t, err)
	require.EqualValues(t, 2, second.Sequence)
	require.Equal(t, first.Hash, second.PreviousHash)
	require.NotEqual(t, first.Hash, second.Hash)
}

func TestNextKeepsItsOwnEvidence(t *testing.T) {
	t.Parallel()
	event := approved()
	entry, err := Next(Head{}, event)
	require.NoError(t, err)
	event.Evidence["list"] = "other"
	require.Equal(t, entry.Hash, entry.sum())
}

// The encoding is fixed for ever: hashes already stored depend on it.
func TestCanonicalIsFixedByteForByte(t *testing.T) {
	t.Parallel()
	entry, err := Next(Head{}, Event{
		At: time.UnixMicro(258).UTC(), Actor: System(), Action: ActionAnnulled, OrderID: "A",
		Evidence: Evidence{"b": "2", "a": "1"},
	})
	require.NoError(t, err)
	n := func(v string) string { return "00000000000000" + v }
	s := func(v string) string {
		return n(hex.EncodeToString([]byte{byte(len(v))})) + hex.EncodeToString([]byte(v))
	}
	want := s("remote-issuance/audit/entry/v1") + n("01") + "0000000000000102" + s("system") + s("") + s("annulled") +
		s("A") + n("02") + s("a") + s("1") + s("b") + s("2") + n("20") + strings.Repeat("00", 32)
	require.Equal(t, want, hex.EncodeToString(entry.Canonical()))
	require.Equal(t, "fe370a4b0a8672236069688603b8cc901eb296dee0b1fac40ee46d5ff29b7a9d", entry.Hash.String())
}

func TestEventsThatMayNotEnter(t *testing.T) {
	t.Parallel()
	for name, spoil := range map[string]func(*Event){
		"no time":                   func(e *Event) { e.At = time.Time{} },
		"unknown action":            func(e *Event) { e.Action = "looked" },
		"unknown kind":              func(e *Event) { e.Actor.Kind = "robot" },
		"nobody":                    func(e *Event) { e.Actor.ID = "" },
		"a name":                    func(e *Event) { e.Actor.ID = "Иванова" },
		"a name in Latin letters":   func(e *Event) { e.Actor.ID = "Jane Doe" },
		"an e-mail address":         func(e *Event) { e.Actor.ID = "someone@example.com" },
		"a phone":                   func(e *Event) { e.Evidence["contact"] = "+375291234567" },
		"a personal number":         func(e *Event) { e.OrderID = "4120190A012PB3" },
		"evidence without a value":  func(e *Event) { e.Evidence["list"] = "" },
		"evidence with a long one":  func(e *Event) { e.Evidence["list"] = strings.Repeat("a", maxToken+1) },
		"evidence's name in spaces": func(e *Event) { e.Evidence["the list"] = "1" },
		"evidence without a name":   func(e *Event) { e.Evidence[""] = "1" },
		"a flood of evidence": func(e *Event) {
			for i := range maxEvidence + 1 {
				e.Evidence["n"+strings.Repeat("n", i)] = "1"
			}
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			event := approved()
			spoil(&event)
			_, err := Next(Head{}, event)
			require.ErrorIs(t, err, ErrEvent)
		})
	}
}

func TestEveryActionHasAPhrase(t *testing.T) {
	t.Parallel()
	require.True(t, ActionApproved.Known())
	for action, phrase := range phrases {
		require.True(t, kebab(string(action)), action)
		require.NotEmpty(t, phrase)
	}
}

func TestProvesComparesTheDocument(t *testing.T) {
	t.Parallel()
	entry, err := Next(Head{}, approved())
	require.NoError(t, err)
	require.NoError(t, entry.Proves("list", []byte("pdf")))
	require.ErrorIs(t, entry.Proves("list", []byte("pdf2")), ErrEvidence)
	require.ErrorIs(t, entry.Proves("invoice", []byte("pdf")), ErrEvidence)
}

func TestHashAsText(t *testing.T) {
	t.Parallel()
	var h, back Hash
	h[0], h[31] = 0xab, 1
	text, err := h.MarshalText()
	require.NoError(t, err)
	require.NoError(t, back.UnmarshalText(text))
	require.Equal(t, h, back)
	require.Error(t, back.UnmarshalText(text[1:]))
	require.Error(t, back.UnmarshalText([]byte(strings.Repeat("z", 64))))
}

func TestShowTellsOneOrder(t *testing.T) {
	t.Parallel()
	first, err := Next(Head{}, approved())
	require.NoError(t, err)
	other := approved()
	other.OrderID = "order-2"
	second, err := Next(first.Head(), other)
	require.NoError(t, err)
	third, err := Next(second.Head(), Event{
		At: noon.Add(time.Hour), Actor: System(), Action: ActionCertificateIssued, OrderID: "order-1",
	})
	require.NoError(t, err)
	require.Equal(t, []string{
		"2026-03-02 12:00:00  #1  manager 5f1c: approved the order (list " + Digest([]byte("pdf")) +
			", signature " + Digest([]byte("cms")) + ")",
		"2026-03-02 13:00:00  #3  system: issued the certificate",
	}, Show("order-1", []Entry{first, second, third}))
}
