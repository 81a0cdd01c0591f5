package manifest

import (
	"fmt"
	"os"
	"strings"
)

// expand fills in variables: $$ is a dollar sign, ${NAME} a variable, ${NAME:-TEXT} one with a default and ${NAME:?TEXT} one that has
// to be there, with what to do when it is not (https://github.com/compose-spec/compose-spec/blob/main/12-interpolation.md).
func expand(text string, variables map[string]string) (string, error) {
	var b strings.Builder
	for {
		before, rest, found := strings.Cut(text, "$")
		b.WriteString(before)
		switch {
		case !found:
			return b.String(), nil
		case strings.HasPrefix(rest, "$"):
			b.WriteByte('$')
			text = rest[1:]
		case strings.HasPrefix(rest, "{"):
			inside, after, closed := strings.Cut(rest[1:], "}")
			if !closed {
				return "", fmt.Errorf("%q: a variable is not closed", text)
			}
			value, err := variable(inside, variables)
			if err != nil {
				return "", err
			}
			b.WriteString(value)
			text = after
		default:
			return "", fmt.Errorf("%q: write ${NAME}, or $$ for a dollar sign", text)
		}
	}
}

func variable(inside string, variables map[string]string) (string, error) {
	name, fallback, hasDefault := strings.Cut(inside, ":-")
	if hasDefault {
		if value := variables[name]; value != "" {
			return value, nil
		}
		return fallback, nil
	}
	name, advice, required := strings.Cut(inside, ":?")
	if value := variables[name]; value != "" || !required {
		return value, nil
	}
	return "", fmt.Errorf("variable %s is required: %s", name, advice)
}

// ReadEnv reads lines NAME=value; empty lines and those that begin with # are left out. Quotes are not understood, and refused.
func ReadEnv(path string) (map[string]string, error) {
	raw, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	out := map[string]string{}
	for line := range strings.Lines(string(raw)) {
		line = strings.TrimSpace(line)
		if line == "" || strings.HasPrefix(line, "#") {
			continue
		}
		name, value, ok := strings.Cut(line, "=")
		if !ok || strings.ContainsAny(value, `"'`+"`") {
			return nil, fmt.Errorf("%s: want NAME=value without quotes in %q", path, name)
		}
		out[name] = value
	}
	return out, nil
}
