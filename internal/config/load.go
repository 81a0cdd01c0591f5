package config

import (
	"errors"
	"fmt"
	"net/netip"
	"os"
	"reflect"
	"slices"
	"strings"

	"github.com/caarlos0/env/v11"

	"github.com/remote-issuance/remote-issuance/internal/text"
)

// Problem is one thing wrong with one variable.
type Problem struct {
	// Variable is the name of the environment variable.
	Variable string
	// Reason says what is wanted; it never shows a secret.
	Reason string
}

// Error is everything wrong with a configuration, ordered by variable.
type Error struct{ Problems []Problem }

// Error lists the problems, one a line.
func (e *Error) Error() string {
	var b strings.Builder
	fmt.Fprintf(&b, "configuration: %d problem(s)", len(e.Problems))
	for _, p := range e.Problems {
		fmt.Fprintf(&b, "\n  %s: %s", p.Variable, p.Reason)
	}
	return b.String()
}

// Environ is the environment of this process.
func Environ() map[string]string { return env.ToMap(os.Environ()) }

// Networks are address ranges; none means that nothing is allowed.
type Networks []netip.Prefix

// load fills T group by group and then lets it look for contradictions.
func load[T any](environ map[string]string, contradictions func(T) []Problem) (T, error) {
	var cfg T
	// Compose files pass unset variables on as empty ones.
	given := make(map[string]string, len(environ))
	for k, v := range environ {
		if strings.TrimSpace(v) != "" {
			given[k] = v
		}
	}
	groups := groupsOf(reflect.ValueOf(&cfg).Elem())
	var problems []Problem
	for _, group := range groups {
		problems = append(problems, readSecretFiles(given, group)...)
	}
	for _, group := range groups {
		problems = addNew(problems, unstorable(given, group))
	}
	for _, group := range groups {
		problems = addNew(problems, parse(given, group))
	}
	problems = addNew(problems, contradictions(cfg))
	if len(problems) > 0 {
		slices.SortStableFunc(problems, func(a, b Problem) int { return strings.Compare(a.Variable, b.Variable) })
		var none T
		return none, &Error{Problems: problems}
	}
	return cfg, nil
}

// addNew keeps the first problem of each variable: what could not be read at
// all is not missing and contradicts nothing.
func addNew(problems, more []Problem) []Problem {
	failed := make(map[string]bool, len(problems))
	for _, p := range problems {
		failed[p.Variable], failed[strings.TrimSuffix(p.Variable, fileSuffix)] = true, true
	}
	return slices.Concat(problems, slices.DeleteFunc(more, func(p Problem) bool { return failed[p.Variable] }))
}

// groupsOf lists the structs that hold variables, depth first.
func groupsOf(v reflect.Value) []reflect.Value {
	if v.NumField() > 0 && v.Type().Field(0).Tag.Get("env") != "" {
		return []reflect.Value{v}
	}
	var groups []reflect.Value
	for i := range v.NumField() {
		groups = append(groups, groupsOf(v.Field(i))...)
	}
	return groups
}

func variableOf(f reflect.StructField) (name string, required bool) {
	name, options, _ := strings.Cut(f.Tag.Get("env"), ",")
	return name, options == "required"
}

// readSecretFiles takes the value of a secret X from the file that X_FILE
// names, as orchestrators mount secrets.
func readSecretFiles(given map[string]string, group reflect.Value) []Problem {
	var problems []Problem
	for i := range group.NumField() {
		field := group.Type().Field(i)
		name, required := variableOf(field)
		path, ok := given[name+fileSuffix]
		if !ok || !secret(field.Type) {
			continue
		}
		if _, both := given[name]; both {
			problems = append(problems, Problem{name, "set it or " + name + fileSuffix + ", not both"})
			continue
		}
		content, err := os.ReadFile(path) //nolint:gosec // the operator names the file
		if err != nil {
			problems = append(problems, Problem{name + fileSuffix, unreadable("file", path, err)})
			continue
		}
		// Orchestrators mount a file for every secret that a service knows, also for those that an installation does not have.
		if strings.TrimSpace(string(content)) == "" {
			if required {
				problems = append(problems, Problem{name + fileSuffix, fmt.Sprintf("file %q is empty, and the secret is required", path)})
			}
			continue
		}
		given[name] = strings.TrimRight(string(content), "\r\n")
	}
	return problems
}

// unstorable finds values that no database and no header carries, or that show
// another text than they have. Secrets may have line breaks: some come as files.
func unstorable(given map[string]string, group reflect.Value) []Problem {
	var problems []Problem
	for i := range group.NumField() {
		field := group.Type().Field(i)
		name, _ := variableOf(field)
		form := text.Form{Lines: secret(field.Type)}
		var refused *text.Error
		if errors.As(form.Refuse(given[name]), &refused) {
			problems = append(problems, Problem{name, fmt.Sprintf("its value cannot be stored: %s at character %d", refused.Reason, refused.At)})
		}
	}
	return problems
}

const fileSuffix = "_FILE"

func secret(t reflect.Type) bool {
	switch t {
	case reflect.TypeFor[Secret](), reflect.TypeFor[MasterKeys](), reflect.TypeFor[HashKey]():
		return true
	default:
		return false
	}
}

// parse reads one group, in which field names are unique, so that the
// library's errors can be told by variable.
func parse(given map[string]string, group reflect.Value) []Problem {
	err := env.ParseWithOptions(group.Addr().Interface(), env.Options{Environment: given})
	if err == nil {
		return nil
	}
	aggregate := env.AggregateError{Errors: []error{err}}
	_ = errors.As(err, &aggregate)
	problems := make([]Problem, 0, len(aggregate.Errors))
	for _, err := range aggregate.Errors {
		problems = append(problems, problemOf(group.Type(), err, given))
	}
	return problems
}

func problemOf(group reflect.Type, err error, given map[string]string) Problem {
	if missing := (env.VarIsNotSetError{}); errors.As(err, &missing) {
		return Problem{missing.Key, "it is required"}
	}
	if malformed := (env.ParseError{}); errors.As(err, &malformed) {
		if field, ok := group.FieldByName(malformed.Name); ok {
			name, _ := variableOf(field)
			return Problem{name, reasonOf(field.Type, malformed.Err, given[name])}
		}
	}
	return Problem{group.Name(), err.Error()}
}

// reasonOf replaces the standard library's errors, which quote the value and
// do not say what is wanted.
func reasonOf(t reflect.Type, err error, value string) string {
	switch t.Kind() {
	case reflect.Bool:
		return "want true or false"
	case reflect.Int64:
		if t.Name() == "Duration" {
			return "want a duration such as 20s or 24h"
		}
		return "want a whole number"
	case reflect.Slice:
		return "want networks such as 192.0.2.0/24, separated by commas"
	case reflect.Int:
		return "want DEBUG, INFO, WARN or ERROR"
	default:
		reason := err.Error()
		if secret(t) && value != "" && strings.Contains(reason, value) {
			return "its value is malformed"
		}
		return reason
	}
}
