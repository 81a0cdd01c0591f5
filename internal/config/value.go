package config

import (
	"errors"
	"fmt"
	"io/fs"
	"net"
	"net/url"
	"os"
	"strconv"
	"strings"

	"github.com/remote-issuance/remote-issuance/internal/order"
	"github.com/remote-issuance/remote-issuance/internal/payments"
)

// URL is an absolute http or https address without user, query and fragment,
// and without a closing slash.
type URL struct{ text string }

// UnmarshalText checks the address; errors do not repeat it.
func (u *URL) UnmarshalText(text []byte) error {
	parsed, err := url.Parse(strings.TrimSpace(string(text)))
	if err != nil || parsed.Host == "" || parsed.Scheme != "http" && parsed.Scheme != "https" {
		return errors.New("want an address such as https://host/path")
	}
	if parsed.User != nil || parsed.RawQuery != "" || parsed.Fragment != "" {
		return errors.New("want an address without user, query and fragment")
	}
	u.text = strings.TrimRight(parsed.String(), "/")
	return nil
}

// String is the address; "" when it is not set.
func (u URL) String() string { return u.text }

// Set tells whether there is an address.
func (u URL) Set() bool { return u.text != "" }

// Secure tells whether the address is https.
func (u URL) Secure() bool { return strings.HasPrefix(u.text, "https://") }

// MarshalText writes the address.
func (u URL) MarshalText() ([]byte, error) { return []byte(u.text), nil }

// Issuer is the address of a token issuer. Unlike a URL it is kept letter by
// letter: tokens must name exactly this (OpenID Connect Core, 3.1.3.7).
type Issuer struct {
	url  URL
	text string
}

// UnmarshalText checks the address as URL does.
func (i *Issuer) UnmarshalText(text []byte) error {
	i.text = strings.TrimSpace(string(text))
	return i.url.UnmarshalText(text)
}

// String is the address as it was given.
func (i Issuer) String() string { return i.text }

// MarshalText writes the address.
func (i Issuer) MarshalText() ([]byte, error) { return []byte(i.text), nil }

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

// Address is host:port; the host may be empty for listening everywhere.
type Address string

// UnmarshalText checks the form.
func (a *Address) UnmarshalText(text []byte) error {
	_, port, err := net.SplitHostPort(string(text))
	if err == nil {
		_, err = strconv.ParseUint(port, 10, 16)
	}
	if err != nil {
		return errors.New("want host:port")
	}
	*a = Address(text)
	return nil
}

// File is the path of a file that exists.
type File string

// UnmarshalText looks for the file.
func (f *File) UnmarshalText(text []byte) error {
	info, err := os.Stat(string(text))
	switch {
	case err != nil:
		return errors.New(unreadable("file", string(text), err))
	case !info.Mode().IsRegular():
		return fmt.Errorf("%q is not a file", text)
	}
	if err := readable(string(text)); err != nil {
		return errors.New(unreadable("file", string(text), err))
	}
	*f = File(text)
	return nil
}

// readable tries to open a file or a directory: only the system knows whether this user may.
func readable(path string) error {
	opened, err := os.Open(path) //nolint:gosec // the operator names the file
	if err != nil {
		return err
	}
	return opened.Close()
}

// unreadable says why a file or a directory of the operator cannot be used. One that is not there, or that is an empty directory in place
// of a file that was to be mounted, and one that belongs to somebody else are mended differently.
func unreadable(kind, path string, err error) string {
	if errors.Is(err, fs.ErrNotExist) {
		return fmt.Sprintf("there is no %s %q", kind, path)
	}
	if errors.Is(err, fs.ErrPermission) {
		return fmt.Sprintf("user %d may not read %s %q: permission denied", os.Getuid(), kind, path)
	}
	var cause *fs.PathError
	if errors.As(err, &cause) {
		err = cause.Err
	}
	return fmt.Sprintf("%s %q cannot be read: %v", kind, path, err)
}

// Dir is the path of a directory that exists.
type Dir string

// UnmarshalText looks for the directory.
func (d *Dir) UnmarshalText(text []byte) error {
	info, err := os.Stat(string(text))
	switch {
	case err != nil:
		return errors.New(unreadable("directory", string(text), err))
	case !info.IsDir():
		return fmt.Errorf("%q is not a directory", text)
	}
	if err := readable(string(text)); err != nil {
		return errors.New(unreadable("directory", string(text), err))
	}
	*d = Dir(text)
	return nil
}

// IBAN is a Belarusian account number.
type IBAN string

// UnmarshalText checks form and check digits; see payments.ParseIBAN.
func (i *IBAN) UnmarshalText(text []byte) error {
	n, err := payments.ParseIBAN(string(text))
	*i = IBAN(n)
	return err
}

// BIC is a bank's code.
type BIC string

// UnmarshalText checks the form; see payments.ParseBIC.
func (b *BIC) UnmarshalText(text []byte) error {
	n, err := payments.ParseBIC(string(text))
	*b = BIC(n)
	return err
}

// UNP is a taxpayer number.
type UNP struct{ order.UNP }

// UnmarshalText checks form and check digit.
func (u *UNP) UnmarshalText(text []byte) error {
	n, err := order.ParseUNP(string(text))
	u.UNP = n
	return err
}

// LogFormat is how log lines are written.
type LogFormat string

// Formats of log lines.
const (
	LogJSON LogFormat = "json"
	LogText LogFormat = "text"
)

// UnmarshalText knows json and text.
func (f *LogFormat) UnmarshalText(text []byte) error {
	switch v := LogFormat(text); v {
	case LogJSON, LogText:
		*f = v
		return nil
	default:
		return errors.New("want json or text")
	}
}

// MailTLS is how the mail server is spoken to.
type MailTLS string

// Ways to speak to a mail server.
const (
	// MailTLSOff sends in the clear: only for a server on the same machine.
	MailTLSOff MailTLS = "off"
	// MailTLSOpportunistic uses STARTTLS where the server offers it.
	MailTLSOpportunistic MailTLS = "opportunistic"
	// MailTLSMandatory sends nothing without STARTTLS.
	MailTLSMandatory MailTLS = "mandatory"
)

// UnmarshalText knows off, opportunistic and mandatory.
func (m *MailTLS) UnmarshalText(text []byte) error {
	switch v := MailTLS(text); v {
	case MailTLSOff, MailTLSOpportunistic, MailTLSMandatory:
		*m = v
		return nil
	default:
		return errors.New("want off, opportunistic or mandatory")
	}
}
