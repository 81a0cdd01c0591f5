package demo

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"time"

	"github.com/remote-issuance/remote-issuance/dev/persons"
	"github.com/remote-issuance/remote-issuance/internal/order"
	"github.com/remote-issuance/remote-issuance/internal/pki"
)

// requestConfig is what openssl req needs to make a request in the newer profile of GosSUOK: the person in the name, the taxpayer
// number as an extension, the period asked for as privateKeyUsagePeriod.
const requestConfig = `oid_section = oids

[req]
prompt = no
utf8 = yes
string_mask = utf8only
distinguished_name = subject
req_extensions = extensions

[oids]
gosPersonalNumber = %s
gosUnp = %s

[subject]
%s
[extensions]
gosUnp = ASN1:FORMAT:UTF8,BMPSTRING:%s
2.5.29.16 = ASN1:SEQUENCE:period

[period]
notBefore = IMPLICIT:0,GENERALIZEDTIME:%s
notAfter = IMPLICIT:1,GENERALIZEDTIME:%s
`

// OpenSSLRequest makes a P-256 key and a request for a person in a directory by means of the openssl program, and returns the request.
func OpenSSLRequest(ctx context.Context, dir string, h persons.Holder, now time.Time, years int) ([]byte, error) {
	start := persons.Start(h.Service(), now)
	config, key, file := filepath.Join(dir, "openssl.cnf"), filepath.Join(dir, "openssl.key.pem"), filepath.Join(dir, "openssl.req")
	const layout = "20060102150405Z"
	text := fmt.Sprintf(requestConfig, pki.OIDPersonalNumber, pki.OIDUNP, subjectLines(h.Subject), h.Subject.UNP,
		start.UTC().Format(layout), start.AddDate(years, 0, 0).UTC().Format(layout))
	if err := os.WriteFile(config, []byte(text), 0o600); err != nil {
		return nil, err
	}
	if _, err := openssl(ctx, "req", "-new", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-sha256",
		"-config", config, "-keyout", key, "-out", file); err != nil {
		return nil, err
	}
	return os.ReadFile(file)
}

func subjectLines(s order.Subject) string {
	given := s.GivenName
	if s.Patronymic != "" {
		given += " " + s.Patronymic
	}
	var b strings.Builder
	escape := strings.NewReplacer(`\`, `\\`, `"`, `\"`, `$`, `\$`, `#`, `\#`)
	for _, line := range [][2]string{
		{"CN", s.CommonName}, {"SN", s.Surname}, {"name", given}, {"gosPersonalNumber", s.PersonalNumber}, {"C", s.Country},
		{"L", s.Locality}, {"ST", s.Region}, {"street", s.Street}, {"O", s.Organisation}, {"title", s.Position},
		{"emailAddress", s.Email},
	} {
		if line[1] != "" {
			fmt.Fprintf(&b, "%s = %s\n", line[0], escape.Replace(line[1]))
		}
	}
	return b.String()
}

// VerifyWithOpenSSL lets openssl verify a certificate in PEM against a file of trusted ones, as of an instant.
func VerifyWithOpenSSL(ctx context.Context, trusted, certificate string, at time.Time) error {
	_, err := openssl(ctx, "verify", "-attime", fmt.Sprint(at.Unix()), "-CAfile", trusted, certificate)
	return err
}

func openssl(ctx context.Context, args ...string) ([]byte, error) {
	cmd := exec.CommandContext(ctx, "openssl", args...)
	var complaint bytes.Buffer
	cmd.Stderr = &complaint
	out, err := cmd.Output()
	if err != nil {
		return nil, fmt.Errorf("openssl %s: %w: %s%s", args[0], err, complaint.Bytes(), out)
	}
	return out, nil
}
