package keyring_test

import (
	"encoding/json"
	"fmt"
	"log/slog"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/remote-issuance/remote-issuance/internal/payload/keyring"
)

func TestEachKeyIsAnother(t *testing.T) {
	one, other := keyring.NewKey("order-1", 1), keyring.NewKey("order-1", 2)
	require.NotEqual(t, one.Key, other.Key)
	require.NotEqual(t, one.ID, other.ID)
	require.NotZero(t, one.Key)
	require.EqualValues(t, 2, other.Sequence)
	require.Equal(t, "order-1", other.WorkflowID)
}

func TestKeysAreNeverPrinted(t *testing.T) {
	k := keyring.NewKey("order-1", 1)
	var out strings.Builder
	slog.New(slog.NewJSONHandler(&out, nil)).Info("x", "key", k)
	for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%x"} {
		fmt.Fprintf(&out, verb, k)
	}
	inJSON, err := json.Marshal(map[string]keyring.Key{"key": k})
	require.NoError(t, err)
	out.Write(inJSON)
	require.NotContains(t, out.String(), fmt.Sprintf("%x", k.Key[:4]))
	require.NotContains(t, out.String(), fmt.Sprintf("%d, ", k.Key[0])+fmt.Sprint(k.Key[1]))
	require.Contains(t, out.String(), k.ID.String())
}
