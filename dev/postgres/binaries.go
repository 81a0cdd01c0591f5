package postgres

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"sort"
	"strconv"
	"strings"
)

// ErrNoBinaries is returned when no PostgreSQL server is installed.
var ErrNoBinaries = errors.New("no PostgreSQL server found in PATH, /usr/lib/postgresql, /usr/pgsql-* or /usr/local; " +
	"install the package postgresql (Debian, Ubuntu: apt-get install postgresql) or set DATABASE_URL to a server of yours")

// oldestMajor is the oldest version that the Temporal schema (plugin postgres12) accepts.
const oldestMajor = 12

type installation struct {
	dir   string
	major int
}

var versionPattern = regexp.MustCompile(`\(PostgreSQL\) (\d+)`)

// findInstallation picks the installation of the wanted major version, or the newest one when wanted is 0.
func findInstallation(ctx context.Context, binDir string, wanted int) (installation, error) {
	dirs := candidateDirs(ctx)
	if binDir != "" {
		dirs = []string{binDir}
	}
	var found []installation
	for _, dir := range dirs {
		if inst, ok := probe(ctx, dir); ok {
			found = append(found, inst)
		}
	}
	if len(found) == 0 {
		return installation{}, ErrNoBinaries
	}
	if wanted == 0 {
		sort.SliceStable(found, func(i, j int) bool { return found[i].major > found[j].major })
		return found[0], nil
	}
	for _, inst := range found {
		if inst.major == wanted {
			return inst, nil
		}
	}
	return installation{}, fmt.Errorf("the data directory was made by PostgreSQL %d, which is not installed (found %d)",
		wanted, found[0].major)
}

func candidateDirs(ctx context.Context) []string {
	var dirs []string
	for _, name := range []string{"postgres", "initdb"} {
		if path, err := exec.LookPath(name); err == nil {
			dirs = append(dirs, resolvedDir(path))
		}
	}
	for _, pattern := range []string{"/usr/lib/postgresql/*/bin", "/usr/pgsql-*/bin", "/usr/local/pgsql/bin", "/usr/local/opt/postgresql*/bin",
		"/opt/homebrew/opt/postgresql*/bin"} {
		matches, err := filepath.Glob(pattern)
		if err == nil {
			dirs = append(dirs, matches...)
		}
	}
	if out, err := exec.CommandContext(ctx, "pg_config", "--bindir").Output(); err == nil {
		dirs = append(dirs, strings.TrimSpace(string(out)))
	}
	return dirs
}

// resolvedDir follows links: Debian links single programs into another folder, and initdb looks for postgres beside itself.
func resolvedDir(path string) string {
	if real, err := filepath.EvalSymlinks(path); err == nil {
		path = real
	}
	return filepath.Dir(path)
}

func probe(ctx context.Context, dir string) (installation, bool) {
	if _, err := os.Stat(filepath.Join(dir, "initdb")); err != nil {
		return installation{}, false
	}
	out, err := exec.CommandContext(ctx, filepath.Join(dir, "postgres"), "--version").Output()
	if err != nil {
		return installation{}, false
	}
	match := versionPattern.FindSubmatch(out)
	if match == nil {
		return installation{}, false
	}
	major, err := strconv.Atoi(string(match[1]))
	if err != nil || major < oldestMajor {
		return installation{}, false
	}
	return installation{dir: dir, major: major}, true
}
