package path_test

import (
	"crypto/x509"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/remote-issuance/remote-issuance/internal/pki"
	"github.com/remote-issuance/remote-issuance/internal/pki/fault"
	"github.com/remote-issuance/remote-issuance/internal/pki/path"
)

func TestA1_RevocationListsAreFreshAndTheIssuers(t *testing.T) {
	root := issue(t, "root", nil, step{})
	sub := issue(t, "sub", root, step{})
	leaf := issue(t, "leaf", sub, step{notCA: true})
	revoked := pki.Revoked{SerialNumber: leaf.cert.SerialNumber, At: reference.Add(-time.Hour), Reason: pki.ReasonKeyCompromise}
	later := revoked
	later.At = reference.Add(time.Hour)
	day := 24 * time.Hour
	fresh := sub.list(t, reference.Add(-day), reference.Add(day))
	fromRoot := root.list(t, reference.Add(-day), reference.Add(day))
	impostor := issue(t, "sub", root, step{})
	forged := impostor.list(t, reference.Add(-day), reference.Add(day))
	forged.AuthorityKeyID = nil
	mute := issue(t, "sub", root, step{usage: x509.KeyUsageCertSign})
	child := issue(t, "leaf", mute, step{notCA: true})

	for name, c := range map[string]struct {
		crls []*pki.CRL
		mode path.Revocation
		want fault.Code
	}{
		"all there":               {[]*pki.CRL{fresh, fromRoot}, path.RevocationAll, ""},
		"none":                    {nil, path.RevocationAll, fault.CRLMissing},
		"none, off":               {nil, path.RevocationOff, ""},
		"root's missing":          {[]*pki.CRL{fresh}, path.RevocationAll, fault.CRLMissing},
		"root's missing, leaf":    {[]*pki.CRL{fresh}, path.RevocationLeaf, ""},
		"stale":                   {[]*pki.CRL{sub.list(t, reference.Add(-2*day), reference.Add(-day))}, path.RevocationLeaf, fault.CRLStale},
		"stale but revoked":       {[]*pki.CRL{sub.list(t, reference.Add(-2*day), reference.Add(-day), revoked)}, path.RevocationLeaf, fault.Revoked},
		"newest counts":           {[]*pki.CRL{fresh, sub.list(t, reference.Add(-time.Hour), reference.Add(day), revoked)}, path.RevocationLeaf, fault.Revoked},
		"revoked later":           {[]*pki.CRL{sub.list(t, reference.Add(-day), reference.Add(day), later)}, path.RevocationLeaf, ""},
		"forged":                  {[]*pki.CRL{forged}, path.RevocationLeaf, fault.CRLSignature},
		"forged beside the right": {[]*pki.CRL{forged, fresh}, path.RevocationLeaf, ""},
		"issuer revoked": {[]*pki.CRL{fresh, root.list(t, reference.Add(-day), reference.Add(day),
			pki.Revoked{SerialNumber: sub.cert.SerialNumber, At: reference.Add(-time.Hour)})}, path.RevocationLeaf, fault.Revoked},
	} {
		t.Run(name, func(t *testing.T) {
			v := path.NewValidator(path.Trust{Roots: []*pki.Certificate{root.cert}, Intermediates: []*pki.Certificate{sub.cert}, CRLs: c.crls}, path.Options{Revocation: c.mode})
			_, err := v.Validate(leaf.cert, reference)
			require.Equal(t, c.want, fault.CodeOf(err), "%v", err)
		})
	}
	v := path.NewValidator(path.Trust{
		Roots: []*pki.Certificate{root.cert}, Intermediates: []*pki.Certificate{mute.cert}, CRLs: []*pki.CRL{mute.list(t, reference, reference.Add(day))},
	}, path.Options{Revocation: path.RevocationLeaf})
	_, err := v.Validate(child.cert, reference)
	require.Equal(t, fault.CRLSignature, fault.CodeOf(err))
}

// A certificate that ran out since, with every combination of when it was
// revoked and when the list at hand begins.
func TestA1c_WhatRanOutSinceIsRevokedOnlyByALaterList(t *testing.T) {
	const day = 24 * time.Hour
	root := issue(t, "root", nil, step{})
	sub := issue(t, "sub", root, step{})
	leaf := issue(t, "leaf", sub, step{notCA: true})
	ends := leaf.cert.NotAfter
	then, now := ends.Add(-2*day), ends.Add(5*day)
	revoked := func(at time.Time) pki.Revoked { return pki.Revoked{SerialNumber: leaf.cert.SerialNumber, At: at} }
	for name, c := range map[string]struct {
		list *pki.CRL
		want fault.Code
	}{
		"a list of after its end":   {sub.list(t, ends.Add(day), now.Add(day)), ""},
		"a list of before its end":  {sub.list(t, ends.Add(-day), now.Add(day)), ""},
		"revoked before its end":    {sub.list(t, ends.Add(day), now.Add(day), revoked(ends.Add(-day))), fault.Revoked},
		"revoked by a list gone by": {sub.list(t, ends.Add(-day), ends, revoked(ends.Add(-day))), fault.Revoked},
		"no list of today":          {sub.list(t, ends.Add(-day), ends.Add(day)), fault.CRLStale},
	} {
		v := path.NewValidator(path.Trust{
			Roots: []*pki.Certificate{root.cert}, Intermediates: []*pki.Certificate{sub.cert}, CRLs: []*pki.CRL{c.list},
		}, path.Options{Revocation: path.RevocationLeaf})
		_, err := v.ValidateSince(leaf.cert, then, now)
		require.Equal(t, c.want, fault.CodeOf(err), "%s: %v", name, err)
		_, err = v.ValidateSince(leaf.cert, ends.Add(time.Minute), now)
		require.Error(t, err, "it has to have been in force then")
	}
}
