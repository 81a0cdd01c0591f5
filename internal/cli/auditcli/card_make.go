package auditcli

import (
	"context"
	"errors"
	"fmt"

	"github.com/spf13/cobra"

	"github.com/remote-issuance/remote-issuance/internal/audit"
	"github.com/remote-issuance/remote-issuance/internal/card"
	"github.com/remote-issuance/remote-issuance/internal/cli/operator"
	"github.com/remote-issuance/remote-issuance/internal/clock"
	"github.com/remote-issuance/remote-issuance/internal/order"
	"github.com/remote-issuance/remote-issuance/internal/postgres"
)

// make writes the card of an order, once it is found good.
func (f *cardFlags) make(cmd *cobra.Command, name string) error {
	account, err := f.account()
	if err != nil {
		return err
	}
	if f.trust == "" {
		return errors.New("name the directory with roots and intermediates: --trust DIR")
	}
	s, err := operator.Open(cmd.Context())
	if err != nil {
		return err
	}
	defer s.Close()
	id, err := s.Subject(cmd.Context(), name)
	if err != nil {
		return err
	}
	made, err := f.collect(cmd.Context(), s, id)
	if err != nil {
		return fmt.Errorf("order %s: %w", name, err)
	}
	pdf, err := card.PDF(made)
	if err != nil {
		return err
	}
	if err := recordCard(cmd.Context(), s, made, account); err != nil {
		return err
	}
	if err := writeNew(f.out, pdf, 0o600); err != nil {
		return err
	}
	operator.Printf(cmd, "card of order %d: %s", made.Number, f.out)
	return nil
}

func recordCard(ctx context.Context, s *operator.Session, made card.Card, account string) error {
	event, err := made.Made(audit.Actor{Kind: audit.ActorOperator, ID: account}, clock.Now())
	if err != nil {
		return err
	}
	_, err = postgres.NewAudit(s.Pool).Append(ctx, event)
	return err
}

// collect gathers a card and verifies it; a log that is not sealed over it so far
// is sealed now, where its key is at hand.
func (f *cardFlags) collect(ctx context.Context, s *operator.Session, id order.ID) (card.Card, error) {
	v, trust, err := f.verifier()
	if err != nil {
		return card.Card{}, err
	}
	own, err := publicKeys(s.Config)
	if err != nil {
		return card.Card{}, err
	}
	if v.Keys == nil {
		v.Keys = own
	}
	log := postgres.NewAudit(s.Pool)
	source := card.Source{
		Log: log, Documents: postgres.NewDocuments(s.Pool), Certificate: postgres.NewCertificateStore(s.Pool).Issued, Trust: trust, Keys: v.Keys,
	}
	made, err := source.Collect(ctx, id)
	if errors.Is(err, card.ErrNotSealed) {
		signer, noKey := signerOf(s.Config.Audit)
		if noKey != nil {
			return made, fmt.Errorf("%w; wait for the next checkpoint, or seal the log now: %w", err, noKey)
		}
		if _, _, err = audit.Seal(ctx, log, signer, clock.Now()); err == nil {
			made, err = source.Collect(ctx, id)
		}
	}
	if err != nil {
		return made, err
	}
	return made, v.Prove(made)
}
