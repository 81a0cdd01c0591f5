package walkthrough_test

import (
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/remote-issuance/remote-issuance/dev/walkthrough"
)

func TestBlocks(t *testing.T) {
	for name, c := range map[string]struct {
		document string
		want     []walkthrough.Block
	}{
		"none":           {"text `sh` text\n", nil},
		"two in order":   {"a\n```sh\none\n```\nb\n```sh\ntwo\n\nthree\n```\n", []walkthrough.Block{{3, "one\n"}, {7, "two\n\nthree\n"}}},
		"others":         {"```json\n{}\n```\n```console\n$ x\n```\n```\nx\n```\n```shell\nx\n```\n```sh skipped\nx\n```\n", nil},
		"indented":       {"- x\n  ```sh\n  a\n    b\n  ```\n", []walkthrough.Block{{3, "a\n  b\n"}}},
		"code by indent": {"    ```sh\n    x\n    ```\n", nil},
		"longer fences":  {"````md\n```sh\nno\n```\n````\n~~~ sh \nyes\n```\n~~~~\n", []walkthrough.Block{{7, "yes\n```\n"}}},
		"CR LF":          {"```sh\r\na\r\n```\r\n", []walkthrough.Block{{2, "a\n"}}},
		"empty":          {"```sh\n```", []walkthrough.Block{{2, ""}}},
		"inline fence":   {"```sh``` is no block\n", nil},
	} {
		blocks, err := walkthrough.Blocks([]byte(c.document))
		require.NoError(t, err, name)
		require.Equal(t, c.want, blocks, name)
	}
	_, err := walkthrough.Blocks([]byte("a\n```sh\nx\n~~~\n"))
	require.ErrorContains(t, err, "line 2")
}

func TestRead(t *testing.T) {
	path := filepath.Join(t.TempDir(), "a.md")
	_, err := walkthrough.Read(path)
	require.ErrorIs(t, err, os.ErrNotExist)
	require.NoError(t, os.WriteFile(path, []byte("nothing to run\n"), 0o600))
	_, err = walkthrough.Read(path)
	require.ErrorContains(t, err, "a.md: there is no block")
	require.NoError(t, os.WriteFile(path, []byte("```sh\ntrue\n```\n"), 0o600))
	blocks, err := walkthrough.Read(path)
	require.NoError(t, err)
	require.Len(t, blocks, 1)
}

func run(t *testing.T, scripts ...string) ([]walkthrough.Output, error) {
	t.Helper()
	var blocks []walkthrough.Block
	for i, s := range scripts {
		blocks = append(blocks, walkthrough.Block{Line: 10 * (i + 1), Script: s + "\n"})
	}
	return walkthrough.Run(t.Context(), t.TempDir(), []string{"PATH=" + os.Getenv("PATH"), "GIVEN=a value"}, blocks)
}

func TestRun_OneShellWithTheEnvironmentGiven(t *testing.T) {
	outputs, err := run(t, `a=1; echo "$GIVEN"; f() { echo "f $1"; }`, `f $a; echo error >&2; echo b > file`, `cat file`)
	require.NoError(t, err)
	require.Len(t, outputs, 3)
	require.Equal(t, "a value\n", outputs[0].Text)
	require.Equal(t, "f 1\nerror\n", outputs[1].Text)
	require.Equal(t, "b\n", outputs[2].Text)
	require.Equal(t, 30, outputs[2].Block.Line)
	outputs, err = run(t, `echo "${HOME:-not given}"`)
	require.NoError(t, err)
	require.Equal(t, "not given\n", outputs[0].Text)
}

func TestRun_TheFirstFailureEndsItAndIsNamed(t *testing.T) {
	for name, bad := range map[string]string{
		"a command":           "echo seen; false; echo unseen",
		"the last of a list":  "echo seen; true && false",
		"a pipe":              "echo seen; false | cat",
		"a substitution":      "echo seen; x=$(false); echo unseen",
		"an unset variable":   "echo seen; echo $unset; echo unseen",
		"a missing program":   "echo seen; no-such-program",
		"an exit":             "echo seen; exit 3",
		"a quote left open":   "echo seen\necho 'unseen",
		"an unfinished block": "echo seen\nif true; then echo unseen",
	} {
		outputs, err := run(t, "true", bad, "echo never")
		require.ErrorContains(t, err, "the block in line 20", name)
		require.ErrorContains(t, err, "seen", name)
		require.Len(t, outputs, 2, name)
		require.NotContains(t, outputs[1].Text, "unseen\n", name)
	}
	outputs, err := run(t, "true\n\nno-such-program")
	require.Error(t, err)
	require.Contains(t, outputs[0].Text, "line 12", "a message of bash names the line of the document")
}

// An exit with success would let the blocks behind it pass unseen.
func TestRun_ABlockThatEndsTheShellEarlyIsAFailure(t *testing.T) {
	_, err := run(t, "exit 0", "false")
	require.ErrorContains(t, err, "the block in line 10")
}

func TestRun_NothingIsLeftRunning(t *testing.T) {
	begin := time.Now()
	outputs, err := run(t, `(sleep 60; echo late) & echo $!`)
	require.NoError(t, err)
	require.Less(t, time.Since(begin), 30*time.Second)
	require.Eventually(t, func() bool {
		state, err := os.ReadFile(filepath.Join("/proc", strings.TrimSpace(outputs[0].Text), "stat"))
		return err != nil || strings.Contains(string(state), ") Z")
	}, 5*time.Second, 10*time.Millisecond)

	ctx, cancel := context.WithTimeout(t.Context(), 200*time.Millisecond)
	defer cancel()
	_, err = walkthrough.Run(ctx, t.TempDir(), []string{"PATH=" + os.Getenv("PATH")}, []walkthrough.Block{{Line: 1, Script: "sleep 60"}})
	require.ErrorIs(t, err, context.DeadlineExceeded)
}
