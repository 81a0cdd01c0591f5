package standin

import (
	"os"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/remote-issuance/remote-issuance/dev/compose/manifest"
)

// A new version in docker-compose.yml or Dockerfile has to be looked at here: it is Temporal's modules that the stand-ins are made of.
func TestEveryImageThatIsAskedForHasAStandIn(t *testing.T) {
	raw, err := os.ReadFile("../../../docker-compose.yml")
	require.NoError(t, err)
	f, err := manifest.Parse(raw, map[string]string{"OIDC_ISSUER": "x", "OIDC_KEYS": "x", "TEMPORAL_UI_URL": "x", "CODEC_ENDPOINT": "x"})
	require.NoError(t, err)
	var asked []string
	for _, s := range f.Services {
		if s.Build == nil {
			asked = append(asked, s.Image)
		}
	}
	dockerfile, err := os.ReadFile("../../../Dockerfile")
	require.NoError(t, err)
	for line := range strings.Lines(string(dockerfile)) {
		if words := strings.Fields(line); len(words) > 1 && words[0] == "FROM" {
			asked = append(asked, words[1])
		}
	}
	var made []string
	for _, i := range images() {
		made = append(made, strings.TrimPrefix(strings.TrimPrefix(i.name, "docker.io/library/"), "docker.io/"))
	}
	require.ElementsMatch(t, made, asked)
	require.Len(t, Differences(), len(made))
}

func TestTheStandInsAreOfTheModulesInUse(t *testing.T) {
	raw, err := os.ReadFile("../../go.mod")
	require.NoError(t, err)
	for _, i := range images() {
		_, version, _ := strings.Cut(strings.TrimPrefix(i.name, "docker.io/temporalio/"), ":")
		switch i.recipe {
		case "temporal", "admin-tools":
			require.Contains(t, string(raw), "go.temporal.io/server v"+version)
		case "ui":
			require.Contains(t, string(raw), "github.com/temporalio/ui-server/v2 v"+version)
		}
	}
}
