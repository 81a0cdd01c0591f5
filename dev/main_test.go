package main

import (
	"bytes"
	"errors"
	"flag"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/remote-issuance/remote-issuance/dev/authority"
)

func TestFlags(t *testing.T) {
	both := []authority.Family{authority.Bign, authority.ECDSA}
	for name, tc := range map[string]struct {
		args  []string
		want  choices
		wrong string
	}{
		"none":           {nil, choices{data: "data", families: both}, ""},
		"all":            {[]string{"--data", "d", "--fresh", "--quick", "--no-demo", "--family", "stb"}, choices{"d", true, true, true, both[:1]}, ""},
		"ecdsa":          {[]string{"--family=ecdsa"}, choices{data: "data", families: both[1:]}, ""},
		"unknown family": {[]string{"--family", "rsa"}, choices{}, "stb, ecdsa or both"},
		"unknown flag":   {[]string{"--speed"}, choices{}, "not defined"},
		"an argument":    {[]string{"api"}, choices{}, "api"},
	} {
		t.Run(name, func(t *testing.T) {
			got, err := parse(tc.args, &bytes.Buffer{})
			if tc.wrong != "" {
				require.ErrorContains(t, err, tc.wrong)
				return
			}
			require.NoError(t, err)
			require.Equal(t, tc.want, got)
		})
	}
	var help bytes.Buffer
	_, err := parse([]string{"-h"}, &help)
	require.True(t, errors.Is(err, flag.ErrHelp))
	require.Contains(t, help.String(), "-fresh")
}
