package renewcli

import (
	"context"
	"errors"
	"fmt"
	"io"
	"time"

	"github.com/remote-issuance/remote-issuance/internal/admission"
	"github.com/remote-issuance/remote-issuance/internal/cli/requestcli"
	"github.com/remote-issuance/remote-issuance/internal/order"
	"github.com/remote-issuance/remote-issuance/internal/payments"
	"github.com/remote-issuance/remote-issuance/internal/pki"
	"github.com/remote-issuance/remote-issuance/internal/pki/bpki"
	"github.com/remote-issuance/remote-issuance/internal/pki/path"
	"github.com/remote-issuance/remote-issuance/internal/renewal"
	"github.com/remote-issuance/remote-issuance/internal/renewal/client"
	"github.com/remote-issuance/remote-issuance/internal/stb/bign"
)

// renewing is one renewal on its way.
type renewing struct {
	options
	present bpki.Holder
	client  *client.Client
	// validator finds paths now, later those of a time to come, whose revocation nobody knows.
	validator, later *path.Validator
	dir              directory
	out              io.Writer
}

func (r renewing) renew(ctx context.Context) error {
	if der, done, err := r.dir.read(fileCertificate); err != nil {
		return err
	} else if done {
		return r.again(der)
	}
	s, err := r.client.Service(ctx)
	if err != nil {
		return err
	}
	container, sent, err := r.dir.read(fileRequest)
	if err != nil {
		return err
	}
	if !sent {
		// What stops here has made nothing.
		if err := r.accepted(s); err != nil {
			return err
		}
	}
	key, err := r.newKey(sent)
	if err != nil {
		return err
	}
	if !sent {
		if container, err = r.request(s, key); err != nil {
			return err
		}
	}
	if _, err := bpki.ParseEnvelope(container); err != nil {
		return r.dir.damaged(fileRequest, err)
	}
	certificate, err := r.await(ctx, s, container)
	if err != nil {
		return r.told(err)
	}
	return r.keep(certificate, key)
}

// again says that nothing is left to do.
func (r renewing) again(der []byte) error {
	certificate, err := pki.ParseCertificate(der)
	if err != nil {
		return r.dir.damaged(fileCertificate, err)
	}
	r.say("%s is there already: serial number %X", r.dir.path(fileCertificate), certificate.SerialNumber)
	return nil
}

// errTerms stops before anything is made.
var errTerms = errors.New("the terms have to be accepted")

func (r renewing) accepted(s client.Service) error {
	if r.inPortal || r.terms == s.Acceptance {
		return nil
	}
	r.say("user agreement, version %s: %s\npublic contract, version %s: %s\nRead both and accept them: --accept-terms %s",
		s.Agreement.Version, s.Agreement.URL, s.Contract.Version, s.Contract.URL, s.Acceptance)
	return errTerms
}

// newKey opens the new key, or makes it before anything is sent.
func (r renewing) newKey(sent bool) (*bign.PrivateKey, error) {
	passwordFile := r.newPassword
	if passwordFile == "" {
		passwordFile = r.password
	}
	_, made, err := r.dir.read(fileKey)
	switch {
	case err != nil:
		return nil, err
	case made:
		key, err := openKey(r.dir.path(fileKey), passwordFile)
		if errors.Is(err, bpki.ErrMalformed) {
			err = r.dir.damaged(fileKey, err)
		}
		return key, err
	case sent:
		return nil, fmt.Errorf("%s is gone: the certificate of this request cannot be opened without it", r.dir.path(fileKey))
	}
	password, err := readPassword(passwordFile)
	if err != nil {
		return nil, err
	}
	defer clear(password)
	key, err := bign.GenerateKey(r.present.Key.Curve(), nil)
	if err != nil {
		return nil, err
	}
	container, err := bpki.SealKey(key, password, bpki.Protection{})
	if err != nil {
		return nil, err
	}
	return key, r.dir.write(fileKey, container)
}

// request makes the request, signs it and keeps it before it is sent.
func (r renewing) request(s client.Service, key *bign.PrivateKey) ([]byte, error) {
	whole, err := pki.ParseCertificate(r.present.Certificate.Raw)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", r.certificate, err)
	}
	kind, _ := admission.KindOf(whole)
	now := r.client.Now()
	from, to := bpki.RenewalPeriod(now, startAfter(order.ServiceOf(kind), s.StartAfterDays), r.years)
	wanted := bpki.Renewal{Position: r.position, Unit: r.unit, NotBefore: from, NotAfter: to}
	info, err := r.statement()
	if err != nil {
		return nil, err
	}
	if info != "" {
		wanted.Challenge = &bpki.Challenge{Info: info}
	}
	csr, err := wanted.Request(r.present.Certificate, key)
	if err != nil {
		return nil, err
	}
	container, _, err := bpki.SealRequest(bpki.ContentSpawn, csr, r.present, s.Agent, now, nil)
	if err != nil {
		return nil, err
	}
	return container, r.dir.write(fileRequest, container)
}

// statement is what the request says besides the certificate's data.
func (r renewing) statement() (string, error) {
	st := renewal.Statement{Terms: r.terms, Email: r.email, Phone: r.phone}
	if r.payment != "" {
		var err error
		if st.Payment, err = payments.NormalizeNumber(r.payment); err != nil {
			return "", fmt.Errorf("--payment: %w", err)
		}
	}
	if r.email != "" {
		var err error
		if st.Email, err = order.ParseEmail(r.email); err != nil {
			return "", fmt.Errorf("--email: %w", err)
		}
	}
	if r.phone != "" {
		var err error
		if st.Phone, err = order.ParsePhone(r.phone); err != nil {
			return "", fmt.Errorf("--phone: %w", err)
		}
	}
	info := st.Info()
	if got, err := renewal.ParseStatement(info); err != nil || got != st {
		return "", errors.New("terms, e-mail and phone must be without blanks")
	}
	if info == "" {
		return "", nil
	}
	if _, err := (bpki.Challenge{Info: info}).Text(); err != nil {
		return "", errors.New("terms, e-mail, phone and payment do not fit in the 128 characters of a request: accept the terms in the portal and leave the contacts to it")
	}
	return info, nil
}

// await sends the request and asks for the certificate until it is there.
func (r renewing) await(ctx context.Context, s client.Service, container []byte) ([]byte, error) {
	id := bpki.RequestIDOf(container)
	answer, err := r.client.Spawn(ctx, s, container)
	var told client.Standing
	for err == nil && answer.Container == nil {
		if answer.Standing != told {
			told = answer.Standing
			r.standing(told)
		}
		select {
		case <-ctx.Done():
			return nil, ctx.Err()
		case <-time.After(answer.After):
		}
		answer, err = r.client.Retrieve(ctx, s, id)
	}
	return answer.Container, err
}

func (r renewing) standing(st client.Standing) {
	switch {
	case st.PaymentNumber != "":
		r.say("order %s: pay %s by %s in ERIP or by card in the portal, under the number %s", st.Number, st.PaymentTotal, st.PaymentDue, st.PaymentNumber)
	case st.Stage == string(order.StageAwaitingApproval):
		r.say("order %s: waits for the head of the organisation", st.Number)
	case st.Stage != "":
		r.say("order %s: %s", st.Number, st.Stage)
	}
}

// told prints what the service refuses for.
func (r renewing) told(err error) error {
	var rejected *client.RejectedError
	if !errors.As(err, &rejected) {
		return err
	}
	for _, comment := range rejected.Comments {
		r.say("refused: %s", comment)
	}
	r.say("Another request wants another directory for --out.")
	return requestcli.ErrVerdict
}

// keep verifies the certificate and writes it.
func (r renewing) keep(container []byte, key *bign.PrivateKey) error {
	opened, err := bpki.OpenCertificate(container, key)
	if err != nil {
		return err
	}
	certificate, err := pki.ParseCertificate(opened.Raw)
	if err != nil {
		return err
	}
	if err := r.verify(certificate); err != nil {
		return err
	}
	if err := r.dir.write(fileCertificate, certificate.Raw); err != nil {
		return err
	}
	r.say("%s: serial number %X, from %s to %s", r.dir.path(fileCertificate), certificate.SerialNumber,
		inMinsk(certificate.NotBefore), inMinsk(certificate.NotAfter))
	return nil
}

// verify checks the path, and that the certificate names whom the present one names.
func (r renewing) verify(certificate *pki.Certificate) error {
	at, validator := r.client.Now(), r.validator
	if certificate.NotBefore.After(at) {
		// Lists of then do not exist yet (I2: 6.0.01 begins in ten days).
		at, validator = certificate.NotBefore, r.later
	}
	if _, err := validator.Validate(certificate, at); err != nil {
		return fmt.Errorf("the new certificate: %w", err)
	}
	present, err := pki.ParseCertificate(r.present.Certificate.Raw)
	if err != nil {
		return err
	}
	was, is := present.Subject(), certificate.Subject()
	if was.PersonalNumber != is.PersonalNumber || was.UNP != is.UNP || was.Surname != is.Surname || was.GivenName != is.GivenName ||
		was.Organisation != is.Organisation {
		return errors.New("the new certificate names somebody else than the present one")
	}
	return nil
}

func inMinsk(t time.Time) string { return t.In(order.Minsk()).Format(time.DateTime) }

func (r renewing) say(format string, values ...any) {
	_, _ = fmt.Fprintf(r.out, format+"\n", values...)
}
