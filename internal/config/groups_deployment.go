package config

import (
	"errors"
	"regexp"
)

// Deployment is which Worker Deployment a worker belongs to, and as which build.
type Deployment struct {
	Name    string  `env:"TEMPORAL_DEPLOYMENT" doc:"Worker Deployment of the workers, lower-case letters, digits and hyphens: with it a new build is tried, ramped and rolled back by issuance deploy; without it workers have no versions and share all work"`
	BuildID string  `env:"TEMPORAL_BUILD_ID" doc:"build of this worker in its deployment, and in the histories; the version of the release when empty"`
	Patches Patches `env:"WORKFLOW_PATCHES" envDefault:"adopt" doc:"hold: what a new build does differently in workflows is not begun, so that orders can go back to the build before; adopt: it is"`
}

// Enabled tells whether workers have versions.
func (d Deployment) Enabled() bool { return d.Name != "" }

// Patches is whether changes of workflow code are begun.
type Patches string

// The two ways.
const (
	// PatchesAdopt begins them in every order that comes to them.
	PatchesAdopt Patches = "adopt"
	// PatchesHold begins none; those that were begun go on.
	PatchesHold Patches = "hold"
)

// UnmarshalText reads adopt or hold.
func (p *Patches) UnmarshalText(text []byte) error {
	switch value := Patches(text); value {
	case PatchesAdopt, PatchesHold:
		*p = value
		return nil
	default:
		return errors.New("want adopt or hold")
	}
}

// MarshalText writes what UnmarshalText reads.
func (p Patches) MarshalText() ([]byte, error) { return []byte(p), nil }

var (
	// Temporal joins both with a colon and shows them in queries and the audit log.
	deploymentName = regexp.MustCompile(`^[a-z0-9][a-z0-9-]{0,62}$`)
	buildID        = regexp.MustCompile(`^[A-Za-z0-9][A-Za-z0-9._-]{0,99}$`)
)

// ValidBuildID tells whether the text can be the id of a build.
func ValidBuildID(text string) bool { return buildID.MatchString(text) }

func (r *rules) deployment(d Deployment) {
	r.when(d.Name != "" && !deploymentName.MatchString(d.Name), "TEMPORAL_DEPLOYMENT", "want lower-case letters, digits and hyphens, at most 63")
	r.when(d.BuildID != "" && !ValidBuildID(d.BuildID), "TEMPORAL_BUILD_ID", "want letters, digits, dots, hyphens and underscores, at most 100")
}

// Deploy is the configuration of the commands that roll builds of the worker out and back.
type Deploy struct {
	Mode       Mode
	Database   Database
	Temporal   Temporal
	Deployment Deployment
}

// Canary is the configuration of the command that tries a build: it reads what the build answers.
type Canary struct {
	Mode       Mode
	Database   Database
	Temporal   Temporal
	Deployment Deployment
	Keys       Keys
}

// LoadDeploy reads the configuration of issuance deploy; errors as for LoadAPI.
func LoadDeploy(environ map[string]string) (Deploy, error) { return load(environ, Deploy.problems) }

// LoadCanary reads the configuration of issuance deploy canary; errors as for LoadAPI.
func LoadCanary(environ map[string]string) (Canary, error) { return load(environ, Canary.problems) }

func (c Deploy) problems() []Problem {
	var r rules
	r.mode(c.Mode)
	r.database(c.Database)
	r.temporal(c.Temporal, c.Mode.Production)
	r.deployment(c.Deployment)
	r.when(!c.Deployment.Enabled(), "TEMPORAL_DEPLOYMENT", "it is required: name the deployment that the workers have in theirs")
	return r
}

func (c Canary) problems() []Problem {
	return Deploy{Mode: c.Mode, Database: c.Database, Temporal: c.Temporal, Deployment: c.Deployment}.problems()
}
