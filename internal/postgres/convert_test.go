package postgres

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

func FuzzTextsAreStored(f *testing.F) {
	f.Add("a\x00b")
	f.Add(`\u0000`)
	f.Add("\\\x00")
	f.Add(`\\u0000 "` + "\x00" + `"`)
	f.Fuzz(func(t *testing.T, s string) {
		in := map[string]string{"value": s}
		raw, err := json.Marshal(in)
		require.NoError(t, err)
		var out map[string]string
		require.NoError(t, json.Unmarshal(withoutNUL(raw), &out))
		require.Equal(t, strings.ReplaceAll(strings.ToValidUTF8(s, "\uFFFD"), "\x00", ""), strings.ToValidUTF8(out["value"], "\uFFFD"))
	})
}
