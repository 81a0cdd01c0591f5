package auditcli

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"strconv"
	"time"

	"github.com/spf13/cobra"

	"github.com/remote-issuance/remote-issuance/internal/approval"
	"github.com/remote-issuance/remote-issuance/internal/audit"
	"github.com/remote-issuance/remote-issuance/internal/cli/operator"
	"github.com/remote-issuance/remote-issuance/internal/clock"
	"github.com/remote-issuance/remote-issuance/internal/order"
	"github.com/remote-issuance/remote-issuance/internal/pki"
	"github.com/remote-issuance/remote-issuance/internal/pki/path"
	"github.com/remote-issuance/remote-issuance/internal/postgres"
)

type approvalFlags struct {
	file   string
	export string
	trust  string
	keys   []string
	within time.Duration
	json   bool
}

func approvalCommand() *cobra.Command {
	var f approvalFlags
	cmd := &cobra.Command{
		Use: "approval [ORDER | CONFIRMATION]", Short: "Verify a manager's approval again, or export it for verifying it elsewhere",
		Long: "Verifies a stored approval with everything it was verified against at first: the exact list, the signature, the\n" +
			"certificates and the revocation lists of then, at the instant that its entry in the audit log bears. It is good only under\n" +
			"roots of your own, given with --trust: an approval proves nothing about its own roots. With --export all of it is written\n" +
			"to a file, with the entry and the signed checkpoint that covers it; with --file such a file is verified without a database\n" +
			"and without a network, and is good only under the log's public key, given with --checkpoint-key: without it nothing tells\n" +
			"when the approval was made. ORDER is a number (123), CONFIRMATION a payment number (NOAIS000000123); both may be an id.",
		Args: cobra.MaximumNArgs(1),
		RunE: f.run,
	}
	cmd.Flags().StringVar(&f.file, "file", "", "verify this exported file instead of a stored approval")
	cmd.Flags().StringVar(&f.export, "export", "", "write the approval with all it needs to this file")
	cmd.Flags().StringVar(&f.trust, "trust", "", "directory with the roots you trust")
	cmd.Flags().StringSliceVar(&f.keys, "checkpoint-key", nil, "public keys of the audit log: *.pub.pem")
	cmd.Flags().DurationVar(&f.within, "sealed-within", audit.SealedWithin, "how long after the approval its checkpoint may have been signed")
	cmd.Flags().BoolVar(&f.json, "json", false, "print the result as JSON")
	return cmd
}

func (f *approvalFlags) run(cmd *cobra.Command, args []string) error {
	if (f.file == "") == (len(args) == 0) || f.file != "" && f.export != "" {
		return errors.New("name an order or a confirmation, or a file with --file")
	}
	roots, err := f.roots()
	if err != nil {
		return err
	}
	var bundle approval.Bundle
	var when timing
	if f.file != "" {
		bundle, when, err = f.fromFile()
	} else {
		bundle, when, err = f.fromDatabase(cmd.Context(), args[0])
	}
	if err != nil {
		return err
	}
	found, err := examine(bundle, roots, when)
	if err != nil {
		return err
	}
	return conclude(cmd, f.json, found, found.Good, func() { found.tell(cmd) })
}

// roots are those that the verifier trusts; none without --trust.
func (f *approvalFlags) roots() ([]*pki.Certificate, error) {
	if f.trust == "" {
		return nil, nil
	}
	trust, err := path.LoadTrust(f.trust)
	if err != nil {
		return nil, err
	}
	if len(trust.Roots) == 0 {
		return nil, fmt.Errorf("%s: no root certificate in it", f.trust)
	}
	return trust.Roots, nil
}

func (f *approvalFlags) fromFile() (approval.Bundle, timing, error) {
	data, err := os.ReadFile(f.file)
	if err != nil {
		return approval.Bundle{}, timing{}, err
	}
	bundle, err := approval.ParseBundle(data)
	if err != nil {
		return approval.Bundle{}, timing{}, err
	}
	keys, err := readKeys(f.keys)
	if err != nil {
		return approval.Bundle{}, timing{}, err
	}
	return bundle, timeOfFile(bundle, keys, f.within), nil
}

func (f *approvalFlags) fromDatabase(ctx context.Context, text string) (approval.Bundle, timing, error) {
	s, err := operator.Open(ctx)
	if err != nil {
		return approval.Bundle{}, timing{}, err
	}
	defer s.Close()
	bundle, of, err := stored(ctx, s, text)
	if err != nil {
		return approval.Bundle{}, timing{}, err
	}
	keys, err := publicKeys(s.Config)
	if err != nil {
		return approval.Bundle{}, timing{}, err
	}
	more, err := readKeys(f.keys)
	if err != nil {
		return approval.Bundle{}, timing{}, err
	}
	for id, key := range more {
		keys[id] = key
	}
	when, err := timeInDatabase(ctx, postgres.NewAudit(s.Pool), bundle, keys, f.within)
	when.order = of
	if err != nil || f.export == "" {
		return bundle, when, err
	}
	return bundle, when, f.write(ctx, s, bundle, when, keys)
}

// write exports a bundle with the proof of its entry; a log that is not sealed
// so far is sealed now, where its key is at hand.
func (f *approvalFlags) write(ctx context.Context, s *operator.Session, bundle approval.Bundle, when timing, keys audit.Keys) error {
	if when.entry.Sequence == 0 {
		return errors.New("not exported: the audit log has no entry of the approval")
	}
	bundle.Audit = when.proof
	if bundle.Audit == nil {
		signer, err := signerOf(s.Config.Audit)
		if err != nil {
			return fmt.Errorf("not exported: no checkpoint covers the approval yet; wait for the next one, or seal the log now: %w", err)
		}
		log := postgres.NewAudit(s.Pool)
		if _, _, err := audit.Seal(ctx, log, signer, clock.Now()); err != nil {
			return err
		}
		proof, sealed, err := log.Proof(ctx, when.entry.Sequence, keys)
		if err != nil || !sealed {
			return errors.Join(errors.New("not exported: the approval is not sealed"), err)
		}
		bundle.Audit = &proof
	}
	data, err := json.MarshalIndent(bundle, "", "  ")
	if err != nil {
		return err
	}
	return writeNew(f.export, data, 0o600)
}

// stored gathers the approval of a confirmation, or the one that an order was
// approved in: with P8 not the one in which it is paid. The second result is
// the number of the order, when one was named.
func stored(ctx context.Context, s *operator.Session, text string) (approval.Bundle, int64, error) {
	var of int64
	id, err := s.Subject(ctx, text)
	if err != nil {
		return approval.Bundle{}, of, err
	}
	entries, err := postgres.NewAudit(s.Pool).OrderEntries(ctx, id.String())
	if err != nil {
		return approval.Bundle{}, of, err
	}
	for _, e := range entries {
		if e.Action != audit.ActionApproved || e.Evidence["list"] == "" {
			continue
		}
		if of, err = strconv.ParseInt(e.Evidence["number"], 10, 64); err != nil {
			return approval.Bundle{}, of, fmt.Errorf("audit entry %d: number of the order: %w", e.Sequence, err)
		}
		if id, err = order.ParseID(e.Evidence["confirmation"]); err != nil {
			return approval.Bundle{}, of, fmt.Errorf("audit entry %d: confirmation: %w", e.Sequence, err)
		}
		break
	}
	// Prices are fixed long before: a tariff is not needed to read.
	c, err := postgres.NewConfirmations(s.Pool, order.Tariff{}).Confirmation(ctx, id)
	if err != nil {
		return approval.Bundle{}, of, fmt.Errorf("approval of %s: %w", text, err)
	}
	if c.SignatureID.IsZero() {
		return approval.Bundle{}, of, fmt.Errorf("confirmation %s is not signed", c.ID)
	}
	bundle, err := approval.StoredBundle(ctx, postgres.NewDocuments(s.Pool), approval.StoredIDs{
		Confirmation: c.ID, List: c.ListID, Signature: c.SignatureID, Certificate: c.CertificateID,
	})
	return bundle, of, err
}
