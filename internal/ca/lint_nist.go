package ca

import (
	"crypto/ecdsa"
	"crypto/rsa"
	"fmt"
	"slices"
	"sync"

	"github.com/zmap/zcrypto/x509"
	"github.com/zmap/zlint/v3"
	"github.com/zmap/zlint/v3/lint"

	"github.com/remote-issuance/remote-issuance/internal/pki"
)

// nistLints are zlint's rules of the RFCs. Those of browsers, mail clients and
// the European Union are about other certificates. Left out are two that the
// profile of GosSUOK (STB 34.101.78) departs from: it has the subject's e-mail
// address in the subject only, and dataEncipherment beside purposes that do
// not speak of it. It is made once: filtering reads every rule's name.
var nistLints = sync.OnceValues(func() (lint.Registry, error) {
	return lint.GlobalRegistry().Filter(lint.FilterOptions{
		IncludeSources: lint.SourceList{lint.RFC3279, lint.RFC5280, lint.RFC5480, lint.RFC5891, lint.RFC8813},
		ExcludeNames:   []string{"e_subj_email_not_in_san", "e_key_usage_and_extended_key_usage_inconsistent"},
	})
})

// lintNIST runs zlint where it understands the key; it knows no bign.
func lintNIST(c *pki.Certificate) error {
	switch c.PublicKey.(type) {
	case *ecdsa.PublicKey, *rsa.PublicKey:
	default:
		return nil
	}
	parsed, err := x509.ParseCertificate(c.Raw)
	if err != nil {
		return fmt.Errorf("%w: zlint: %w", ErrLint, err)
	}
	rules, err := nistLints()
	if err != nil {
		return fmt.Errorf("zlint: %w", err)
	}
	var failed []string
	for name, result := range zlint.LintCertificateEx(parsed, rules).Results {
		if result.Status >= lint.Error {
			failed = append(failed, name)
		}
	}
	if len(failed) == 0 {
		return nil
	}
	slices.Sort(failed)
	return fmt.Errorf("%w: zlint: %v", ErrLint, failed)
}
