package standin

import (
	"context"
	"crypto/sha256"
	"embed"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"

	"github.com/remote-issuance/remote-issuance/dev/compose/project"
)

//go:embed images
var recipes embed.FS

const base = "localhost/standin-base"

// packages are what the base image has beside the essential ones.
const packages = "ca-certificates,tzdata,netcat-openbsd,wget,gosu,postgresql,openssl"

// image is one stand-in.
type image struct {
	// name is what docker-compose.yml or Dockerfile asks for.
	name string
	// recipe is the file in images; files are copied beside it.
	recipe string
	files  []string
	// difference is what the official image has and this one has not, or has otherwise.
	difference string
}

func images() []image {
	return []image{
		{"docker.io/library/postgres:16", "postgres", []string{"postgres-entrypoint.sh"},
			"Debian's PostgreSQL 15; a short entrypoint: root reads the password, gosu, a server on the socket only for the scripts of a new cluster"},
		{"docker.io/temporalio/server:1.32.1", "temporal", []string{"temporal-server", "entrypoint.sh"},
			"the official entrypoint and user 1000; Debian in place of Alpine, bash in place of ash, netcat-openbsd in place of BusyBox; built with cgo"},
		{"docker.io/temporalio/admin-tools:1.32.1", "admin-tools", []string{"temporal-sql-tool"}, "temporal-sql-tool only, which has the schemas in it"},
		{"docker.io/temporalio/ui:2.55.0", "ui", []string{"ui-server", "start-ui-server.sh", "docker.yaml"},
			"the official start script and settings; Debian in place of Alpine; pages as the module has them"},
		{"docker.io/library/golang:1.26.8-bookworm", "golang", nil,
			"toolchain, module cache and build cache of this machine, mounted while the image is built; no gcc"},
		{"gcr.io/distroless/base-debian12:nonroot", "distroless", nil, "users, CA bundle, time zones; no glibc and no libssl: the program is static"},
	}
}

// Differences lists, image by image, what is not as in the official ones.
func Differences() []string {
	var out []string
	for _, i := range images() {
		out = append(out, i.name+": "+i.difference)
	}
	return out
}

// Builder builds the stand-ins.
type Builder struct {
	Podman project.Podman
	// Module is the folder of the module that links Temporal's server and UI; Dir keeps what is made.
	Module, Dir string
	Out         io.Writer
}

// Build makes the images that are missing or whose recipe has changed.
func (b Builder) Build(ctx context.Context) error {
	if err := b.base(ctx); err != nil {
		return fmt.Errorf("base of the stand-ins: %w", err)
	}
	if err := b.binaries(ctx); err != nil {
		return err
	}
	for _, i := range images() {
		if err := b.image(ctx, i); err != nil {
			return fmt.Errorf("stand-in of %s: %w", i.name, err)
		}
	}
	return nil
}

// base is a Debian of packages.
func (b Builder) base(ctx context.Context) error {
	mark := base + ":" + short(packages)
	if _, err := b.Podman.Run(ctx, "image", "exists", mark); err == nil {
		return nil
	}
	_, _ = fmt.Fprintln(b.Out, "a Debian for the stand-ins is made from packages; this takes some minutes")
	archive := filepath.Join(b.Dir, "base.tar")
	if _, err := os.Stat(archive); err != nil {
		if err := b.run(ctx, "", "mmdebstrap", "--variant=minbase", "--include="+packages, "bookworm", archive); err != nil {
			return errors.Join(err, os.Remove(archive))
		}
	}
	if _, err := b.Podman.Run(ctx, "import", archive, mark); err != nil {
		return err
	}
	_, err := b.Podman.Run(ctx, "tag", mark, base)
	return errors.Join(err, os.Remove(archive))
}

// binaries builds Temporal's programs from its modules and takes the scripts beside them.
func (b Builder) binaries(ctx context.Context) error {
	for name, path := range map[string]string{
		"temporal-server": "go.temporal.io/server/cmd/server", "temporal-sql-tool": "go.temporal.io/server/cmd/tools/sql",
		"ui-server": "github.com/temporalio/ui-server/v2/cmd/server",
	} {
		if err := b.run(ctx, b.Module, "go", "build", "-o", filepath.Join(b.Dir, name), path); err != nil {
			return fmt.Errorf("build %s: %w", name, err)
		}
	}
	for file, at := range map[string][2]string{
		"entrypoint.sh":      {"go.temporal.io/server", "docker/scripts/sh/entrypoint.sh"},
		"start-ui-server.sh": {"github.com/temporalio/ui-server/v2", "docker/start-ui-server.sh"},
		"docker.yaml":        {"github.com/temporalio/ui-server/v2", "config/docker.yaml"},
	} {
		list := exec.CommandContext(ctx, "go", "list", "-m", "-f", "{{.Dir}}", at[0])
		list.Dir = b.Module
		module, err := list.Output()
		if err != nil {
			return fmt.Errorf("where is module %s: %w", at[0], err)
		}
		content, err := os.ReadFile(filepath.Join(strings.TrimSpace(string(module)), at[1]))
		if err != nil {
			return err
		}
		if err := os.WriteFile(filepath.Join(b.Dir, file), content, 0o755); err != nil {
			return err
		}
	}
	return nil
}

func (b Builder) image(ctx context.Context, i image) error {
	recipe, err := recipes.ReadFile("images/" + i.recipe + ".Containerfile")
	if err != nil {
		return err
	}
	sum := sha256.New()
	_, _ = sum.Write(append(recipe, packages...))
	for _, file := range i.files {
		if script, err := recipes.ReadFile("images/" + file); err == nil {
			if err := os.WriteFile(filepath.Join(b.Dir, file), script, 0o755); err != nil {
				return err
			}
		}
		content, err := os.ReadFile(filepath.Join(b.Dir, file))
		if err != nil {
			return err
		}
		_, _ = sum.Write(content)
	}
	fingerprint := hex.EncodeToString(sum.Sum(nil))
	if have, err := b.Podman.Run(ctx, "image", "inspect", "--format", `{{index .Labels "standin"}}`, i.name); err == nil && have == fingerprint {
		return nil
	}
	_, _ = fmt.Fprintln(b.Out, "stand-in of", i.name)
	file := filepath.Join(b.Dir, i.recipe+".Containerfile")
	ignore := filepath.Join(b.Dir, ".containerignore")
	// Everything that is made lies in one folder; only what the recipe copies is sent.
	keep := "*\n"
	for _, name := range i.files {
		keep += "!" + name + "\n"
	}
	if err := errors.Join(os.WriteFile(file, recipe, 0o644), os.WriteFile(ignore, []byte(keep), 0o644)); err != nil {
		return err
	}
	_, err = b.Podman.Run(ctx, "build", "--network", "none", "--label", "standin="+fingerprint, "--tag", i.name, "--file", file, b.Dir)
	return err
}

func (b Builder) run(ctx context.Context, dir, name string, args ...string) error {
	cmd := exec.CommandContext(ctx, name, args...)
	cmd.Dir, cmd.Stdout, cmd.Stderr = dir, b.Out, b.Out
	return cmd.Run()
}

func short(text string) string {
	sum := sha256.Sum256([]byte(text))
	return hex.EncodeToString(sum[:6])
}
