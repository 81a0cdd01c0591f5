package contract

import (
	"bytes"
	"fmt"
	"net/url"
	"strconv"
	"strings"

	"github.com/santhosh-tekuri/jsonschema/v6"
)

// schema is a compiled schema of the document; nil allows everything.
type schema struct{ *jsonschema.Schema }

func (s *schema) json(body []byte) error {
	v, err := jsonschema.UnmarshalJSON(bytes.NewReader(body))
	if err != nil {
		return fmt.Errorf("%w: %w", ErrBody, err)
	}
	if err := s.Validate(v); err != nil {
		return fmt.Errorf("%w: %w", ErrBody, err)
	}
	return nil
}

func (d *document) schema(at []string) (*schema, error) {
	if d.at(at...) == nil {
		return nil, nil //nolint:nilnil // no schema is nothing to hold a body against
	}
	var fragment strings.Builder
	for _, key := range at {
		fragment.WriteString("/" + strings.NewReplacer("~", "~0", "/", "~1").Replace(key))
	}
	s, err := d.compiler.Compile(resource + "#" + (&url.URL{Fragment: fragment.String()}).EscapedFragment())
	if err != nil {
		return nil, err
	}
	return &schema{s}, nil
}

// at is what the document has at a place, nil when there is nothing.
func (d *document) at(place ...string) any {
	var v any = d.root
	for _, key := range place {
		switch node := v.(type) {
		case map[string]any:
			v = node[key]
		case []any:
			i, err := strconv.Atoi(key)
			if err != nil || i < 0 || i >= len(node) {
				return nil
			}
			v = node[i]
		default:
			return nil
		}
	}
	return v
}

// resolve follows references within the document to where the thing is.
func (d *document) resolve(place []string) []string {
	m, _ := d.at(place...).(map[string]any)
	ref, ok := m["$ref"].(string)
	if !ok {
		return place
	}
	keys := strings.Split(strings.TrimPrefix(ref, "#/"), "/")
	for i, key := range keys {
		keys[i] = strings.NewReplacer("~1", "/", "~0", "~").Replace(key)
	}
	return d.resolve(keys)
}
