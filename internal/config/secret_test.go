package config_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"log/slog"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/remote-issuance/remote-issuance/internal/config"
)

func TestSecretsAreNeverPrinted(t *testing.T) {
	cfg, err := config.LoadAPI(with(apiEnv(t), map[string]string{
		"ERIP_SERVICE_NO": "1", "ERIP_SIGNATURE_SALT": "erip-salt", "ERIP_ALLOWED_NETWORKS": "192.0.2.0/24",
		"BENEFICIARY_NAME": "Payee", "BENEFICIARY_IBAN": "BY86 AKBB 1010 0000 0029 6600 0000", "BENEFICIARY_BANK": "Bank",
		"BENEFICIARY_BIC": "AKBBBY2X", "BENEFICIARY_UNP": "100582333", "BENEFICIARY_PURPOSE_CODE": "20901",
	}))
	require.NoError(t, err)
	var out bytes.Buffer
	hidden := struct{ cfg config.API }{cfg}
	for _, v := range []any{cfg, &cfg, hidden, cfg.ERIP, cfg.ERIP.SignatureSalt, cfg.Common.Keys, cfg.Common.Keys.IDHash} {
		for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q", "%x", "%d"} {
			fmt.Fprintf(&out, verb+"\n", v)
		}
		require.NoError(t, json.NewEncoder(&out).Encode(v))
		slog.New(slog.NewJSONHandler(&out, nil)).Info("x", "v", v)
		slog.New(slog.NewTextHandler(&out, nil)).Info("x", "v", v)
	}
	for _, secret := range []string{"db-pass", "erip-salt", "thirty-two bytes", key32, fmt.Sprintf("%x", "erip-salt"), "[116 104 105"} {
		require.NotContains(t, out.String(), secret)
	}
	require.Contains(t, out.String(), "[redacted]")
}

func TestAnUnsetSecretIsTold(t *testing.T) {
	var none config.Secret
	require.False(t, none.Set())
	require.Empty(t, none.Reveal())
	require.Empty(t, none.String())
	require.False(t, config.NewSecret("").Set())
	require.Equal(t, "x", config.NewSecret("x").Reveal())
}

func TestIBANCheckDigits(t *testing.T) {
	var i config.IBAN
	require.NoError(t, i.UnmarshalText([]byte("BY13NBRB3600900000002Z00AB00")))
	require.ErrorContains(t, i.UnmarshalText([]byte("BY14NBRB3600900000002Z00AB00")), "check digits")
	require.Error(t, i.UnmarshalText([]byte("DE89370400440532013000")))
}

func FuzzURL(f *testing.F) {
	f.Add("https://host/path")
	f.Add("http://[::1]:8080")
	f.Fuzz(func(t *testing.T, text string) {
		var u, again config.URL
		if u.UnmarshalText([]byte(text)) == nil {
			require.NoError(t, again.UnmarshalText([]byte(u.String())))
			require.Equal(t, u, again)
		}
	})
}

func FuzzIBAN(f *testing.F) {
	f.Add("BY13NBRB3600900000002Z00AB00")
	f.Fuzz(func(t *testing.T, text string) {
		var i config.IBAN
		if i.UnmarshalText([]byte(text)) == nil {
			require.Len(t, string(i), 28)
		}
	})
}
