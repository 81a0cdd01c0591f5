package restore_test

import (
	"bytes"
	"log/slog"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/remote-issuance/remote-issuance/internal/restore"
	"github.com/remote-issuance/remote-issuance/internal/telemetry"
)

var lost = restore.Signed{Issuer: "bign-2", Serial: "0a1b2c", Order: "0192e4a0-0000-7000-8000-000000000001"}

// written is a worker's log with one certificate.
func written(text bool) string {
	var out bytes.Buffer
	log := telemetry.NewLogger(&out, telemetry.LogOptions{Level: slog.LevelInfo, Text: text, Process: "worker"})
	log.Info("worker is ready", "serial", "ff", "issuer", "x")
	log.Info(restore.JournalMessage, "issuer", lost.Issuer, "serial", lost.Serial, "order", lost.Order, "certificate", "sha256:00")
	return out.String()
}

func TestAWorkersLogNamesWhatItHasSigned(t *testing.T) {
	for name, log := range map[string]string{
		"json": written(false), "text": written(true), "twice": written(false) + written(true),
		"with a prefix": "worker-1  | " + strings.ReplaceAll(written(false), "\n", "\nworker-1  | "),
	} {
		found, err := restore.ReadJournal(strings.NewReader(log))
		require.NoError(t, err, name)
		require.Equal(t, []restore.Signed{lost}, found, name)
	}
}

func FuzzReadJournal(f *testing.F) {
	f.Add(written(false))
	f.Add(written(true))
	f.Add(`{"msg":"certificate signed","serial":"` + strings.Repeat("0", 70_000) + `"}`)
	f.Add("{\"msg\":\"certificate signed\",\"serial\":\"\x00\"}")
	f.Fuzz(func(t *testing.T, s string) {
		first, err := restore.ReadJournal(strings.NewReader(s))
		if err != nil {
			return
		}
		for _, c := range first {
			require.NotEmpty(t, c.Serial)
		}
		// What somebody has put before and behind it hides no line of ours.
		found, err := restore.ReadJournal(strings.NewReader(s + "\n" + written(false)))
		require.NoError(t, err)
		require.Contains(t, found, lost)
	})
}
