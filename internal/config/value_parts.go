package config

import (
	"errors"
	"strconv"
	"strings"
)

// CredentialParts are parts of the storage's credentials.
type CredentialParts struct{ Login, Password, Link bool }

// UnmarshalText reads login, password and link, separated by commas.
func (p *CredentialParts) UnmarshalText(text []byte) error {
	*p = CredentialParts{}
	for part := range strings.SplitSeq(string(text), ",") {
		switch strings.TrimSpace(part) {
		case "login":
			p.Login = true
		case "password":
			p.Password = true
		case "link":
			p.Link = true
		default:
			return errors.New("want login, password and link, or some of them, separated by commas")
		}
	}
	return nil
}

// MarshalText writes the parts as they are read.
func (p CredentialParts) MarshalText() ([]byte, error) {
	var parts []string
	for _, part := range []struct {
		has  bool
		name string
	}{{p.Login, "login"}, {p.Password, "password"}, {p.Link, "link"}} {
		if part.has {
			parts = append(parts, part.name)
		}
	}
	return []byte(strings.Join(parts, ",")), nil
}

// TreePath is a path in a tree, from its root.
type TreePath []string

// UnmarshalText reads the steps, separated by →.
func (p *TreePath) UnmarshalText(text []byte) error {
	*p = nil
	for step := range strings.SplitSeq(string(text), "→") {
		if step = strings.Join(strings.Fields(step), " "); step == "" {
			return errors.New("want steps separated by →")
		}
		*p = append(*p, step)
	}
	return nil
}

// MarshalText writes the path as it is read.
func (p TreePath) MarshalText() ([]byte, error) { return []byte(strings.Join(p, " → ")), nil }

// VAT is what invoices say about value added tax.
type VAT struct {
	// Said tells whether they say anything.
	Said bool
	// Percent is what prices include; 0 means that there is none.
	Percent int
}

// UnmarshalText reads a whole number of percent, or none.
func (v *VAT) UnmarshalText(text []byte) error {
	percent := 0
	if s := strings.TrimSpace(string(text)); s != "none" {
		var err error
		if percent, err = strconv.Atoi(s); err != nil || percent < 1 || percent > 99 {
			return errors.New("want a whole number of percent from 1 to 99, or none")
		}
	}
	*v = VAT{Said: true, Percent: percent}
	return nil
}

// MarshalText writes it as it is read.
func (v VAT) MarshalText() ([]byte, error) {
	switch {
	case !v.Said:
		return nil, nil
	case v.Percent == 0:
		return []byte("none"), nil
	default:
		return strconv.AppendInt(nil, int64(v.Percent), 10), nil
	}
}
