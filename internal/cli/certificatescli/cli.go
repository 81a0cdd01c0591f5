// Package certificatescli holds the commands that look at issued certificates
// and revoke them.
package certificatescli

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/remote-issuance/remote-issuance/internal/ca"
	"github.com/remote-issuance/remote-issuance/internal/cli/operator"
	"github.com/remote-issuance/remote-issuance/internal/clock"
	"github.com/remote-issuance/remote-issuance/internal/order"
	"github.com/remote-issuance/remote-issuance/internal/pki"
	"github.com/remote-issuance/remote-issuance/internal/postgres"
)

// Commands is "certificates".
func Commands() []*cobra.Command {
	return []*cobra.Command{operator.Group("certificates", "Look at issued certificates and revoke them",
		showCommand(), revokeCommand(), orphansCommand())}
}

// view is a certificate as programs read it.
type view struct {
	SerialNumber string     `json:"serialNumber"`
	Issuer       string     `json:"issuer"`
	Order        string     `json:"order"`
	OrderID      string     `json:"orderId"`
	KeyID        string     `json:"keyId"`
	State        string     `json:"state"`
	NotBefore    time.Time  `json:"notBefore"`
	NotAfter     time.Time  `json:"notAfter"`
	IssuedAt     *time.Time `json:"issuedAt,omitempty"`
	ActivatedAt  *time.Time `json:"activatedAt,omitempty"`
	RevokedAt    *time.Time `json:"revokedAt,omitempty"`
	// Certificate is DER.
	Certificate []byte `json:"certificate,omitempty"`
}

func viewOf(c postgres.CertificateView, at time.Time) view {
	v := view{
		SerialNumber: c.SerialNumber, Issuer: c.Issuer, OrderID: c.OrderID.String(), KeyID: c.KeyID, State: "in force",
		NotBefore: c.NotBefore, NotAfter: c.NotAfter, Certificate: c.DER,
		IssuedAt: optional(c.IssuedAt), ActivatedAt: optional(c.ActivatedAt), RevokedAt: optional(c.RevokedAt),
	}
	switch {
	case c.DER == nil:
		v.State = "reserved, not signed yet"
	case !c.RevokedAt.IsZero():
		v.State = "revoked"
	case at.After(c.NotAfter):
		v.State = "ended"
	case at.Before(c.NotBefore):
		v.State = "not in force yet"
	}
	return v
}

func optional(t time.Time) *time.Time {
	if t.IsZero() {
		return nil
	}
	return &t
}

func showCommand() *cobra.Command {
	var asJSON bool
	cmd := &cobra.Command{
		Use: "show SERIAL", Short: "Show what is known of a certificate", Args: cobra.ExactArgs(1),
		RunE: operator.Run(func(cmd *cobra.Command, args []string, s *operator.Session) error {
			serial, err := ca.ParseSerial(strings.ReplaceAll(args[0], ":", ""))
			if err != nil {
				return err
			}
			found, err := postgres.NewCertificateStore(s.Pool).WithSerial(cmd.Context(), serial)
			if err != nil {
				return err
			}
			if len(found) == 0 {
				return ca.ErrUnknownCertificate
			}
			views := make([]view, 0, len(found))
			for _, c := range found {
				v := viewOf(c, clock.Now())
				if v.Order, err = number(cmd, s, c.OrderID); err != nil {
					return err
				}
				views = append(views, v)
			}
			if asJSON {
				return operator.PrintJSON(cmd.OutOrStdout(), views)
			}
			for _, v := range views {
				v.tell(cmd)
			}
			return nil
		}),
	}
	cmd.Flags().BoolVar(&asJSON, "json", false, "print as JSON, with the certificate")
	return cmd
}

// number is what people call an order; its id where nothing is known of it.
func number(cmd *cobra.Command, s *operator.Session, id order.ID) (string, error) {
	n, err := postgres.NewSubjects(s.Pool).Number(cmd.Context(), id)
	if errors.Is(err, order.ErrNotFound) {
		return id.String(), nil
	}
	return strconv.FormatInt(n, 10), err
}

func (v view) tell(cmd *cobra.Command) {
	operator.Printf(cmd, "certificate %s of issuer %s: %s", v.SerialNumber, v.Issuer, v.State)
	operator.Printf(cmd, "  order      %s", v.Order)
	operator.Printf(cmd, "  key        %s", v.KeyID)
	operator.Printf(cmd, "  valid      %s - %s", operator.Stamp(v.NotBefore), operator.Stamp(v.NotAfter))
	for _, line := range []struct {
		name string
		at   *time.Time
	}{{"issued", v.IssuedAt}, {"activated", v.ActivatedAt}, {"revoked", v.RevokedAt}} {
		if line.at != nil {
			operator.Printf(cmd, "  %-10s %s", line.name, operator.Stamp(*line.at))
		}
	}
}

// reasons are those for which a person's certificate is revoked, by the names
// of RFC 5280 in kebab case.
func reasons() map[string]pki.Reason {
	return map[string]pki.Reason{
		"unspecified": pki.ReasonUnspecified, "key-compromise": pki.ReasonKeyCompromise,
		"affiliation-changed": pki.ReasonAffiliationChanged, "superseded": pki.ReasonSuperseded,
		"cessation-of-operation": pki.ReasonCessationOfOperation, "privilege-withdrawn": pki.ReasonPrivilegeWithdrawn,
	}
}

func revokeCommand() *cobra.Command {
	var issuer, reason string
	names := strings.Join(slices.Sorted(maps.Keys(reasons())), ", ")
	cmd := &cobra.Command{
		Use: "revoke SERIAL --issuer NAME --reason REASON", Short: "Revoke a certificate for good", Args: cobra.ExactArgs(1),
		Long: "Revokes a certificate for good. The workers publish a revocation list with it within seconds; it is not taken back.",
	}
	cmd.Flags().StringVar(&issuer, "issuer", "", "name of the issuer: its folder in CA_DIR")
	cmd.Flags().StringVar(&reason, "reason", "", names)
	account := operator.AccountFlag(cmd)
	cmd.RunE = operator.Run(func(cmd *cobra.Command, args []string, s *operator.Session) error {
		why, known := reasons()[reason]
		if !known || issuer == "" {
			return fmt.Errorf("want --issuer and --reason, one of: %s", names)
		}
		by, err := account()
		if err != nil {
			return err
		}
		serial, err := ca.ParseSerial(strings.ReplaceAll(args[0], ":", ""))
		if err != nil {
			return err
		}
		r, err := ca.NewRevocation(issuer, serial, why, clock.Now())
		if err != nil {
			return err
		}
		r.By = by
		return revoke(cmd, postgres.NewCertificateStore(s.Pool), r)
	})
	return cmd
}

func revoke(cmd *cobra.Command, store *postgres.CertificateStore, r ca.Revocation) error {
	before, err := store.BySerial(cmd.Context(), r.Issuer, r.Serial)
	if err != nil {
		return err
	}
	if !before.RevokedAt.IsZero() {
		operator.Printf(cmd, "certificate %s of issuer %s was revoked at %s already", r.Serial, r.Issuer, operator.Stamp(before.RevokedAt))
		return nil
	}
	if err := store.Revoke(cmd.Context(), r); err != nil {
		return err
	}
	operator.Printf(cmd, "certificate %s of issuer %s is revoked: %s", r.Serial, r.Issuer, r.Reason)
	return nil
}

// maxOrphans is how many orphans are listed at most.
const maxOrphans = 1000

// errAge is returned for an age that would list what is under way.
var errAge = errors.New("--older: want at least 1s")

func orphansCommand() *cobra.Command {
	var older time.Duration
	cmd := &cobra.Command{
		Use: "orphans", Short: "List certificates that were reserved and never signed", Args: cobra.NoArgs,
		Long: "Lists certificates that were reserved and never signed. Workers finish them by themselves after ORPHAN_AFTER; one that\n" +
			"stays here has an issuer that cannot sign: look into the workers' log.",
		RunE: operator.Run(func(cmd *cobra.Command, _ []string, s *operator.Session) error {
			if older < time.Second {
				return errAge
			}
			found, err := postgres.NewCertificateStore(s.Pool).Orphans(cmd.Context(), clock.Now().Add(-older), maxOrphans)
			if err != nil {
				return err
			}
			for _, stored := range found {
				p := stored.Prepared()
				id, err := order.ParseID(p.OrderID)
				if err != nil {
					return err
				}
				of, err := number(cmd, s, id)
				if err != nil {
					return err
				}
				operator.Printf(cmd, "order %s: serial %s of issuer %s, valid %s - %s", of, p.Serial, p.Issuer, operator.Stamp(p.NotBefore), operator.Stamp(p.NotAfter))
			}
			operator.Printf(cmd, "%d orphans older than %s", len(found), older)
			return nil
		}),
	}
	cmd.Flags().DurationVar(&older, "older", time.Minute, "age of the reservation")
	return cmd
}
