package notify

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"net/mail"
	"strings"
	"time"

	gomail "github.com/wneessen/go-mail"

	"github.com/remote-issuance/remote-issuance/internal/mailbox"
)

// TLSPolicy tells when a connection to the mail server is encrypted.
type TLSPolicy string

// The policies.
const (
	// TLSMandatory refuses a server without STARTTLS.
	TLSMandatory TLSPolicy = "mandatory"
	// TLSOpportunistic encrypts where the server can.
	TLSOpportunistic TLSPolicy = "opportunistic"
	// TLSImplicit speaks TLS from the first byte (port 465).
	TLSImplicit TLSPolicy = "implicit"
	// TLSNone never encrypts: for a server on the same machine.
	TLSNone TLSPolicy = "none"
)

// MailOptions configure the mail server and the sender's address.
type MailOptions struct {
	Host string
	// Port is 25, 465 or 587 usually.
	Port int
	TLS  TLSPolicy
	// TLSConfig may be nil: the host's name is verified against the system's roots.
	TLSConfig *tls.Config
	// Username is empty where the server wants no authentication.
	Username string
	Password string
	// From is the sender's address; FromName is shown with it.
	From     string
	FromName string
	// Reach is which addresses the server delivers to.
	Reach mailbox.Reach
	// Timeout limits connecting and each exchange; zero is 15 seconds.
	Timeout time.Duration
}

// Mail sends messages over SMTP, as text and HTML alternatives. The Message-ID is
// made from the notice's id, so that a message sent twice, after an answer that
// never reached us, is the same message to the reader's mail program.
type Mail struct {
	o      MailOptions
	domain string
}

// NewMail checks the options; it connects only to send.
func NewMail(o MailOptions) (*Mail, error) {
	from, err := mail.ParseAddress(o.From)
	if err != nil || from.Name != "" {
		return nil, errors.New("mail: the sender is not a bare address")
	}
	if o.From, err = o.Reach.Wire(from.Address); err != nil {
		return nil, fmt.Errorf("mail: the sender: %w", err)
	}
	o.FromName = oneLine(o.FromName)
	switch o.TLS {
	case TLSMandatory, TLSOpportunistic, TLSImplicit, TLSNone:
	default:
		return nil, fmt.Errorf("mail: TLS policy %q is none of mandatory, opportunistic, implicit, none", o.TLS)
	}
	if o.Timeout == 0 {
		o.Timeout = 15 * time.Second
	}
	m := &Mail{o: o, domain: o.From[strings.LastIndex(o.From, "@")+1:]}
	if _, err := m.client(); err != nil {
		return nil, fmt.Errorf("mail: options: %w", err)
	}
	return m, nil
}

func (m *Mail) client() (*gomail.Client, error) {
	options := []gomail.Option{gomail.WithPort(m.o.Port), gomail.WithTimeout(m.o.Timeout)}
	switch m.o.TLS {
	case TLSMandatory:
		options = append(options, gomail.WithTLSPolicy(gomail.TLSMandatory))
	case TLSOpportunistic:
		options = append(options, gomail.WithTLSPolicy(gomail.TLSOpportunistic))
	case TLSImplicit:
		options = append(options, gomail.WithSSL())
	case TLSNone:
		options = append(options, gomail.WithTLSPolicy(gomail.NoTLS))
	}
	if m.o.TLSConfig != nil {
		options = append(options, gomail.WithTLSConfig(m.o.TLSConfig))
	}
	if m.o.Username != "" {
		options = append(options, gomail.WithSMTPAuth(gomail.SMTPAuthAutoDiscover),
			gomail.WithUsername(m.o.Username), gomail.WithPassword(m.o.Password))
	}
	return gomail.NewClient(m.o.Host, options...)
}

// Send implements Sender. The provider's id is the Message-ID.
func (m *Mail) Send(ctx context.Context, e Envelope) (string, error) {
	msg, err := m.message(e)
	if err != nil {
		return "", err
	}
	client, err := m.client()
	if err != nil {
		return "", errors.New("mail: the options do not make a client")
	}
	if err := client.DialWithContext(ctx); err != nil {
		return "", dialFailure(err)
	}
	err = client.Send(msg)
	// What follows the acceptance (RSET, QUIT) may fail: the message is out.
	_ = client.Close()
	if err != nil && !msg.IsDelivered() {
		return "", sendFailure(err)
	}
	return msg.GetMessageID(), nil
}

func (m *Mail) message(e Envelope) (*gomail.Msg, error) {
	msg := gomail.NewMsg(gomail.WithNoDefaultUserAgent())
	if err := msg.FromFormat(m.o.FromName, m.o.From); err != nil {
		return nil, errors.New("mail: the sender's address is not accepted")
	}
	to, err := mail.ParseAddress(e.To)
	if err != nil || to.Name != "" {
		return nil, fmt.Errorf("mail: %w: not an address", ErrPermanent)
	}
	// A-labels are understood by servers with and without SMTPUTF8.
	wire, err := m.o.Reach.Wire(to.Address)
	if err != nil {
		return nil, fmt.Errorf("mail: %w: %w", ErrPermanent, err)
	}
	if err := msg.To(wire); err != nil {
		return nil, fmt.Errorf("mail: %w: not an address", ErrPermanent)
	}
	msg.Subject(oneLine(e.Message.Subject))
	msg.SetMessageIDWithValue(e.ID.String() + "@" + m.domain)
	msg.SetDate()
	// RFC 3834: keeps holiday answers from coming back.
	msg.SetGenHeader("Auto-Submitted", "auto-generated")
	if e.Language != "" {
		msg.SetGenHeader("Content-Language", string(e.Language))
	}
	msg.SetBodyString(gomail.TypeTextPlain, e.Message.Text)
	msg.AddAlternativeString(gomail.TypeTextHTML, e.Message.HTML)
	return msg, nil
}
