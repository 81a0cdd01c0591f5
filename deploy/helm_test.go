package deploy_test

import (
	"bytes"
	"errors"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"go.yaml.in/yaml/v3"

	"github.com/remote-issuance/remote-issuance/internal/config"
)

// object is what is read of an object of Kubernetes.
type object struct {
	Kind     string `yaml:"kind"`
	Metadata struct {
		Name        string            `yaml:"name"`
		Annotations map[string]string `yaml:"annotations"`
	} `yaml:"metadata"`
	Spec struct {
		Replicas int `yaml:"replicas"`
		Template struct {
			Spec pod `yaml:"spec"`
		} `yaml:"template"`
		PodSelector selector `yaml:"podSelector"`
		Selector    any      `yaml:"selector"`
		PolicyTypes []string `yaml:"policyTypes"`
	} `yaml:"spec"`
}

type selector struct {
	MatchLabels map[string]string `yaml:"matchLabels"`
}

type pod struct {
	AutomountToken  *bool          `yaml:"automountServiceAccountToken"`
	SecurityContext map[string]any `yaml:"securityContext"`
	Containers      []container    `yaml:"containers"`
	Volumes         []struct {
		Name   string `yaml:"name"`
		Secret struct {
			SecretName string                       `yaml:"secretName"`
			Items      []struct{ Key, Path string } `yaml:"items"`
		} `yaml:"secret"`
	} `yaml:"volumes"`
}

type container struct {
	Args            []string                       `yaml:"args"`
	Env             []struct{ Name, Value string } `yaml:"env"`
	SecurityContext map[string]any                 `yaml:"securityContext"`
	LivenessProbe   map[string]any                 `yaml:"livenessProbe"`
	StartupProbe    map[string]any                 `yaml:"startupProbe"`
	VolumeMounts    []struct {
		Name      string `yaml:"name"`
		MountPath string `yaml:"mountPath"`
	} `yaml:"volumeMounts"`
}

// helm runs the pinned tool, which `make chart` builds: that takes a minute and
// is not for everybody who runs all tests.
func helm(t *testing.T, args ...string) (string, error) {
	t.Helper()
	program := os.Getenv("HELM")
	if program == "" {
		t.Skip("make chart runs this with the Helm it builds")
	}
	cmd := exec.CommandContext(t.Context(), program, args...)
	cmd.Env = append(os.Environ(), "HELM_CONFIG_HOME="+t.TempDir(), "HELM_CACHE_HOME="+t.TempDir())
	out, err := cmd.CombinedOutput()
	return string(out), err
}

// rendered are the objects that the chart makes of its sample values, with changes.
func rendered(t *testing.T, set ...string) []object {
	t.Helper()
	args := []string{"template", "issuance", "helm", "--kube-version", "1.31.0", "--values", "helm/sample-values.yaml"}
	for _, s := range set {
		args = append(args, "--set", s)
	}
	out, err := helm(t, args...)
	require.NoError(t, err, out)
	var all []object
	for d := yaml.NewDecoder(bytes.NewBufferString(out)); ; {
		var o object
		err := d.Decode(&o)
		if errors.Is(err, io.EOF) {
			return all
		}
		require.NoError(t, err, out)
		if o.Kind != "" {
			all = append(all, o)
		}
	}
}

// processesOf are the pods of a rendering by process.
func processesOf(t *testing.T, objects []object) map[string]pod {
	t.Helper()
	out := map[string]pod{}
	for _, o := range objects {
		if p := o.Spec.Template.Spec; len(p.Containers) > 0 {
			require.Len(t, p.Containers, 1)
			require.Len(t, p.Containers[0].Args, 1)
			out[p.Containers[0].Args[0]] = p
		}
	}
	require.Len(t, out, 4)
	return out
}

// environmentOfPod is what the process reads, with paths of the container made paths of the test.
func environmentOfPod(t *testing.T, p pod) map[string]string {
	t.Helper()
	root, c := t.TempDir(), p.Containers[0]
	secrets, _ := made(t)
	files := contents(t, secrets)
	for _, v := range p.Volumes {
		for _, i := range v.Secret.Items {
			if content, ok := files[i.Key]; ok && v.Name == "secrets" {
				write(t, filepath.Join(root, "run/secrets", i.Path), content)
			}
		}
	}
	for _, m := range c.VolumeMounts {
		require.NoError(t, os.MkdirAll(filepath.Join(root, m.MountPath), 0o700))
	}
	prices, err := os.ReadFile("tariff.json")
	require.NoError(t, err)
	environment := map[string]string{}
	for _, e := range c.Env {
		require.NotContains(t, environment, e.Name, "set twice")
		if strings.HasPrefix(e.Value, "/") && e.Name != "SSL_CERT_DIR" {
			e.Value = filepath.Join(root, e.Value)
			if e.Name == "TARIFF_FILE" {
				write(t, e.Value, string(prices))
			}
		}
		environment[e.Name] = e.Value
	}
	return environment
}

func TestChartIsInOrder(t *testing.T) {
	out, err := helm(t, "lint", "--strict", "helm", "--values", "helm/sample-values.yaml")
	require.NoError(t, err, out)
	require.Contains(t, out, "0 chart(s) failed")
}

func TestChartGivesEachProcessWhatItAsksFor(t *testing.T) {
	processes, names := processesOf(t, rendered(t)), known()
	for process, p := range processes {
		environment := environmentOfPod(t, p)
		for name := range environment {
			require.True(t, name == "SSL_CERT_DIR" || names[name] || names[strings.TrimSuffix(name, "_FILE")], "%s: %s", process, name)
		}
		var err error
		switch process {
		case "api":
			_, err = config.LoadAPI(environment)
		case "worker":
			_, err = config.LoadWorker(environment)
		case "portal":
			_, err = config.LoadSite(environment)
		case "migrate":
			_, err = config.LoadMigrate(environment)
		}
		require.NoError(t, err, process)
	}
}

// Each secret is with the processes that the composition gives it to, and with no other.
func TestChartGivesSecretsToWhomTheCompositionGivesThem(t *testing.T) {
	all := []string{}
	for _, name := range []string{
		"assist_password", "assist_request_salt", "assist_result_salt", "erip_signature_salt", "renewal_key_password", "smtp_password", "sms_password",
		"portal_client_secret",
	} {
		all = append(all, "secrets.optional["+string(rune('0'+len(all)))+"]="+name)
	}
	for process, p := range processesOf(t, rendered(t, all...)) {
		var given []string
		for _, v := range p.Volumes {
			if v.Name == "secrets" {
				require.Equal(t, "issuance-secrets", v.Secret.SecretName)
				for _, i := range v.Secret.Items {
					given = append(given, i.Key)
				}
			}
		}
		require.ElementsMatch(t, composed(t).Services[process].Secrets, given, process)
		for _, e := range p.Containers[0].Env {
			if name, ok := strings.CutPrefix(e.Value, "/run/secrets/"); ok {
				require.Contains(t, given, name, process)
			}
		}
	}
}

func TestChartLeavesPodsNoRights(t *testing.T) {
	for process, p := range processesOf(t, rendered(t)) {
		require.False(t, *p.AutomountToken, process)
		require.Equal(t, true, p.SecurityContext["runAsNonRoot"], process)
		require.Equal(t, map[string]any{"type": "RuntimeDefault"}, p.SecurityContext["seccompProfile"], process)
		c := p.Containers[0]
		require.Equal(t, map[string]any{
			"allowPrivilegeEscalation": false, "readOnlyRootFilesystem": true, "capabilities": map[string]any{"drop": []any{"ALL"}},
		}, c.SecurityContext, process)
		var volumes, mounts []string
		for _, v := range p.Volumes {
			volumes = append(volumes, v.Name)
		}
		for _, m := range c.VolumeMounts {
			mounts = append(mounts, m.Name)
		}
		require.ElementsMatch(t, volumes, mounts, process)
		if process != "migrate" {
			require.NotEmpty(t, c.LivenessProbe, process)
			require.NotEmpty(t, c.StartupProbe, process)
		}
	}
}

func TestChartKeepsProcessesApartAndThere(t *testing.T) {
	found := map[string]int{}
	for _, o := range rendered(t) {
		name := strings.TrimPrefix(o.Metadata.Name, "issuance-")
		found[o.Kind+" "+name]++
		switch o.Kind {
		case "NetworkPolicy":
			require.Equal(t, name, o.Spec.PodSelector.MatchLabels["app.kubernetes.io/component"])
			require.Equal(t, []string{"Ingress", "Egress"}, o.Spec.PolicyTypes)
		case "Deployment":
			require.Equal(t, 2, o.Spec.Replicas)
		case "Job":
			require.Equal(t, "pre-install,pre-upgrade", o.Metadata.Annotations["helm.sh/hook"])
		}
	}
	for _, process := range []string{"api", "worker", "portal"} {
		for _, kind := range []string{"Deployment", "Service", "PodDisruptionBudget", "NetworkPolicy"} {
			require.Equal(t, 1, found[kind+" "+process], "%s %s", kind, process)
		}
	}
	require.Equal(t, 1, found["NetworkPolicy migrate"])
	require.Equal(t, 1, found["ServiceMonitor issuance"])
	for _, o := range rendered(t, "serviceMonitor.enabled=false", "networkPolicy.enabled=false") {
		require.NotContains(t, []string{"ServiceMonitor", "NetworkPolicy"}, o.Kind)
	}
}

func TestChartSaysWhatIsMissing(t *testing.T) {
	for set, want := range map[string]string{
		"image.repository=": "image.repository", "temporal.address=": "temporal.address", "secrets.name=": "secrets.name", "tariff=": "tariff",
		"trust.claim=": "trust.claim", "ca.secret=": "ca.secret", "ca.profiles=": "ca.profiles", "networkPolicy.from=null": "networkPolicy.from",
	} {
		out, err := helm(t, "template", "issuance", "helm", "--kube-version", "1.31.0", "--values", "helm/sample-values.yaml", "--set", set)
		require.Error(t, err, set)
		require.Contains(t, out, want)
	}
}
