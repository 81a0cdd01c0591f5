package contract

import (
	"bytes"
	"encoding/json"
	"fmt"
	"maps"
	"mime"
	"slices"
	"strconv"
	"strings"

	"github.com/santhosh-tekuri/jsonschema/v6"
	"go.yaml.in/yaml/v3"
)

const resource = "file:///openapi.json"

// Contract is a parsed OpenAPI document.
type Contract struct {
	document   map[string]any
	compiler   *jsonschema.Compiler
	operations []operation
}

// operation is one method of one path.
type operation struct {
	method   string
	segments []string
	pointer  []string
	id       string
}

// Parse reads an OpenAPI 3.1 document in YAML.
func Parse(document []byte) (*Contract, error) {
	var raw any
	if err := yaml.Unmarshal(document, &raw); err != nil {
		return nil, fmt.Errorf("contract: %w", err)
	}
	// The schema compiler wants what a JSON decoder makes.
	text, err := json.Marshal(raw)
	if err != nil {
		return nil, fmt.Errorf("contract: %w", err)
	}
	parsed, err := jsonschema.UnmarshalJSON(bytes.NewReader(text))
	if err != nil {
		return nil, fmt.Errorf("contract: %w", err)
	}
	c := &Contract{compiler: jsonschema.NewCompiler()}
	var ok bool
	if c.document, ok = parsed.(map[string]any); !ok {
		return nil, fmt.Errorf("contract: not an object")
	}
	c.compiler.DefaultDraft(jsonschema.Draft2020)
	c.compiler.AssertFormat()
	if err := c.compiler.AddResource(resource, parsed); err != nil {
		return nil, fmt.Errorf("contract: %w", err)
	}
	c.operations = operations(c.document)
	return c, nil
}

func operations(document map[string]any) []operation {
	var list []operation
	paths, _ := document["paths"].(map[string]any)
	for _, path := range slices.Sorted(maps.Keys(paths)) {
		item, _ := paths[path].(map[string]any)
		for _, method := range slices.Sorted(maps.Keys(item)) {
			body, ok := item[method].(map[string]any)
			if !ok || body["responses"] == nil {
				continue
			}
			id, _ := body["operationId"].(string)
			list = append(list, operation{method: strings.ToUpper(method), segments: strings.Split(path, "/"),
				pointer: []string{"paths", path, method, "responses"}, id: id})
		}
	}
	return list
}

// Operations are the identifiers of all operations, in order.
func (c *Contract) Operations() []string {
	var ids []string
	for _, o := range c.operations {
		ids = append(ids, o.id)
	}
	slices.Sort(ids)
	return ids
}

// find prefers the path with the fewest parameters.
func (c *Contract) find(method, path string) (operation, bool) {
	segments := strings.Split(path, "/")
	best, fewest, found := operation{}, len(segments)+1, false
	for _, o := range c.operations {
		if n, ok := o.match(method, segments); ok && n < fewest {
			best, fewest, found = o, n, true
		}
	}
	return best, found
}

func (o operation) match(method string, segments []string) (parameters int, ok bool) {
	if o.method != method || len(o.segments) != len(segments) {
		return 0, false
	}
	for i, s := range o.segments {
		switch {
		case strings.HasPrefix(s, "{"):
			parameters++
		case s != segments[i]:
			return 0, false
		}
	}
	return parameters, true
}

// Check tells how a response departs from the contract, and which operation it belongs to. A path that the contract does not have is
// an error too, unless the answer is 404 with a problem document.
func (c *Contract) Check(method, path string, status int, contentType string, body []byte) (operationID string, err error) {
	o, ok := c.find(method, path)
	if !ok {
		if status == 404 || status == 405 {
			return "", c.validate([]string{"components", "responses", "Problem", "content", "application/problem+json", "schema"}, body)
		}
		return "", fmt.Errorf("%s %s is not in the contract", method, path)
	}
	if err := c.check(o, status, contentType, body); err != nil {
		return o.id, fmt.Errorf("%s %s answered %d: %w", method, path, status, err)
	}
	return o.id, nil
}

func (c *Contract) check(o operation, status int, contentType string, body []byte) error {
	responses, _ := c.at(o.pointer).(map[string]any)
	key := strconv.Itoa(status)
	if responses[key] == nil {
		if status < 400 {
			return fmt.Errorf("a status that the contract does not name")
		}
		key = "default"
	}
	pointer, response := c.resolve(append(slices.Clone(o.pointer), key))
	content, _ := response["content"].(map[string]any)
	media, _, err := mime.ParseMediaType(contentType)
	if err != nil {
		return fmt.Errorf("content type %q: %w", contentType, err)
	}
	if content[media] == nil {
		return fmt.Errorf("content type %s, want one of %v", media, slices.Sorted(maps.Keys(content)))
	}
	if !strings.HasSuffix(media, "json") {
		return nil
	}
	return c.validate(append(pointer, "content", media, "schema"), body)
}

func (c *Contract) validate(pointer []string, body []byte) error {
	schema, err := c.compiler.Compile(resource + "#" + encode(pointer))
	if err != nil {
		return err
	}
	value, err := jsonschema.UnmarshalJSON(bytes.NewReader(body))
	if err != nil {
		return fmt.Errorf("body: %w", err)
	}
	return schema.Validate(value)
}

func (c *Contract) at(pointer []string) any {
	var v any = c.document
	for _, p := range pointer {
		m, _ := v.(map[string]any)
		v = m[p]
	}
	return v
}

// resolve follows a reference within the document.
func (c *Contract) resolve(pointer []string) ([]string, map[string]any) {
	v, _ := c.at(pointer).(map[string]any)
	if ref, ok := v["$ref"].(string); ok {
		return c.resolve(strings.Split(strings.TrimPrefix(ref, "#/"), "/"))
	}
	return pointer, v
}

func encode(pointer []string) string {
	var b strings.Builder
	for _, p := range pointer {
		b.WriteString("/" + strings.NewReplacer("~", "~0", "/", "~1", "{", "%7B", "}", "%7D").Replace(p))
	}
	return b.String()
}
