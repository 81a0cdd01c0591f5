package contract

import (
	"fmt"
	"net/http"
	"strconv"
	"strings"
)

// parameter is one value outside the body of a request.
type parameter struct {
	name, in string
	required bool
	schema   *schema
	// integer tells that the text stands for a number.
	integer bool
}

func (p parameter) check(req *http.Request, segments []string) error {
	text, ok := p.value(req, segments)
	if !ok {
		if p.required {
			return fmt.Errorf("parameter %s is missing", p.name)
		}
		return nil
	}
	var value any = text
	if p.integer {
		n, err := strconv.ParseInt(text, 10, 64)
		if err != nil {
			return fmt.Errorf("parameter %s is no integer", p.name)
		}
		value = n
	}
	if p.schema == nil {
		return nil
	}
	if err := p.schema.Validate(value); err != nil {
		return fmt.Errorf("parameter %s: %w", p.name, err)
	}
	return nil
}

func (p parameter) value(req *http.Request, segments []string) (string, bool) {
	switch p.in {
	case "path":
		for i, text := range strings.Split(req.URL.Path, "/") {
			if segments[i] == "{"+p.name+"}" {
				return text, true
			}
		}
	case "query":
		query := req.URL.Query()
		return query.Get(p.name), query.Has(p.name)
	case "header":
		text := req.Header.Get(p.name)
		return text, text != ""
	}
	return "", false
}
