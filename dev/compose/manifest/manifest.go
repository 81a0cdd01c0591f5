package manifest

import (
	"bytes"
	"errors"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"go.yaml.in/yaml/v3"
)

// File is a Compose file with its variables filled in.
type File struct {
	Name     string              `yaml:"name"`
	Services map[string]Service  `yaml:"services"`
	Secrets  map[string]Secret   `yaml:"secrets"`
	Networks map[string]Network  `yaml:"networks"`
	Volumes  map[string]struct{} `yaml:"volumes"`
	// Extensions are the keys that begin with x-: anchors are kept there.
	Extensions map[string]any `yaml:",inline"`
}

// Service is one service.
type Service struct {
	Image       string               `yaml:"image"`
	Build       *Build               `yaml:"build"`
	Command     []string             `yaml:"command"`
	Entrypoint  []string             `yaml:"entrypoint"`
	Restart     string               `yaml:"restart"`
	EnvFile     []string             `yaml:"env_file"`
	Environment map[string]string    `yaml:"environment"`
	Secrets     []string             `yaml:"secrets"`
	Volumes     []string             `yaml:"volumes"`
	Ports       []string             `yaml:"ports"`
	DependsOn   map[string]Condition `yaml:"depends_on"`
	HealthCheck *HealthCheck         `yaml:"healthcheck"`
	ReadOnly    bool                 `yaml:"read_only"`
	CapDrop     []string             `yaml:"cap_drop"`
	SecurityOpt []string             `yaml:"security_opt"`
	StopSignal  string               `yaml:"stop_signal"`
	// StopGracePeriod is a Go duration; 10 s when it is not given.
	StopGracePeriod Duration `yaml:"stop_grace_period"`
	Logging         *Logging `yaml:"logging"`
}

// Build is how an image is built.
type Build struct {
	Context string            `yaml:"context"`
	Args    map[string]string `yaml:"args"`
}

// Condition is what a service waits for of another.
type Condition struct {
	Condition string `yaml:"condition"`
}

// Conditions of depends_on.
const (
	Healthy   = "service_healthy"
	Completed = "service_completed_successfully"
)

// HealthCheck is how a container is asked whether it is well.
type HealthCheck struct {
	Test        []string `yaml:"test"`
	Interval    Duration `yaml:"interval"`
	Timeout     Duration `yaml:"timeout"`
	StartPeriod Duration `yaml:"start_period"`
	Retries     int      `yaml:"retries"`
}

// Logging is where a container's output goes.
type Logging struct {
	Driver  string            `yaml:"driver"`
	Options map[string]string `yaml:"options"`
}

// Secret is a file mounted as /run/secrets/NAME.
type Secret struct {
	File string `yaml:"file"`
}

// Network is a network with a subnet of its own.
type Network struct {
	IPAM struct {
		Config []Subnet `yaml:"config"`
	} `yaml:"ipam"`
}

// Subnet is a network's range and the host's address in it.
type Subnet struct {
	Subnet  string `yaml:"subnet"`
	Gateway string `yaml:"gateway"`
}

// Duration is a duration in Go's form, such as 30s.
type Duration time.Duration

// UnmarshalText reads a duration.
func (d *Duration) UnmarshalText(text []byte) error {
	v, err := time.ParseDuration(string(text))
	*d = Duration(v)
	return err
}

// Load reads a Compose file; variables come from the .env file beside it, and before that from the environment given.
func Load(path string, environment map[string]string) (File, error) {
	raw, err := os.ReadFile(path)
	if err != nil {
		return File{}, err
	}
	variables, err := ReadEnv(filepath.Join(filepath.Dir(path), ".env"))
	if err != nil && !errors.Is(err, os.ErrNotExist) {
		return File{}, err
	}
	all := map[string]string{}
	maps.Copy(all, variables)
	maps.Copy(all, environment)
	f, err := Parse(raw, all)
	if err != nil {
		return File{}, fmt.Errorf("%s: %w", path, err)
	}
	return f, nil
}

// Parse reads a Compose file and fills its variables in.
func Parse(raw []byte, variables map[string]string) (File, error) {
	var document yaml.Node
	if err := yaml.Unmarshal(raw, &document); err != nil {
		return File{}, err
	}
	if err := fill(&document, variables); err != nil {
		return File{}, err
	}
	filled, err := yaml.Marshal(&document)
	if err != nil {
		return File{}, err
	}
	decoder := yaml.NewDecoder(bytes.NewReader(filled))
	decoder.KnownFields(true)
	var f File
	if err := decoder.Decode(&f); err != nil {
		return File{}, err
	}
	for key := range f.Extensions {
		if !strings.HasPrefix(key, "x-") {
			return File{}, fmt.Errorf("key %q is not understood", key)
		}
	}
	return f, f.check()
}

// fill replaces variables in all values; what an anchor names is filled once.
func fill(n *yaml.Node, variables map[string]string) error {
	if n.Kind == yaml.ScalarNode {
		value, err := expand(n.Value, variables)
		if err != nil {
			return fmt.Errorf("line %d: %w", n.Line, err)
		}
		n.Value = value
		return nil
	}
	if n.Kind == yaml.AliasNode {
		return nil
	}
	for _, child := range n.Content {
		if err := fill(child, variables); err != nil {
			return err
		}
	}
	return nil
}

// check finds what one part says of another that is not there.
func (f File) check() error {
	for name, s := range f.Services {
		for _, secret := range s.Secrets {
			if _, ok := f.Secrets[secret]; !ok {
				return fmt.Errorf("service %s: there is no secret %s", name, secret)
			}
		}
		for other := range s.DependsOn {
			if _, ok := f.Services[other]; !ok {
				return fmt.Errorf("service %s: there is no service %s", name, other)
			}
		}
	}
	if len(f.Order()) != len(f.Services) {
		return errors.New("services wait for each other in a circle")
	}
	return nil
}

// Order lists the services so that each comes after those it waits for; those in a circle are missing.
func (f File) Order() []string {
	var order []string
	for len(order) < len(f.Services) {
		before := len(order)
		for _, name := range slices.Sorted(maps.Keys(f.Services)) {
			ready := !slices.Contains(order, name)
			for other := range f.Services[name].DependsOn {
				ready = ready && slices.Contains(order, other)
			}
			if ready {
				order = append(order, name)
			}
		}
		if len(order) == before {
			break
		}
	}
	return order
}
