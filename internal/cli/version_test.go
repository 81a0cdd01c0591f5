package cli

import (
	"bytes"
	"encoding/json"
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"os/exec"
	"path/filepath"
	"reflect"
	"regexp"
	"runtime"
	"runtime/debug"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestABuildTellsWhatWasStampedBeforeWhatTheToolchainNoted(t *testing.T) {
	noted := []debug.BuildSetting{
		{Key: "vcs.revision", Value: "cafe"}, {Key: "vcs.time", Value: "2026-11-02T08:00:00Z"}, {Key: "vcs.modified", Value: "false"},
	}
	modified := append(noted[:2:2], debug.BuildSetting{Key: "vcs.modified", Value: "true"})
	for name, c := range map[string]struct {
		module                string
		settings              []debug.BuildSetting
		version, commit, date string
		want                  Build
	}{
		"nothing known": {want: Build{Version: unknown, Commit: unknown, Date: unknown}},
		"a development build": {
			module: "(devel)", settings: noted,
			want: Build{Version: unknown, Commit: "cafe", Date: "2026-11-02T08:00:00Z"},
		},
		"a changed tree": {
			module: "(devel)", settings: modified,
			want: Build{Version: unknown, Commit: "cafe-modified", Date: "2026-11-02T08:00:00Z"},
		},
		"modified without a revision": {settings: modified[2:], want: Build{Version: unknown, Commit: unknown, Date: unknown}},
		"the module's version":        {module: "v0.1.0", want: Build{Version: "0.1.0", Commit: unknown, Date: unknown}},
		"a stamp wins": {
			module: "v0.1.0", settings: modified, version: "v0.2.0", commit: "beef", date: "2026-12-01T00:00:00+03:00",
			want: Build{Version: "0.2.0", Commit: "beef", Date: "2026-12-01T00:00:00+03:00"},
		},
	} {
		t.Run(name, func(t *testing.T) {
			info := &debug.BuildInfo{GoVersion: "go1.26.8", Main: debug.Module{Version: c.module}, Settings: c.settings}
			c.want.Go = "go1.26.8 " + runtime.GOOS + "/" + runtime.GOARCH
			require.Equal(t, c.want, buildOf(info, c.version, c.commit, c.date))
		})
	}
}

func TestOnlyABuildThatIsOneOfItsKindHasAnID(t *testing.T) {
	for want, b := range map[string]Build{
		"1.4.0": {Version: "1.4.0", Commit: "cafe"}, "1.4.0-3-gcafe": {Version: "1.4.0-3-gcafe", Commit: "cafe"},
	} {
		require.Equal(t, want, b.ID())
	}
	for _, b := range []Build{
		{Version: unknown, Commit: "cafe"}, {Version: "1.4.0-dirty", Commit: "cafe"}, {Version: "1.4.0", Commit: "cafe-modified"},
		{Version: "1.4.0+dirty", Commit: unknown}, {Version: "", Commit: "cafe"}, {Version: "a:b", Commit: "cafe"},
	} {
		require.Empty(t, b.ID(), b)
	}
}

func TestVersionIsToldToPeopleAndToPrograms(t *testing.T) {
	b := ReadBuild()
	code, out, errOut := started(t, nil, "version")
	require.Zero(t, code)
	require.Empty(t, errOut)
	require.Equal(t, "version "+b.Version+"\ncommit  "+b.Commit+"\ndate    "+b.Date+"\ngo      "+b.Go+"\n", out)

	code, out, errOut = started(t, nil, "version", "--json")
	require.Zero(t, code)
	require.Empty(t, errOut)
	var told Build
	require.NoError(t, json.Unmarshal([]byte(out), &told))
	require.Equal(t, b, told)
	require.Contains(t, told.Go, runtime.Version())

	code, _, errOut = started(t, nil, "version", "of-what")
	require.Equal(t, 2, code)
	require.Contains(t, errOut, "issuance: ")
}

// A misspelt -X is silently ignored by the linker, so the names are compared here.
func TestMakeAndDockerStampTheVariablesThereAre(t *testing.T) {
	dry := exec.CommandContext(t.Context(), "make", "-n", "build", "VERSION=7.8.9", "COMMIT=c0ffee", "DATE=2026-11-02T08:00:00Z")
	dry.Dir = filepath.Join("..", "..")
	recipe, err := dry.CombinedOutput()
	require.NoError(t, err, string(recipe))
	require.Contains(t, string(recipe), "-trimpath")
	require.Contains(t, string(recipe), "-o bin/issuance")
	require.Equal(t, map[string]string{
		"stampedVersion": "7.8.9", "stampedCommit": "c0ffee", "stampedDate": "2026-11-02T08:00:00Z",
	}, stampsOf(t, string(recipe)))

	docker, err := os.ReadFile(filepath.Join("..", "..", "Dockerfile"))
	require.NoError(t, err)
	path := regexp.MustCompile(`(?m)^ARG CLI=(.*)$`).FindSubmatch(docker)
	require.NotNil(t, path)
	docker = bytes.ReplaceAll(docker, []byte("${CLI}"), path[1])
	require.Equal(t, map[string]string{
		"stampedVersion": "${VERSION}", "stampedCommit": "${COMMIT}", "stampedDate": "${DATE}",
	}, stampsOf(t, string(docker)))
}

// stampsOf are the values a build command gives to string variables of this package.
func stampsOf(t *testing.T, command string) map[string]string {
	t.Helper()
	source, err := parser.ParseFile(token.NewFileSet(), "version.go", nil, 0)
	require.NoError(t, err)
	stamps := map[string]string{}
	for _, m := range regexp.MustCompile(`-X ([^ =]+)\.([A-Za-z]+)=([^ "']*)`).FindAllStringSubmatch(command, -1) {
		require.Equal(t, reflect.TypeFor[Build]().PkgPath(), m[1])
		variable := source.Scope.Lookup(m[2])
		require.True(t, variable != nil && variable.Kind == ast.Var, "version.go has no variable %s", m[2])
		stamps[m[2]] = m[3]
	}
	return stamps
}
