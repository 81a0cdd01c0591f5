package pki

import (
	"crypto/x509"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

func TestA1_RevocationListsAreFreshAndTheIssuers(t *testing.T) {
	root := issue(t, "root", nil, step{})
	sub := issue(t, "sub", root, step{})
	leaf := issue(t, "leaf", sub, step{notCA: true})
	revoked := Revoked{SerialNumber: leaf.cert.SerialNumber, At: reference.Add(-time.Hour), Reason: ReasonKeyCompromise}
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
		crls []*CRL
		mode Revocation
		want Code
	}{
		"all there":               {[]*CRL{fresh, fromRoot}, RevocationAll, ""},
		"none":                    {nil, RevocationAll, CodeCRLMissing},
		"none, off":               {nil, RevocationOff, ""},
		"root's missing":          {[]*CRL{fresh}, RevocationAll, CodeCRLMissing},
		"root's missing, leaf":    {[]*CRL{fresh}, RevocationLeaf, ""},
		"stale":                   {[]*CRL{sub.list(t, reference.Add(-2*day), reference.Add(-day))}, RevocationLeaf, CodeCRLStale},
		"stale but revoked":       {[]*CRL{sub.list(t, reference.Add(-2*day), reference.Add(-day), revoked)}, RevocationLeaf, CodeRevoked},
		"newest counts":           {[]*CRL{fresh, sub.list(t, reference.Add(-time.Hour), reference.Add(day), revoked)}, RevocationLeaf, CodeRevoked},
		"revoked later":           {[]*CRL{sub.list(t, reference.Add(-day), reference.Add(day), later)}, RevocationLeaf, ""},
		"forged":                  {[]*CRL{forged}, RevocationLeaf, CodeCRLSignature},
		"forged beside the right": {[]*CRL{forged, fresh}, RevocationLeaf, ""},
		"issuer revoked": {[]*CRL{fresh, root.list(t, reference.Add(-day), reference.Add(day),
			Revoked{SerialNumber: sub.cert.SerialNumber, At: reference.Add(-time.Hour)})}, RevocationLeaf, CodeRevoked},
	} {
		t.Run(name, func(t *testing.T) {
			v := NewValidator(Trust{Roots: []*Certificate{root.cert}, Intermediates: []*Certificate{sub.cert}, CRLs: c.crls}, Options{Revocation: c.mode})
			_, err := v.Validate(leaf.cert, reference)
			require.Equal(t, c.want, CodeOf(err), "%v", err)
		})
	}
	v := NewValidator(Trust{
		Roots: []*Certificate{root.cert}, Intermediates: []*Certificate{mute.cert}, CRLs: []*CRL{mute.list(t, reference, reference.Add(day))},
	}, Options{Revocation: RevocationLeaf})
	_, err := v.Validate(child.cert, reference)
	require.Equal(t, CodeCRLSignature, CodeOf(err))
}
