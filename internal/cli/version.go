package cli

import (
	"cmp"
	"encoding/json"
	"fmt"
	"io"
	"runtime"
	"runtime/debug"
	"strings"

	"github.com/spf13/cobra"

	"github.com/remote-issuance/remote-issuance/internal/config"
)

// Stamped by the linker (-X, see Makefile and Dockerfile); empty in other builds.
var (
	stampedVersion string
	stampedCommit  string
	stampedDate    string
)

// unknown stands for what a build does not say of itself.
const unknown = "unknown"

// Build is what the program knows of its own making.
type Build struct {
	// Version is that of the release, as in CHANGELOG.md; "unknown" outside of releases.
	Version string `json:"version"`
	// Commit is the revision of the source, with "-modified" when the tree differed from it.
	Commit string `json:"commit"`
	// Date is the commit's, in RFC 3339: the same source gives the same program.
	Date string `json:"date"`
	// Go is the toolchain and the platform, such as "go1.26.8 linux/amd64".
	Go string `json:"go"`
}

// ReadBuild tells what was stamped, and what the toolchain noted where nothing was.
func ReadBuild() Build {
	info, ok := debug.ReadBuildInfo()
	if !ok {
		info = &debug.BuildInfo{GoVersion: runtime.Version()}
	}
	return buildOf(info, stampedVersion, stampedCommit, stampedDate)
}

func buildOf(info *debug.BuildInfo, version, commit, date string) Build {
	noted := make(map[string]string, len(info.Settings))
	for _, s := range info.Settings {
		noted[s.Key] = s.Value
	}
	module := info.Main.Version
	if module == "(devel)" {
		module = ""
	}
	revision := noted["vcs.revision"]
	if revision != "" && noted["vcs.modified"] == "true" {
		revision += "-modified"
	}
	return Build{
		Version: cmp.Or(strings.TrimPrefix(version, "v"), strings.TrimPrefix(module, "v"), unknown),
		Commit:  cmp.Or(commit, revision, unknown),
		Date:    cmp.Or(date, noted["vcs.time"], unknown),
		Go:      info.GoVersion + " " + runtime.GOOS + "/" + runtime.GOARCH,
	}
}

// ID tells builds of the worker apart: the version of a release. Two builds of
// one changed tree would share theirs, so that such a build has none.
func (b Build) ID() string {
	if b.Version == unknown || strings.HasSuffix(b.Version, "-dirty") || strings.HasSuffix(b.Commit, "-modified") || !config.ValidBuildID(b.Version) {
		return ""
	}
	return b.Version
}

func versionCommand() *cobra.Command {
	var asJSON bool
	c := &cobra.Command{
		Use: "version", Short: "Tell version, commit, date and toolchain of this program", Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			return ReadBuild().write(cmd.OutOrStdout(), asJSON)
		},
	}
	c.Flags().BoolVar(&asJSON, "json", false, "as one JSON object")
	return c
}

func (b Build) write(out io.Writer, asJSON bool) error {
	if asJSON {
		return json.NewEncoder(out).Encode(b)
	}
	_, err := fmt.Fprintf(out, "version %s\ncommit  %s\ndate    %s\ngo      %s\n", b.Version, b.Commit, b.Date, b.Go)
	return err
}
