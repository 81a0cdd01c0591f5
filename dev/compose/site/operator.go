package site

import (
	"errors"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"github.com/remote-issuance/remote-issuance/dev/authority"
	"github.com/remote-issuance/remote-issuance/internal/pki/alg"
)

// FillIn does what the chapter tells the operator to do by hand after the blocks of "Settings".
func (s *Site) FillIn() error {
	composition := map[string]string{
		"OIDC_ISSUER": "https://" + IssuerHost, "OIDC_KEYS": "https://" + IssuerHost + "/jwks", "TEMPORAL_UI_URL": "https://" + UIHost, "CODEC_ENDPOINT": "https://" + APIHost + "/codec",
	}
	service := map[string]string{
		"PUBLIC_URL": "https://" + APIHost, "STORAGE_URL": "https://" + APIHost + "/storage", "OIDC_ISSUER": "https://" + IssuerHost,
		"TEMPORAL_UI_ORIGIN": "https://" + UIHost,
		"EGR_URL":            "https://" + RegistersHost + "/api/v2/egr", "GRP_URL": "https://" + RegistersHost + "/grp/getData",
		"POPULATION_URL": "https://" + RegistersHost, "HEADS_URL": "https://" + RegistersHost, "SUBSCRIBERS_URL": "https://" + RegistersHost,
		"SMTP_ADDRESS": MailHost + ":587", "SMS_URL": "https://" + SMSHost, "SMS_USER": SMSUser, "SMS_SENDER": "RUC",
		"ERIP_SERVICE_NO": strconv.Itoa(ERIPService), "ERIP_ALLOWED_NETWORKS": "192.0.2.0/24",
		"BENEFICIARY_NAME": "Оператор (проба)", "BENEFICIARY_IBAN": "BY86AKBB10100000002966000000", "BENEFICIARY_BANK": "Банк (проба)",
		"BENEFICIARY_BIC": "AKBBBY2X", "BENEFICIARY_UNP": "190000033", "BENEFICIARY_PURPOSE_CODE": "40101",
	}
	return errors.Join(s.set(".env", composition), s.set("deploy/issuance.env", service))
}

// set changes lines NAME=value of a file; a name that has no line is an error: the sample does not know it.
func (s *Site) set(file string, values map[string]string) error {
	path := filepath.Join(s.Dir, file)
	raw, err := os.ReadFile(path)
	if err != nil {
		return err
	}
	lines := strings.Split(string(raw), "\n")
	missing := len(values)
	for i, line := range lines {
		name, _, _ := strings.Cut(line, "=")
		if value, ok := values[name]; ok {
			lines[i] = name + "=" + value
			missing--
		}
	}
	if missing != 0 {
		return errors.New(file + ": the sample lacks variables that an installation sets")
	}
	return os.WriteFile(path, []byte(strings.Join(lines, "\n")), 0o600)
}

// GiveSecrets puts the secrets of others into their files.
func (s *Site) GiveSecrets() error {
	return errors.Join(s.put("deploy/secrets/erip_signature_salt", []byte(Salt+"\n")), s.put("deploy/secrets/sms_password", []byte(SMSPassword+"\n")))
}

// GiveAuthority puts the issuing CA with its clear key, and what is trusted, in place.
func (s *Site) GiveAuthority() error {
	issuer := filepath.Join(s.Authorities.IssuersDir(), string(authority.Bign))
	for from, to := range map[string]string{
		filepath.Join(issuer, "certificate.pem"): "deploy/ca/issuing/certificate.pem", filepath.Join(issuer, "profile.json"): "deploy/ca/issuing/profile.json",
	} {
		content, err := os.ReadFile(from)
		if err != nil {
			return err
		}
		if err := s.put(to, content); err != nil {
			return err
		}
	}
	clear, err := alg.MarshalPrivateKey(s.Authorities.CA(authority.Bign).Issuing.Key)
	if err != nil {
		return err
	}
	if err := s.put("deploy/ca/issuing/clear.pem", clear); err != nil {
		return err
	}
	trusted, err := os.ReadDir(s.Authorities.TrustDir())
	if err != nil {
		return err
	}
	for _, entry := range trusted {
		content, err := os.ReadFile(filepath.Join(s.Authorities.TrustDir(), entry.Name()))
		if err != nil {
			return err
		}
		// The list of the issuing CA goes on under the name that the worker gives it.
		name := strings.Replace(entry.Name(), string(authority.Bign)+".crl", "issuing.crl", 1)
		if err := s.put("deploy/trust/"+name, content); err != nil {
			return err
		}
	}
	return nil
}
