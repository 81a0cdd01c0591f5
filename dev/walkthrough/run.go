package walkthrough

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"time"
)

// Output is what a block that was begun wrote to its standard output and error.
type Output struct {
	Block Block
	Text  string
}

// reached is a file that is there when the shell came to the end: a block may end it with success.
const reached = "end"

// Run runs the blocks in order in one bash, with set -euo pipefail, so that variables of one block are there in the next. The folder
// is where they run, the environment all they are given. It answers with the output of each block that was begun; an error names the
// line of the block that failed and tells its output. Everything a block left running is ended, and everything when the context ends.
func Run(ctx context.Context, folder string, environment []string, blocks []Block) ([]Output, error) {
	scripts, err := os.MkdirTemp("", "walkthrough-")
	if err != nil {
		return nil, err
	}
	defer func() { _ = os.RemoveAll(scripts) }()
	for i, b := range blocks {
		// Empty lines before it let bash name the document's lines in its messages.
		text := strings.Repeat("\n", b.Line-1) + b.Script
		if err := os.WriteFile(file(scripts, i, "sh"), []byte(text), 0o600); err != nil {
			return nil, err
		}
	}
	failed := bash(ctx, folder, environment, driver(scripts, len(blocks)))
	outputs := begun(scripts, blocks)
	_, through := os.Stat(filepath.Join(scripts, reached))
	switch {
	case failed == nil && through == nil:
		return outputs, nil
	case failed == nil:
		failed = errors.New("it ended the shell")
	}
	if len(outputs) == 0 {
		return nil, fmt.Errorf("start the blocks: %w", failed)
	}
	last := outputs[len(outputs)-1]
	return outputs, fmt.Errorf("the block in line %d: %w\n%s\n%s", last.Block.Line, failed, last.Block.Script, last.Text)
}

// driver is the script that runs the others, each with its output in a file of its own. The descriptors it writes to are its own: a
// process that a block leaves in the background holds nothing of ours open.
func driver(scripts string, blocks int) string {
	var b strings.Builder
	b.WriteString("set -euo pipefail\n")
	for i := range blocks {
		fmt.Fprintf(&b, "exec >%s 2>&1\nsource %s\n", quote(file(scripts, i, "out")), quote(file(scripts, i, "sh")))
	}
	fmt.Fprintf(&b, "exec >%s 2>&1\n", quote(filepath.Join(scripts, reached)))
	return b.String()
}

func bash(ctx context.Context, folder string, environment []string, script string) error {
	c := exec.CommandContext(ctx, "bash", "--noprofile", "--norc", "-c", script)
	c.Dir, c.Env = folder, environment
	// A group of their own, to end what a block started in the background.
	c.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	c.Cancel = func() error { return syscall.Kill(-c.Process.Pid, syscall.SIGKILL) }
	c.WaitDelay = 5 * time.Second
	err := c.Run()
	if c.Process != nil {
		_ = syscall.Kill(-c.Process.Pid, syscall.SIGKILL)
	}
	if ctx.Err() != nil {
		return ctx.Err()
	}
	return err
}

// begun reads the outputs of the blocks that were begun, which are the first ones.
func begun(scripts string, blocks []Block) []Output {
	var outputs []Output
	for i, b := range blocks {
		text, err := os.ReadFile(file(scripts, i, "out"))
		if err != nil {
			break
		}
		outputs = append(outputs, Output{Block: b, Text: string(text)})
	}
	return outputs
}

func file(scripts string, block int, kind string) string {
	return filepath.Join(scripts, fmt.Sprintf("block-%d.%s", block+1, kind))
}

// quote makes one word of bash of a path.
func quote(path string) string { return "'" + strings.ReplaceAll(path, "'", `'\''`) + "'" }
