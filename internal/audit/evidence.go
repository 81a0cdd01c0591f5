package audit

import (
	"context"
	"fmt"
	"iter"
	"maps"
	"slices"
	"strings"
)

// KeptAs is where something that evidence names is kept.
type KeptAs string

// What is kept.
const (
	// KeptDocument: a document, byte for byte; ID is the document's.
	KeptDocument KeptAs = "document"
	// KeptMessage: a message of a payment gateway; ID is the message's.
	KeptMessage KeptAs = "gateway message"
	// KeptCertificate: the certificate that was issued; ID is the order's.
	KeptCertificate KeptAs = "certificate"
	// KeptFirstReport: what the first check found (S3–S6); ID is the request file's.
	KeptFirstReport KeptAs = "report of the first check"
	// KeptRegistersReport: what the registers found (S7); ID is the request file's.
	KeptRegistersReport KeptAs = "report of the registers"
	// KeptFinalReport: the checks that an unissued order ended with; ID is the order's.
	KeptFinalReport KeptAs = "final report"
)

// Reference is one digest in an entry's evidence with what it is of.
type Reference struct {
	// Name is the evidence's, Digest its value.
	Name   string
	Digest string
	// Kept is empty for what is not kept: the report over a file that was
	// refused, a revocation list that newer ones have replaced.
	Kept KeptAs
	ID   string
}

const digestPrefix = "sha256:"

// References gives the digests in the entry's evidence, in order of their
// names. A digest named "x" is of what the evidence "x-id" identifies; of the
// certificate or report of the entry's order, or of its "request-id", where
// there is only one.
func (e Entry) References() []Reference {
	var out []Reference
	for _, name := range slices.Sorted(maps.Keys(e.Evidence)) {
		if !strings.HasPrefix(e.Evidence[name], digestPrefix) {
			continue
		}
		r := Reference{Name: name, Digest: e.Evidence[name]}
		r.Kept, r.ID = e.keeps(name)
		out = append(out, r)
	}
	return out
}

func (e Entry) keeps(name string) (KeptAs, string) {
	request := e.Evidence["request-id"]
	id := e.Evidence[name+"-id"]
	switch {
	case name == "message" && id != "":
		return KeptMessage, id
	case id != "":
		return KeptDocument, id
	case name == "certificate" && e.OrderID != "":
		return KeptCertificate, e.OrderID
	case name == "report" && request != "":
		return KeptFirstReport, request
	case name == "registers" && request != "":
		return KeptRegistersReport, request
	case name == "final-report" && e.OrderID != "":
		return KeptFinalReport, e.OrderID
	default:
		return "", ""
	}
}

// Kept names one thing that is kept.
type Kept struct {
	As KeptAs
	ID string
}

// Vault computes the digests of what is kept, from its content as it is now.
type Vault interface {
	// Digests gives the digest of each as Digest writes it; what is not there is
	// left out. A thing that itself refers to others which have changed gives
	// another digest than its own.
	Digests(ctx context.Context, things []Kept) (map[Kept]string, error)
}

// vaultBatch is how many digests are asked for at once.
const vaultBatch = 500

// VerifyWithEvidence is Verify that also compares every digest in the entries'
// evidence with what is kept. It holds no more than a batch in memory.
func VerifyWithEvidence(
	ctx context.Context, entries iter.Seq2[Entry, error], checkpoints []Checkpoint, keys Keys, vault Vault,
) (Report, error) {
	c := comparison{vault: vault}
	return verify(entries, checkpoints, keys,
		func(v *verification, e Entry) error {
			for _, r := range e.References() {
				if r.Kept == "" {
					v.report.Unkept++
					continue
				}
				c.waiting = append(c.waiting, cited{sequence: e.Sequence, Reference: r})
			}
			if len(c.waiting) < vaultBatch {
				return nil
			}
			return c.compare(ctx, v)
		},
		func(v *verification) error { return c.compare(ctx, v) })
}

// comparison gathers references until there are enough to ask for.
type comparison struct {
	vault   Vault
	waiting []cited
}

type cited struct {
	Reference

	sequence int64
}

func (c *comparison) compare(ctx context.Context, v *verification) error {
	if len(c.waiting) == 0 {
		return nil
	}
	asked := make(map[Kept]bool, len(c.waiting))
	for _, r := range c.waiting {
		asked[Kept{As: r.Kept, ID: r.ID}] = true
	}
	found, err := c.vault.Digests(ctx, slices.Collect(maps.Keys(asked)))
	if err != nil {
		return fmt.Errorf("read what the entries up to %d refer to: %w", v.report.Head.Sequence, err)
	}
	for _, r := range c.waiting {
		v.report.Compared++
		switch got, ok := found[Kept{As: r.Kept, ID: r.ID}]; {
		case !ok:
			v.find(FindingEvidenceMissing, r.sequence, fmt.Sprintf("%s: the %s %s is not there any more", r.Name, r.Kept, r.ID))
		case got != r.Digest:
			v.find(FindingEvidenceChanged, r.sequence, fmt.Sprintf("%s: the %s %s has digest %s, not %s", r.Name, r.Kept, r.ID, got, r.Digest))
		}
	}
	c.waiting = c.waiting[:0]
	return nil
}
