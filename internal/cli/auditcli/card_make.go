package auditcli

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/spf13/cobra"

	"github.com/remote-issuance/remote-issuance/internal/audit"
	"github.com/remote-issuance/remote-issuance/internal/ca"
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
	evidence, err := made.Canonical()
	if err != nil {
		return err
	}
	_, err = postgres.NewAudit(s.Pool).Append(ctx, audit.Event{
		At: clock.Now(), Actor: audit.Actor{Kind: audit.ActorOperator, ID: account}, Action: audit.ActionCardMade, OrderID: made.OrderID,
		Evidence: audit.Evidence{"card": audit.Digest(evidence)},
	})
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
		Log: log, Documents: postgres.NewDocuments(s.Pool), Certificate: certificateOf(s), Trust: trust, Keys: v.Keys,
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
	found, err := v.Verify(made)
	if err == nil && !found.Good {
		err = fmt.Errorf("no card is made of what does not prove it: %s", strings.Join(found.Reasons, "; "))
	}
	return made, err
}

func certificateOf(s *operator.Session) func(context.Context, order.ID) ([]byte, error) {
	return func(ctx context.Context, id order.ID) ([]byte, error) {
		_, der, err := postgres.NewCertificateStore(s.Pool).Find(ctx, id.String())
		if errors.Is(err, ca.ErrNotReserved) {
			return nil, card.ErrNotIssued
		}
		return der, err
	}
}
