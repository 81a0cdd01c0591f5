package demo

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"time"

	"github.com/remote-issuance/remote-issuance/dev/authority"
	"github.com/remote-issuance/remote-issuance/dev/inbox"
	"github.com/remote-issuance/remote-issuance/internal/order"
	"github.com/remote-issuance/remote-issuance/internal/pki"
	"github.com/remote-issuance/remote-issuance/internal/pki/path"
)

// deliver reads login and password out of letter and SMS, fetches the certificate with them, writes and verifies it.
func (d *demo) deliver(ctx context.Context, o *sample) error {
	id := o.holder.ID
	var login, password string
	if err := d.step(id+": login came by e-mail, password by SMS", func() (err error) {
		login, password, err = AwaitCredentials(ctx, d.stack.Inbox(), o.holder.Subject.Email, o.holder.Phone, o.order.Number)
		return err
	}); err != nil {
		return err
	}
	file := filepath.Join(d.dir, id+".cer")
	if err := d.step(id+": certificate downloaded to "+file, func() (err error) {
		if o.certificate, err = o.caller.Fetch(ctx, login, password, "cer"); err != nil {
			return err
		}
		return os.WriteFile(file, o.certificate, 0o644)
	}); err != nil {
		return err
	}
	return d.verify(ctx, o)
}

// verify holds the certificate against the trust of its family, as of its first hour: an employee's begins in ten days (I2).
func (d *demo) verify(ctx context.Context, o *sample) error {
	certificate, err := pki.ParseCertificate(o.certificate)
	if err != nil {
		return err
	}
	at := certificate.NotBefore.Add(time.Hour)
	if o.holder.Family == authority.ECDSA {
		file := filepath.Join(d.dir, o.holder.ID+".pem")
		if err := os.WriteFile(file, pki.EncodeCertificates(certificate), 0o644); err != nil {
			return err
		}
		trusted := d.stack.Authorities().BundleFile(authority.ECDSA)
		name := fmt.Sprintf("%s: openssl verify -attime %d -CAfile %s %s accepts it", o.holder.ID, at.Unix(), trusted, file)
		if err := d.step(name, func() error { return VerifyWithOpenSSL(ctx, trusted, file, at) }); err != nil {
			return err
		}
	}
	name := fmt.Sprintf("%s: path and revocation list are good, valid %s to %s", o.holder.ID, order.DateOf(certificate.NotBefore),
		order.DateOf(certificate.NotAfter))
	return d.step(name, func() error {
		trust, err := path.LoadTrust(d.stack.Authorities().TrustDir())
		if err != nil {
			return err
		}
		_, err = path.NewValidator(trust, path.Options{Revocation: path.RevocationAll}).Validate(certificate, at)
		return err
	})
}

var (
	loginShape    = regexp.MustCompile(`RC-[0-9A-Z]{4}-[0-9A-Z]{4}`)
	passwordShape = regexp.MustCompile(`[0-9A-Z]{4}(?:-[0-9A-Z]{4}){3}`)
)

// AwaitCredentials waits for the login in a letter and the password in an SMS about an order.
func AwaitCredentials(ctx context.Context, box *inbox.Server, email, phone, number string) (login, password string, err error) {
	about := regexp.MustCompile(`\b` + regexp.QuoteMeta(number) + `\b`)
	find := func(to string, channel inbox.Channel, shape *regexp.Regexp) string {
		for _, m := range box.Messages(to, channel) {
			if found := shape.FindString(m.Text); found != "" && about.MatchString(m.Subject+" "+m.Text) {
				return found
			}
		}
		return ""
	}
	poll := time.NewTicker(20 * time.Millisecond)
	defer poll.Stop()
	for {
		login, password = find(email, inbox.Mail, loginShape), find(phone, inbox.SMS, passwordShape)
		if login != "" && password != "" {
			return login, password, nil
		}
		select {
		case <-ctx.Done():
			return "", "", errors.Join(ctx.Err(), fmt.Errorf("login came: %t, password came: %t", login != "", password != ""))
		case <-poll.C:
		}
	}
}
