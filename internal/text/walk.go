package text

import (
	"errors"
	"fmt"
	"maps"
	"reflect"
	"slices"
	"strconv"
	"strings"
)

// ReplaceIn makes every string of a record fit, with Replace: fields of structs,
// elements of slices, arrays, maps (keys too) and pointers, at any depth. Strings
// that cannot be set (unexported fields) are left. record is a pointer.
func ReplaceIn(record any) { replaceIn(reflect.ValueOf(record)) }

func replaceIn(v reflect.Value) {
	switch v.Kind() {
	case reflect.String:
		if v.CanSet() {
			v.SetString(Replace(v.String()))
		}
	case reflect.Pointer:
		if !v.IsNil() {
			replaceIn(v.Elem())
		}
	case reflect.Interface:
		replaceInterface(v)
	case reflect.Struct:
		for i := range v.NumField() {
			if v.Type().Field(i).IsExported() {
				replaceIn(v.Field(i))
			}
		}
	case reflect.Slice, reflect.Array:
		for i := range v.Len() {
			replaceIn(v.Index(i))
		}
	case reflect.Map:
		replaceMap(v)
	default:
	}
}

func replaceInterface(v reflect.Value) {
	if v.IsNil() || !v.CanSet() {
		return
	}
	v.Set(replaced(v.Elem()))
}

func replaceMap(v reflect.Value) {
	if v.IsNil() {
		return
	}
	for _, key := range v.MapKeys() {
		value := replaced(v.MapIndex(key))
		v.SetMapIndex(key, reflect.Value{})
		v.SetMapIndex(replaced(key), value)
	}
}

// replaced is a copy of a value that could not be set where it stands.
func replaced(v reflect.Value) reflect.Value {
	fresh := reflect.New(v.Type()).Elem()
	fresh.Set(v)
	replaceIn(fresh)
	return fresh
}

// In returns an *Error for the first string of a record that its form refuses:
// the walk of ReplaceIn, with fields by their JSON name where they have one.
func (f Fields) In(record any) error {
	if err := f.in(reflect.ValueOf(record), nil, Form{}); err != nil {
		return err
	}
	return nil
}

func (f Fields) in(v reflect.Value, path []string, form Form) *Error {
	inner := func(name string) []string { return append(path[:len(path):len(path)], name) }
	switch v.Kind() {
	case reflect.String:
		return located(form.Refuse(v.String()), pointer(path))
	case reflect.Pointer, reflect.Interface:
		if !v.IsNil() {
			return f.in(v.Elem(), path, form)
		}
	case reflect.Struct:
		for i := range v.NumField() {
			field := v.Type().Field(i)
			if !field.IsExported() {
				continue
			}
			name, _, _ := strings.Cut(field.Tag.Get("json"), ",")
			if name == "" || name == "-" {
				name = field.Name
			}
			if err := f.in(v.Field(i), inner(name), f.form(name)); err != nil {
				return err
			}
		}
	case reflect.Slice, reflect.Array:
		for i := range v.Len() {
			if err := f.in(v.Index(i), inner(strconv.Itoa(i)), form); err != nil {
				return err
			}
		}
	case reflect.Map:
		return f.inMap(v, path)
	default:
	}
	return nil
}

func (f Fields) inMap(v reflect.Value, path []string) *Error {
	for _, key := range v.MapKeys() {
		if err := f.in(key, path, Form{}); err != nil {
			return err
		}
		name := fmt.Sprint(key)
		if err := f.in(v.MapIndex(key), append(path[:len(path):len(path)], name), f.form(name)); err != nil {
			return err
		}
	}
	return nil
}

// Values returns an *Error for parameters, form fields or headers (url.Values,
// http.Header) of which a name or value is refused or, where once is set, that
// are given more than once.
func (f Fields) Values(values map[string][]string, once bool) error {
	for _, name := range slices.Sorted(maps.Keys(values)) {
		if err := Refuse(name); err != nil {
			return err
		}
		if once && len(values[name]) > 1 {
			return &Error{Field: name, Reason: ReasonRepeated}
		}
		for _, value := range values[name] {
			if err := located(f[name].Refuse(value), name); err != nil {
				return err
			}
		}
	}
	return nil
}

func located(err error, field string) *Error {
	var refused *Error
	if !errors.As(err, &refused) {
		return nil
	}
	return &Error{Field: field, Reason: refused.Reason, At: refused.At}
}
