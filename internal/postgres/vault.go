package postgres

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"reflect"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/remote-issuance/remote-issuance/internal/approval"
	"github.com/remote-issuance/remote-issuance/internal/audit"
	"github.com/remote-issuance/remote-issuance/internal/order"
	"github.com/remote-issuance/remote-issuance/internal/postgres/db"
)

// Vault computes digests of what the audit log refers to, from its content as
// it is now: it implements audit.Vault. Documents stay in the server; only the
// evidence of signatures and reports are read.
type Vault struct {
	pool *pgxpool.Pool
	// lists are revocation lists that were found as they were stored.
	lists map[order.ID]bool
}

// NewVault makes the vault of one verification.
func NewVault(pool *pgxpool.Pool) *Vault { return &Vault{pool: pool, lists: make(map[order.ID]bool)} }

// maxLists bounds what is remembered of revocation lists.
const maxLists = 10_000

// Digests computes the digests of what is kept; what is not there is left out.
// Evidence of a signature with a revocation list that has changed or is gone
// gives a text that names the list.
func (v *Vault) Digests(ctx context.Context, things []audit.Kept) (map[audit.Kept]string, error) {
	ids := make(map[audit.KeptAs][]uuid.UUID)
	for _, k := range things {
		// What is no identifier identifies nothing that is there.
		if id, err := order.ParseID(k.ID); err == nil {
			ids[k.As] = append(ids[k.As], uuid.UUID(id))
		}
	}
	d := digests{q: db.New(v.pool), vault: v, out: make(map[audit.Kept]string, len(things))}
	err := errors.Join(
		d.documents(ctx, ids[audit.KeptDocument]), d.messages(ctx, ids[audit.KeptMessage]),
		d.certificates(ctx, ids[audit.KeptCertificate]), d.requestReports(ctx, ids[audit.KeptFirstReport], ids[audit.KeptRegistersReport]),
		d.finalReports(ctx, ids[audit.KeptFinalReport]))
	if err != nil {
		return nil, fmt.Errorf("digests of what is kept: %w", err)
	}
	return d.out, nil
}

// digests is one answer of a vault.
type digests struct {
	q     *db.Queries
	vault *Vault
	out   map[audit.Kept]string
}

func (d digests) put(as audit.KeptAs, id uuid.UUID, digest string) {
	d.out[audit.Kept{As: as, ID: id.String()}] = digest
}

func (d digests) documents(ctx context.Context, ids []uuid.UUID) error {
	rows, err := d.q.ContentDigests(ctx, ids)
	if err != nil {
		return err
	}
	for _, row := range rows {
		digest := sha256Text(row.Digest)
		if row.Kind == string(order.DocumentEvidence) && row.MediaType == "application/json" {
			wrong, err := d.changedList(ctx, row.ID)
			if err != nil {
				return err
			}
			digest += wrong
		}
		d.put(audit.KeptDocument, row.ID, digest)
	}
	return nil
}

// changedList names the first revocation list of a signature's evidence that
// is not as it was stored; the id of each follows from its content.
func (d digests) changedList(ctx context.Context, id uuid.UUID) (string, error) {
	row, err := d.q.Document(ctx, id)
	if err != nil {
		return "", err
	}
	evidence, err := approval.ParseEvidence(row.Content)
	if err != nil {
		// Whatever it is: its digest tells whether it is what was stored.
		return "", nil //nolint:nilerr // see above
	}
	for _, text := range evidence.ListIDs {
		list, err := order.ParseID(text)
		if err != nil {
			return fmt.Sprintf(" (names no revocation list: %q)", text), nil
		}
		if d.vault.lists[list] {
			continue
		}
		switch crl, err := d.q.DocumentsByID(ctx, []uuid.UUID{uuid.UUID(list)}); {
		case err != nil:
			return "", err
		case len(crl) == 0:
			return " (its revocation list " + text + " is not there any more)", nil
		case order.RevocationListDocumentID(crl[0].Content) != list:
			return " (its revocation list " + text + " has changed)", nil
		}
		if len(d.vault.lists) < maxLists {
			d.vault.lists[list] = true
		}
	}
	return "", nil
}

func (d digests) messages(ctx context.Context, ids []uuid.UUID) error {
	rows, err := d.q.MessageDigests(ctx, ids)
	for _, row := range rows {
		d.put(audit.KeptMessage, row.ID, sha256Text(row.Digest))
	}
	return err
}

func (d digests) certificates(ctx context.Context, orders []uuid.UUID) error {
	rows, err := d.q.CertificateDigests(ctx, orders)
	for _, row := range rows {
		d.put(audit.KeptCertificate, row.OrderID, sha256Text(row.Digest))
	}
	return err
}

func (d digests) requestReports(ctx context.Context, first, registers []uuid.UUID) error {
	rows, err := d.q.RequestReports(ctx, append(first, registers...))
	for _, row := range rows {
		d.put(audit.KeptFirstReport, row.ID, reportDigest(row.Report))
		d.put(audit.KeptRegistersReport, row.ID, reportDigest(row.Registers))
	}
	return err
}

func (d digests) finalReports(ctx context.Context, orders []uuid.UUID) error {
	rows, err := d.q.FinalReports(ctx, orders)
	for _, row := range rows {
		d.put(audit.KeptFinalReport, row.ID, reportDigest(row.Report))
	}
	return err
}

// reportDigest is the digest of a stored report, or of its octets when it says
// anything that a report does not: what a reader would pass over counts too.
func reportDigest(stored []byte) string {
	var report order.Report
	if json.Unmarshal(stored, &report) != nil {
		return audit.Digest(stored)
	}
	said, err := json.Marshal(reportOrEmpty(report))
	var is, should any
	if err != nil || json.Unmarshal(stored, &is) != nil || json.Unmarshal(said, &should) != nil || !reflect.DeepEqual(is, should) {
		return audit.Digest(stored)
	}
	return report.Digest()
}
