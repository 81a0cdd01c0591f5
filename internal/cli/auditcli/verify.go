package auditcli

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"strings"

	"github.com/spf13/cobra"

	"github.com/remote-issuance/remote-issuance/internal/audit"
	"github.com/remote-issuance/remote-issuance/internal/cli/operator"
	"github.com/remote-issuance/remote-issuance/internal/postgres"
)

// errNoPublicKey is returned where checkpoints are and nothing to verify them with.
var errNoPublicKey = errors.New("there are checkpoints and no key to verify them with: set AUDIT_PUBLIC_KEYS_DIR or AUDIT_KEY_FILE")

func verifyCommand() *cobra.Command {
	var asJSON, logOnly bool
	var kept string
	cmd := &cobra.Command{
		Use: "verify", Short: "Find whatever was changed, removed, reordered or cut off in the audit log and in what it refers to", Args: cobra.NoArgs,
		Long: "Reads the whole audit log, compares it with its checkpoints, and compares every digest in it with the document, report,\n" +
			"certificate or gateway message that it is of. Exits with 0 when nothing is wrong, with 1 and the findings otherwise, with 2\n" +
			"when it could not verify.",
		RunE: operator.Run(func(cmd *cobra.Command, _ []string, s *operator.Session) error {
			report, err := verify(cmd.Context(), s, kept, logOnly)
			if err != nil {
				return err
			}
			return conclude(cmd, asJSON, report, report.Clean(), func() { tell(cmd, report) })
		}),
	}
	cmd.Flags().BoolVar(&asJSON, "json", false, "print the report as JSON")
	cmd.Flags().BoolVar(&logOnly, "log-only", false, "leave out what the log refers to: documents, reports, certificates, gateway messages")
	cmd.Flags().StringVar(&kept, "checkpoints", "", "file with checkpoints that were kept elsewhere: JSON, a checkpoint or a line of the worker's log each")
	return cmd
}

func verify(ctx context.Context, s *operator.Session, kept string, logOnly bool) (audit.Report, error) {
	log := postgres.NewAudit(s.Pool)
	checkpoints, err := log.Checkpoints(ctx)
	if err != nil {
		return audit.Report{}, err
	}
	if kept != "" {
		more, err := readCheckpoints(kept)
		if err != nil {
			return audit.Report{}, err
		}
		checkpoints = append(checkpoints, more...)
	}
	keys, err := publicKeys(s.Config)
	if err != nil {
		return audit.Report{}, err
	}
	if len(checkpoints) > 0 && len(keys) == 0 {
		return audit.Report{}, errNoPublicKey
	}
	if logOnly {
		return audit.Verify(log.Entries(ctx), checkpoints, keys)
	}
	return audit.VerifyWithEvidence(ctx, log.Entries(ctx), checkpoints, keys, postgres.NewVault(s.Pool))
}

func tell(cmd *cobra.Command, r audit.Report) {
	if r.Clean() {
		operator.Printf(cmd, "the audit log is whole: %d entries, sealed up to %d, head %s", r.Entries, r.Sealed, r.Head.Hash)
		operator.Printf(cmd, "%d digests compared with what is stored; %d are of what is not kept", r.Compared, r.Unkept)
		return
	}
	operator.Printf(cmd, "the audit log is not whole: %d findings in %d entries, sealed up to %d; the first:",
		int64(len(r.Findings))+r.More, r.Entries, r.Sealed)
	for _, f := range r.Findings {
		operator.Printf(cmd, "%s", f)
	}
}

// maxLogLine is more than a line of the log with a checkpoint has.
const maxLogLine = 1 << 20

// readCheckpoints reads checkpoints from where they were kept. A file is one
// checkpoint as `audit checkpoint` prints it, or lines, of which those count
// that are a checkpoint or carry one as the worker's log does.
func readCheckpoints(path string) ([]audit.Checkpoint, error) {
	data, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	var one audit.Checkpoint
	if err := json.Unmarshal(data, &one); err == nil && one.Sequence > 0 {
		return []audit.Checkpoint{one}, nil
	}
	var out []audit.Checkpoint
	lines := bufio.NewScanner(strings.NewReader(string(data)))
	lines.Buffer(nil, maxLogLine)
	for lines.Scan() {
		var line struct {
			audit.Checkpoint

			Logged *audit.Checkpoint `json:"checkpoint"`
		}
		if json.Unmarshal(lines.Bytes(), &line) != nil {
			continue
		}
		switch {
		case line.Logged != nil:
			out = append(out, *line.Logged)
		case line.Sequence > 0 && len(line.Signature) > 0:
			out = append(out, line.Checkpoint)
		}
	}
	if len(out) == 0 {
		return nil, fmt.Errorf("%s: no checkpoint in it", path)
	}
	return out, lines.Err()
}
