// Package renewcli holds the command by which a program of the applicant renews a
// certificate over STB 34.101.78.
package renewcli

import (
	"context"
	"errors"
	"fmt"
	"io"
	"time"

	"github.com/spf13/cobra"

	"github.com/remote-issuance/remote-issuance/internal/order"
	"github.com/remote-issuance/remote-issuance/internal/pki/bpki"
	"github.com/remote-issuance/remote-issuance/internal/pki/path"
	"github.com/remote-issuance/remote-issuance/internal/renewal/client"
)

// options are the flags of "renew".
type options struct {
	key, certificate, password, newPassword, server, trust, revocation, out string
	terms, email, phone, payment, position, unit, language                  string
	inPortal                                                                bool
	years                                                                   int
	wait                                                                    time.Duration
}

const long = `Orders the next certificate with the present one, over the national protocol STB 34.101.78: makes a new key, signs
the request with the present key, sends it, says how to pay, waits for the certificate, verifies and stores it.

In the directory of --out it makes new.key (a container like that of --key, under the same password unless
--new-password-file names another), request.cms and at the end new.cer, each once and with mode 0600. Stopped at any
time, the same command goes on where it was: the same request is the same order. Nothing is ever deleted or written
over; another order wants another directory.

Agreement and contract have to be accepted, with --accept-terms or before in the portal (--accepted-in-portal);
without either the command says which versions are on offer and where to read them. Exit code 1: the service refuses.`

// Command is "renew".
func Command() *cobra.Command {
	var o options
	cmd := &cobra.Command{
		Use: "renew", Short: "Order the next certificate with the present one (STB 34.101.78)", Long: long, Args: cobra.NoArgs, SilenceUsage: true,
		RunE: func(cmd *cobra.Command, _ []string) error {
			ctx := cmd.Context()
			if o.wait > 0 {
				var cancel context.CancelFunc
				ctx, cancel = context.WithTimeout(ctx, o.wait)
				defer cancel()
			}
			return o.run(ctx, cmd.OutOrStdout(), cmd.ErrOrStderr())
		},
	}
	f := cmd.Flags()
	f.StringVar(&o.key, "key", "", "container of the present key (STB 34.101.78)")
	f.StringVar(&o.certificate, "certificate", "", "file of the present certificate")
	f.StringVar(&o.password, "password-file", "", "file with the password of the container")
	f.StringVar(&o.newPassword, "new-password-file", "", "file with the password of the new container (default that of --password-file)")
	f.StringVar(&o.server, "server", "http://localhost:8080", "address of the service")
	f.StringVar(&o.trust, "trust", "", "directory of root and intermediate certificates and revocation lists")
	f.StringVar(&o.revocation, "revocation", "leaf", "whose revocation must be known: leaf, all, off")
	f.StringVar(&o.out, "out", "", "directory for the new key, the request and the new certificate")
	f.IntVar(&o.years, "years", 1, "term in years")
	f.StringVar(&o.terms, "accept-terms", "", "versions of agreement and contract that are accepted, as AGREEMENT/CONTRACT")
	f.BoolVar(&o.inPortal, "accepted-in-portal", false, "the terms were accepted for the draft in the portal")
	f.StringVar(&o.email, "email", "", "e-mail for the order (default that of the last one)")
	f.StringVar(&o.phone, "phone", "", "mobile phone for the order (default that of the last one)")
	f.StringVar(&o.payment, "payment", "", "number of a payment for an earlier order of 6.0.00 that could not take it")
	f.StringVar(&o.position, "position", "", "another position than the certificate's (6.0.01)")
	f.StringVar(&o.unit, "unit", "", "another unit than the certificate's (6.0.01)")
	f.StringVar(&o.language, "language", "en", "language of the service's refusals: ru, be, en")
	f.DurationVar(&o.wait, "wait", 0, "how long to wait for the certificate, such as 10m (default until stopped)")
	for _, name := range []string{"key", "certificate", "password-file", "trust", "out"} {
		_ = cmd.MarkFlagRequired(name)
	}
	cmd.MarkFlagsMutuallyExclusive("accept-terms", "accepted-in-portal")
	return cmd
}

// run renews: from whatever is in the directory to the certificate.
func (o options) run(ctx context.Context, out, warnings io.Writer) error {
	h, err := o.holder()
	if err != nil {
		return err
	}
	v, later, err := o.validators(warnings)
	if err != nil {
		return err
	}
	c, err := client.New(o.server, v, func(text string) { _, _ = fmt.Fprintln(warnings, text) })
	if err != nil {
		return fmt.Errorf("--server: %w", err)
	}
	c.Language = o.language
	r := renewing{options: o, present: h, client: c, dir: directory(o.out), out: out, validator: v, later: later}
	err = r.renew(ctx)
	if errors.Is(err, context.DeadlineExceeded) || errors.Is(err, context.Canceled) {
		return fmt.Errorf("not finished; the same command goes on: %w", err)
	}
	return err
}

// holder reads the present certificate and its key.
func (o options) holder() (bpki.Holder, error) {
	certificate, err := readCertificate(o.certificate)
	if err != nil {
		return bpki.Holder{}, err
	}
	var h bpki.Holder
	if h.Certificate, err = bpki.ParseCertificate(certificate.Raw); err != nil {
		return h, fmt.Errorf("%s: %w", o.certificate, err)
	}
	if h.Key, err = openKey(o.key, o.password); err != nil {
		return h, err
	}
	if !h.Certificate.PublicKey.Equal(h.Key.Public()) {
		return h, fmt.Errorf("%s is not the key of %s", o.key, o.certificate)
	}
	return h, nil
}

func (o options) validators(warnings io.Writer) (now, later *path.Validator, err error) {
	mode, ok := map[string]path.Revocation{
		"leaf": path.RevocationLeaf, "all": path.RevocationAll, "off": path.RevocationOff,
	}[o.revocation]
	if !ok {
		return nil, nil, fmt.Errorf("--revocation %q: want leaf, all or off", o.revocation)
	}
	trust, err := path.LoadTrust(o.trust)
	if err != nil {
		return nil, nil, err
	}
	for _, s := range trust.Skipped {
		_, _ = fmt.Fprintf(warnings, "not used: %s: %v\n", s.File, s.Err)
	}
	return path.NewValidator(trust, path.Options{Revocation: mode}), path.NewValidator(trust, path.Options{Revocation: path.RevocationOff}), nil
}

// startAfter is how many days after today the certificate begins (S5).
func startAfter(service order.Service, days int) int {
	if service.NeedsApproval() {
		return days
	}
	return 0
}
