package main

import (
	"bytes"
	"os"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/remote-issuance/remote-issuance/dev/usage"
)

func TestReport(t *testing.T) {
	groups := []usage.Group{{Name: "this", PID: os.Getpid()}, {Name: "gone", PID: 1 << 30}}
	spent, err := times(groups)
	require.NoError(t, err)
	require.Zero(t, spent[1])
	var out bytes.Buffer
	require.NoError(t, report(&out, "title", groups, []time.Duration{0, 0}, []time.Duration{time.Second, 0}, time.Minute))
	require.Regexp(t, `all +\d+\.\d +\d+\.\d +1\.67`, out.String())
}
