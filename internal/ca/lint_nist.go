package ca

import (
	"crypto/ecdsa"
	"crypto/rsa"
	"fmt"
	"maps"
	"slices"
	"sync"

	"github.com/zmap/zcrypto/x509"
	"github.com/zmap/zlint/v3"
	"github.com/zmap/zlint/v3/lint"

	"github.com/remote-issuance/remote-issuance/internal/pki"
)

// gosLintsOff are zlint's rules of the RFCs that the profile of GosSUOK (STB
// 34.101.78) departs from, each with the reason.
var gosLintsOff = map[string]string{
	"e_subj_email_not_in_san":                         "the e-mail address stands in the subject only",
	"e_key_usage_and_extended_key_usage_inconsistent": "dataEncipherment stands beside purposes that do not speak of it",
	"e_subject_organization_name_max_length":          "full names of organisations in the EGR are longer than 64 characters",
	"e_subject_organizational_unit_name_max_length":   "full names of units are longer than 64 characters",
	"e_subject_common_name_max_length":                "representatives have the organisation's name there",
}

// nistLints are zlint's rules of the RFCs. Those of browsers, mail clients and
// the European Union are about other certificates. Filtering reads every rule's
// name, so that it is done once for every set of exclusions.
var nistLints sync.Map

func (p Profile) lints() (lint.Registry, error) {
	off := slices.Sorted(maps.Keys(gosLintsOff))
	off = append(off, slices.Sorted(maps.Keys(p.LintsOff))...)
	key := fmt.Sprint(off)
	if known, ok := nistLints.Load(key); ok {
		registry, _ := known.(lint.Registry)
		return registry, nil
	}
	registry, err := lint.GlobalRegistry().Filter(lint.FilterOptions{
		IncludeSources: lint.SourceList{lint.RFC3279, lint.RFC5280, lint.RFC5480, lint.RFC5891, lint.RFC8813},
		ExcludeNames:   off,
	})
	if err == nil {
		nistLints.Store(key, registry)
	}
	return registry, err
}

// validateLints refuses exclusions of rules that do not exist, and without reason.
func (p Profile) validateLints() error {
	for name, reason := range p.LintsOff {
		if lint.GlobalRegistry().CertificateLints().ByName(name) == nil || reason == "" {
			return fmt.Errorf("%w: lintsOff %q: want a lint of zlint and the reason", ErrProfile, name)
		}
	}
	return nil
}

// lintNIST runs zlint where it understands the key; it knows no bign.
func (p Profile) lintNIST(c *pki.Certificate) error {
	switch c.PublicKey.(type) {
	case *ecdsa.PublicKey, *rsa.PublicKey:
	default:
		return nil
	}
	parsed, err := x509.ParseCertificate(c.Raw)
	if err != nil {
		return fmt.Errorf("%w: zlint: %w", ErrLint, err)
	}
	rules, err := p.lints()
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
