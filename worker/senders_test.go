package worker

import (
	"log/slog"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/remote-issuance/remote-issuance/internal/config"
	"github.com/remote-issuance/remote-issuance/internal/notify"
	"github.com/remote-issuance/remote-issuance/internal/process"
)

func letters() config.Worker {
	return config.Worker{SMTP: config.SMTP{Address: "mail.example.by:587", From: "Issuance <issuance@example.by>", TLS: config.MailTLSMandatory}}
}

func address(t *testing.T, text string) config.URL {
	t.Helper()
	var u config.URL
	require.NoError(t, u.UnmarshalText([]byte(text)))
	return u
}

func password(t *testing.T, text string) config.Secret {
	t.Helper()
	var s config.Secret
	require.NoError(t, s.UnmarshalText([]byte(text)))
	return s
}

func TestI6_EveryChannelHasASender(t *testing.T) {
	base := &process.Base{Log: slog.New(slog.DiscardHandler)}
	out, err := senders(base, letters())
	require.NoError(t, err)
	require.IsType(t, &notify.Mail{}, out[notify.ChannelEmail])
	require.IsType(t, noSMS{}, out[notify.ChannelSMS])

	c := letters()
	c.SMS = config.SMS{URL: address(t, "https://api.rocketsms.by"), User: "190000018", Password: password(t, "not a secret"), Sender: "issuance"}
	out, err = senders(base, c)
	require.NoError(t, err)
	require.IsType(t, &notify.RocketSMS{}, out[notify.ChannelSMS])
}

func TestI6_SendersThatCannotWorkStopTheStart(t *testing.T) {
	for name, spoil := range map[string]func(*config.Worker){
		"sender without a domain": func(c *config.Worker) { c.SMTP.From = "nobody" },
		"server without a port":   func(c *config.Worker) { c.SMTP.Address = "mail.example.by" },
		"port by name":            func(c *config.Worker) { c.SMTP.Address = "mail.example.by:smtp" },
		"port without a server":   func(c *config.Worker) { c.SMTP.Address = ":25" },
		"gateway without a user": func(c *config.Worker) {
			c.SMS = config.SMS{URL: address(t, "https://api.rocketsms.by")}
		},
	} {
		t.Run(name, func(t *testing.T) {
			c := letters()
			spoil(&c)
			_, err := senders(&process.Base{Log: slog.New(slog.DiscardHandler)}, c)
			require.Error(t, err)
		})
	}
}

func TestMailIsProtectedUnlessItIsSaidOtherwise(t *testing.T) {
	for setting, want := range map[config.MailTLS]notify.TLSPolicy{
		config.MailTLSOff: notify.TLSNone, config.MailTLSOpportunistic: notify.TLSOpportunistic,
		config.MailTLSMandatory: notify.TLSMandatory, "": notify.TLSMandatory,
	} {
		require.Equal(t, want, mailTLS(setting), setting)
	}
}
