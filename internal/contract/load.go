package contract

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/santhosh-tekuri/jsonschema/v6"
	"go.yaml.in/yaml/v3"
)

// resource is the address under which the schema compiler knows the document.
const resource = "file:///openapi.json"

// document is a parsed OpenAPI document on its way to a Contract.
type document struct {
	root     map[string]any
	compiler *jsonschema.Compiler
}

// Load compiles an OpenAPI 3.1 document in YAML: every schema of every
// operation, so that a broken one is found here and not by the first exchange.
// The document must have the response component Problem, which answers
// wherever there is no route.
func Load(yamlText []byte) (*Contract, error) {
	d, err := read(yamlText)
	if err != nil {
		return nil, fmt.Errorf("contract: %w", err)
	}
	c := &Contract{}
	if c.problem, err = d.response("components", "responses", "Problem"); err != nil {
		return nil, fmt.Errorf("contract: %w", err)
	}
	if len(c.problem.content) == 0 {
		return nil, errors.New("contract: no response component Problem")
	}
	for _, path := range d.keys("paths") {
		for _, method := range d.keys("paths", path) {
			if !slices.Contains(methods, method) {
				continue
			}
			o, err := d.operation(path, method)
			if err != nil {
				return nil, fmt.Errorf("contract: %s %s: %w", strings.ToUpper(method), path, err)
			}
			c.operations = append(c.operations, o)
		}
	}
	return c, nil
}

// methods are the keys of a path item that are operations.
var methods = []string{"get", "put", "post", "delete", "options", "head", "patch", "trace"}

func read(yamlText []byte) (*document, error) {
	var raw any
	if err := yaml.Unmarshal(yamlText, &raw); err != nil {
		return nil, err
	}
	// The schema compiler wants the types that a JSON decoder makes.
	text, err := json.Marshal(raw)
	if err != nil {
		return nil, err
	}
	parsed, err := jsonschema.UnmarshalJSON(bytes.NewReader(text))
	if err != nil {
		return nil, err
	}
	root, ok := parsed.(map[string]any)
	if !ok {
		return nil, errors.New("the document is no object")
	}
	d := &document{root: root, compiler: jsonschema.NewCompiler()}
	d.compiler.DefaultDraft(jsonschema.Draft2020)
	d.compiler.AssertFormat()
	return d, d.compiler.AddResource(resource, parsed)
}

func (d *document) operation(path, method string) (*operation, error) {
	o := &operation{method: strings.ToUpper(method), segments: strings.Split(path, "/"), responses: map[string]response{}}
	at := []string{"paths", path, method}
	if o.id, _ = d.at(under(at, "operationId")...).(string); o.id == "" {
		return nil, errors.New("no operationId")
	}
	for _, status := range d.keys(under(at, "responses")...) {
		r, err := d.response(under(at, "responses", status)...)
		if err != nil {
			return nil, err
		}
		o.responses[status] = r
	}
	var err error
	for _, owner := range [][]string{{"paths", path, "parameters"}, under(at, "parameters")} {
		if o.parameters, err = d.parameters(o.parameters, owner); err != nil {
			return nil, err
		}
	}
	body := d.resolve(under(at, "requestBody"))
	o.request.required, _ = d.at(under(body, "required")...).(bool)
	o.request.content, err = d.content(body)
	return o, err
}

func (d *document) response(at ...string) (response, error) {
	at = d.resolve(at)
	c, err := d.content(at)
	r := response{content: c}
	for _, name := range d.keys(under(at, "headers")...) {
		header := d.resolve(under(at, "headers", name))
		if required, _ := d.at(under(header, "required")...).(bool); required {
			r.headers = append(r.headers, name)
		}
	}
	return r, err
}

func (d *document) content(owner []string) (content, error) {
	c := content{}
	for _, media := range d.keys(under(owner, "content")...) {
		s, err := d.schema(under(owner, "content", media, "schema"))
		if err != nil {
			return nil, err
		}
		c[media] = s
	}
	return c, nil
}

func (d *document) parameters(known []parameter, at []string) ([]parameter, error) {
	list, _ := d.at(at...).([]any)
	for i := range list {
		place := d.resolve(under(at, fmt.Sprint(i)))
		m, _ := d.at(place...).(map[string]any)
		p := parameter{}
		p.name, _ = m["name"].(string)
		p.in, _ = m["in"].(string)
		p.required, _ = m["required"].(bool)
		kind, _ := d.at(under(place, "schema", "type")...).(string)
		p.integer = kind == "integer"
		var err error
		if p.schema, err = d.schema(under(place, "schema")); err != nil {
			return nil, err
		}
		known = append(known, p)
	}
	return known, nil
}

// under is a place below another; the other is left as it is.
func under(place []string, keys ...string) []string { return slices.Concat(place, keys) }

func (d *document) keys(at ...string) []string {
	m, _ := d.at(at...).(map[string]any)
	return slices.Sorted(maps.Keys(m))
}
