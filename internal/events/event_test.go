package events_test

import (
	"encoding/json"
	"regexp"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/remote-issuance/remote-issuance/internal/events"
	"github.com/remote-issuance/remote-issuance/internal/order"
)

func sample() events.Event {
	return events.Event{
		Position: 1042, Type: events.TypeOrderIssued, Object: events.ObjectOrder, ObjectID: order.ID{0x3f, 0x9a, 0x1c, 0x22, 15: 1},
		Number: 17, Version: 9, Status: "issued", At: time.Date(2026, 3, 2, 9, 0, 0, 5000, time.UTC),
	}
}

func TestTheBodyIsThinAndAlwaysTheSame(t *testing.T) {
	e := sample()
	body, err := e.Body()
	require.NoError(t, err)
	want := `{"id":"evt_1042_3f9a1c22","position":1042,"type":"order.issued","timestamp":"2026-03-02T12:00:00.000005+03:00",` +
		`"data":{"object":"order","id":"3f9a1c22-0000-0000-0000-000000000001","number":"17","version":9,"status":"issued"}}`
	require.Equal(t, []byte(want), body, "octet for octet: %s", body)
	e.At = e.At.In(order.Minsk())
	again, err := e.Body()
	require.NoError(t, err)
	require.Equal(t, body, again, "wherever the process runs")
}

func TestPaymentsAndConfirmationsHaveTheNumberPeopleKnow(t *testing.T) {
	e := sample()
	e.Object = events.ObjectPayment
	require.Equal(t, "NOAIS000000017", e.Name())
	e.Object, e.Number = events.ObjectConfirmation, 0
	require.Empty(t, e.Name(), "before the list is signed there is none")
	var shown map[string]any
	body, err := e.Body()
	require.NoError(t, err)
	require.NoError(t, json.Unmarshal(body, &shown))
	require.NotContains(t, shown["data"], "number")
}

func TestEveryTypeHasTheFormOfStandardWebhooks(t *testing.T) {
	form := regexp.MustCompile(`^[a-zA-Z0-9_]+(\.[a-zA-Z0-9_]+)+$`)
	seen := map[events.Type]bool{}
	for _, k := range append(events.Types(), events.TypeTest) {
		require.Regexp(t, form, string(k))
		require.False(t, seen[k], k)
		seen[k] = true
		require.Equal(t, k != events.TypeTest, k.Known())
	}
	require.False(t, events.Type("order.terms ").Known())
}

func TestIdentifiersReadBack(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		e := sample()
		e.Position = rapid.Int64Min(1).Draw(t, "position")
		copy(e.ObjectID[:], rapid.SliceOfN(rapid.Byte(), 16, 16).Draw(t, "id"))
		position, ok := events.PositionOf(e.ID())
		require.True(t, ok)
		require.Equal(t, e.Position, position)
	})
}

// Only what ID writes is an identifier: the object's part is eight lower-case hexadecimal digits.
func TestOtherFormsOfAnIdentifierAreNone(t *testing.T) {
	for _, id := range []string{"evt_1_0000_000", "evt_1_ABCDEF00", "evt_1_zzzzzzzz", "evt_1_0000000", "evt_1_000000000", "evt_1_0000000\x00", "evt_1_ааaa",
		"evt_01_00000000", "evt_+1_00000000", "evt_0_00000000", "evt_1_00000000_", "EVT_1_00000000"} {
		position, ok := events.PositionOf(id)
		require.False(t, ok, id)
		require.Zero(t, position, id)
	}
}

func FuzzPositionOf(f *testing.F) {
	for _, id := range []string{"evt_1_00000000", "evt_01_00000000", "evt_-1_00000000", "evt_1_", "evt_9223372036854775808_00000000", "", "evt__", "evt_1_0000_000", "evt_1_ABCDEF00", "evt_1_zzzzzzzz"} {
		f.Add(id)
	}
	f.Fuzz(func(t *testing.T, id string) {
		position, ok := events.PositionOf(id)
		if !ok {
			return
		}
		require.Positive(t, position)
		require.Regexp(t, "^evt_[1-9][0-9]*_[0-9a-f]{8}$", id)
	})
}
