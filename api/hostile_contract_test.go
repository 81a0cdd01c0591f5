package api

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"go.yaml.in/yaml/v3"
)

// stringField is a place in a request where a string stands on the wire.
type stringField struct {
	operation string
	// in is path, query, header, body or form.
	in string
	// path leads to the field; elements of arrays are "0".
	path []string
}

// name is how a problem names the field.
func (f stringField) name() string { return strings.Join(f.path, "/") }

// operation is what of an operation is needed to send it.
type operation struct{ id, method, path, tag string }

// specification is the contract, read anew: what nobody thought of is in it.
type specification struct {
	t    testing.TB
	root map[string]any
}

func newSpecification(t testing.TB) specification {
	t.Helper()
	s := specification{t: t}
	require.NoError(t, yaml.Unmarshal(document, &s.root))
	return s
}

// object is a member that is an object, behind a reference or not.
func (s specification) object(v any) map[string]any {
	m, ok := v.(map[string]any)
	if !ok {
		return nil
	}
	reference, ok := m["$ref"].(string)
	if !ok {
		return m
	}
	var at any = s.root
	for _, name := range strings.Split(strings.TrimPrefix(reference, "#/"), "/") {
		at = s.object(at)[name]
	}
	require.NotNil(s.t, at, reference)
	return s.object(at)
}

// fields are all places for strings in requests, and their operations.
func (s specification) fields() (fields []stringField, operations map[string]operation) {
	s.t.Helper()
	operations = map[string]operation{}
	for path, item := range s.object(s.root["paths"]) {
		of := s.object(item)
		for _, method := range []string{"get", "put", "post", "delete", "patch"} {
			o := s.object(of[method])
			if o == nil {
				continue
			}
			id, _ := o["operationId"].(string)
			tags, _ := o["tags"].([]any)
			operations[id] = operation{id: id, method: strings.ToUpper(method), path: path, tag: tags[0].(string)}
			for _, list := range []any{of["parameters"], o["parameters"]} {
				all, _ := list.([]any)
				for _, v := range all {
					p := s.object(v)
					fields = append(fields, stringField{id, p["in"].(string), []string{p["name"].(string)}})
				}
			}
			for mediaType, content := range s.object(s.object(o["requestBody"])["content"]) {
				in := map[string]string{"application/json": "body", "multipart/form-data": "form"}[mediaType]
				if in != "" && tags[0] != "gateway" || in == "body" {
					fields = append(fields, s.strings(id, in, nil, s.object(content)["schema"])...)
				}
			}
		}
	}
	return fields, operations
}

// strings finds the strings below a schema.
func (s specification) strings(operation, in string, path []string, schema any) []stringField {
	o := s.object(schema)
	switch o["type"] {
	case "string":
		if o["format"] == "binary" {
			return nil
		}
		return []stringField{{operation, in, path}}
	case "array":
		return s.strings(operation, in, append(path[:len(path):len(path)], "0"), o["items"])
	case "object":
		var out []stringField
		for name, inner := range s.object(o["properties"]) {
			out = append(out, s.strings(operation, in, append(path[:len(path):len(path)], name), inner)...)
		}
		return out
	default:
		return nil
	}
}
