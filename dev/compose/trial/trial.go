package trial

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"time"

	"github.com/remote-issuance/remote-issuance/dev/compose/chapter"
	"github.com/remote-issuance/remote-issuance/dev/compose/project"
	"github.com/remote-issuance/remote-issuance/dev/compose/site"
)

// Trial is one run.
type Trial struct {
	Podman project.Podman
	Site   *site.Site
	// Tools is a folder with the program "docker" that the chapter's blocks call.
	Tools string
	Out   io.Writer

	project  project.Project
	findings []error
}

// Run follows the chapter and tries out what stands after its sections. It goes on after a finding, and returns all of them.
func (t *Trial) Run(ctx context.Context) error {
	document, err := os.ReadFile(filepath.Join(t.Site.Dir, "docs/operations.md"))
	if err != nil {
		return err
	}
	sections, err := chapter.Read(string(document), "Installation")
	if err != nil {
		return err
	}
	// What an earlier run left is removed as soon as the file can be read.
	for _, section := range sections {
		t.say("\n%s", section.Title)
		if err := t.before(ctx, section.Title); err != nil {
			return fmt.Errorf("before %s: %w", section.Title, err)
		}
		for _, block := range section.Blocks {
			if err := t.step(firstLine(block), func() error { return t.shell(ctx, block) }); err != nil {
				return fmt.Errorf("%s: %w", section.Title, err)
			}
		}
		if err := t.after(ctx, section.Title); err != nil {
			return fmt.Errorf("after %s: %w", section.Title, err)
		}
	}
	return errors.Join(t.findings...)
}

func (t *Trial) before(ctx context.Context, section string) error {
	switch section {
	case "Image":
		if err := t.Site.FillIn(); err != nil {
			return err
		}
		var err error
		if t.project, err = project.Open(t.Site.Dir, t.Podman, t.Out); err != nil {
			return err
		}
		return t.project.Down(ctx)
	case "Certification authority and trust":
		return errors.Join(t.Site.GiveSecrets(), t.Site.GiveAuthority())
	case "First start":
		t.Site.Serve("127.0.0.1:8080")
	}
	return nil
}

func (t *Trial) after(ctx context.Context, section string) error {
	switch section {
	case "Settings":
		return t.Site.FillIn()
	case "First start":
		t.try("containers are confined as the file says", func() error { return t.confined(ctx) })
		t.try("6.0.00 from request to certificate", func() error { return t.individual(ctx, nil) })
		t.try("6.0.01 from request to certificate", func() error { return t.employee(ctx) })
		t.faults(ctx)
	case "Two of each":
		t.Site.Serve("127.0.0.1:8080", "127.0.0.1:8081")
		t.try("6.0.00 with two of each", func() error { return t.individual(ctx, nil) })
		t.kills(ctx)
	case "Commands":
		t.negatives(ctx)
		t.stops(ctx)
	case "Stop":
		t.try("everything ended well", func() error { return t.ended(ctx) })
	}
	return nil
}

// try runs a check; what it finds does not keep the others from running.
func (t *Trial) try(name string, check func() error) {
	if err := t.step(name, check); err != nil {
		t.findings = append(t.findings, fmt.Errorf("%s: %w", name, err))
	}
}

func (t *Trial) step(name string, do func() error) error {
	began := time.Now()
	err := do()
	verdict := "passed"
	if err != nil {
		verdict = "FAILED: " + err.Error()
	}
	t.say("%8s  %s: %s", time.Since(began).Round(100*time.Millisecond), name, verdict)
	return err
}

func (t *Trial) say(format string, args ...any) { _, _ = fmt.Fprintf(t.Out, format+"\n", args...) }

// shell runs a block of the chapter as it stands.
func (t *Trial) shell(ctx context.Context, block string) error {
	var out bytes.Buffer
	cmd := exec.CommandContext(ctx, "sh", "-e", "-c", block)
	cmd.Dir = t.Site.Dir
	cmd.Env = append(os.Environ(), "PATH="+t.Tools+":"+os.Getenv("PATH"))
	cmd.Stdout, cmd.Stderr = &out, &out
	if err := cmd.Run(); err != nil {
		return fmt.Errorf("%w: %s", err, last(out.String(), 4000))
	}
	return nil
}

func firstLine(text string) string {
	line, _, _ := strings.Cut(strings.TrimSpace(text), "\n")
	return strings.TrimSuffix(line, " \\")
}

func last(text string, most int) string { return text[max(0, len(text)-most):] }
