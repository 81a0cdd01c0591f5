package e2e_test

import (
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/remote-issuance/remote-issuance/dev/demo"
	"github.com/remote-issuance/remote-issuance/dev/persons"
	"github.com/remote-issuance/remote-issuance/dev/stack"
	"github.com/remote-issuance/remote-issuance/internal/order"
)

// What the reader of the README sees: the sample runs to its end, says each step, leaves certificates, and is not repeated. A run
// that was broken off in the middle is begun anew: its order is withdrawn, its draft resumed.
func TestDemoRunsToItsEnd(t *testing.T) {
	s := all.ordinary(t)
	w := newWorld(t, s)
	oleg := &party{Holder: s.Holder(persons.Oleg), Caller: w.caller(persons.Oleg)}
	left := w.waiting(oleg, w.upload(oleg, 1))
	draft := w.open(oleg)

	var steps []string
	require.NoError(t, demo.Run(t.Context(), s, func(step string, _ time.Duration) { steps = append(steps, step) }))
	require.Greater(t, len(steps), 15)
	require.True(t, demo.Done(s.Dir()))
	for _, id := range []string{persons.Oleg, persons.Vera} {
		require.FileExists(t, filepath.Join(s.Dir(), "sample", id+".cer"))
	}
	require.Equal(t, order.EndWithdrawn, w.read(oleg, left.ID).End)
	require.Equal(t, order.EndIssued, w.read(oleg, draft.ID).End, "the draft became the sample's order")

	// It fails loudly, naming the step.
	require.NoError(t, os.RemoveAll(filepath.Join(s.Dir(), "sample")))
	require.NoError(t, w.processes().Kill(stack.ProcessAPI))
	require.ErrorContains(t, demo.Run(t.Context(), s, func(string, time.Duration) {}), "order opened")
}
