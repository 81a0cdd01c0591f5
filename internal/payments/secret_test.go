package payments

import (
	"bytes"
	"encoding/json"
	"fmt"
	"log/slog"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestSecretNeverPrints(t *testing.T) {
	var s Secret
	require.True(t, s.IsZero())
	require.NoError(t, s.UnmarshalText([]byte("hunter2")))
	require.Equal(t, NewSecret("hunter2"), s)
	require.Equal(t, "hunter2", s.Reveal())

	var out bytes.Buffer
	slog.New(slog.NewJSONHandler(&out, nil)).Info("start", "secret", s, "in", struct{ S Secret }{s})
	fmt.Fprintf(&out, "%v %+v %#v %s %q %x %v", s, s, s, s, s, s, struct{ S Secret }{s})
	text, err := json.Marshal(map[string]Secret{"s": s})
	require.NoError(t, err)
	out.Write(text)
	require.NotContains(t, out.String(), "hunter2")
	require.NotContains(t, out.String(), fmt.Sprintf("%x", "hunter2"))
	require.Contains(t, out.String(), redacted)
}
