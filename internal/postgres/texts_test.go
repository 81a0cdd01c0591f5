package postgres_test

import (
	"encoding/json"
	"slices"
	"testing"
	"unicode/utf8"

	"github.com/stretchr/testify/require"

	"github.com/remote-issuance/remote-issuance/internal/text"
)

// What passes the gate for texts, and what it makes of everything else, is stored
// as text and as jsonb and comes back as it was: every character there is.
func TestEveryTextThatPassesTheGateIsStored(t *testing.T) {
	b := setup(t)
	var passed, replaced []string
	for r := rune(0); r <= utf8.MaxRune+1; r++ {
		// Planes 3 to 13 have nothing assigned that differs from what is tried here.
		if r > 0x2ffff && r < 0xe0000 {
			continue
		}
		s := "a" + string(r)
		if text.Refuse(s) == nil {
			passed = append(passed, s)
		}
		if fit := text.Replace(s); fit != s {
			replaced = append(replaced, fit)
		}
	}
	require.Greater(t, len(passed), 100_000)
	require.Greater(t, len(replaced), 100)
	replaced = append(replaced, text.Replace("\xff"), text.Replace("\xed\xa0\x80"), text.Replace("a\x00\x00b"))
	for _, list := range [][]string{passed, replaced} {
		raw, err := json.Marshal(list)
		require.NoError(t, err)
		var texts, fromJSON []string
		err = b.pool.QueryRow(t.Context(), `SELECT $1::text[], ARRAY(SELECT jsonb_array_elements_text($2::jsonb))`, list, raw).Scan(&texts, &fromJSON)
		require.NoError(t, err)
		require.True(t, slices.Equal(list, texts) && slices.Equal(list, fromJSON))
	}
	_, err := b.pool.Exec(t.Context(), `SELECT $1::jsonb`, `"\u0000"`)
	require.Error(t, err, "the reason for all this")
}
