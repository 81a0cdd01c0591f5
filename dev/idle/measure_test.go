package main

import (
	"bytes"
	"os"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/remote-issuance/remote-issuance/internal/order"
)

func TestProcessesAreMeasured(t *testing.T) {
	rss, pss, err := memory(os.Getpid())
	require.NoError(t, err)
	require.Greater(t, pss, 1024)
	require.GreaterOrEqual(t, rss, pss)
	before, err := processorTime(os.Getpid())
	require.NoError(t, err)
	require.GreaterOrEqual(t, before, time.Duration(0))
	_, err = processorTime(-1)
	require.ErrorIs(t, err, os.ErrNotExist)

	groups := []group{{"this", []int{os.Getpid()}}, {"gone", []int{1 << 30}}}
	spent, err := times(groups)
	require.NoError(t, err)
	require.Zero(t, spent[1])
	var out bytes.Buffer
	require.NoError(t, report(&out, "title", groups, []time.Duration{0, 0}, []time.Duration{time.Second, 0}, time.Minute))
	require.Regexp(t, `all +\d+\.\d +\d+\.\d +1\.67`, out.String())
}

func TestEveryOrderHasAPersonOfItsOwn(t *testing.T) {
	seen := map[string]bool{}
	for n := range 3000 {
		number := personalNumber(n)
		_, err := order.ParsePersonalNumber(number)
		require.NoError(t, err)
		require.False(t, seen[number], number)
		seen[number] = true
	}
}
