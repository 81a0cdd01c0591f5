package gateways

import (
	"bytes"
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/remote-issuance/remote-issuance/internal/payments"
)

// pay runs one command against a sandbox.
func pay(t *testing.T, sandbox *Server, args ...string) (string, error) {
	t.Helper()
	var out bytes.Buffer
	err := Command(t.Context(), append(args, "--sandboxes", sandbox.URL()), &out)
	return out.String(), err
}

func TestP5_EveryWayFromTheCommandLine(t *testing.T) {
	for name, args := range map[string][]string{
		"card":      {"card", theNumber, "--amount", "43.20", "--repeats", "2", "--lose-answers", "1"},
		"erip":      {"erip", "--repeats", "1", "n oais000092239"},
		"statement": {"bank", "--unp", "190000020", "--amount", "43.20", "--purpose", "ROAIS000092239 оплата", "--format", "1c"},
	} {
		t.Run(name, func(t *testing.T) {
			sandbox, s := setup(t)
			_, err := pay(t, sandbox, args...)
			require.NoError(t, err)
			require.Equal(t, applied, s.decisions())
		})
	}
}

// A stack takes free ports where the well-known ones are taken; its environment.sh says which.
func TestTheSandboxesOfTheStackInTheEnvironmentAreTheOnesThatPay(t *testing.T) {
	sandbox, s := setup(t)
	t.Setenv(AddressVariable, sandbox.URL())
	require.NoError(t, Command(t.Context(), []string{"card", theNumber, "--amount", "43.20"}, &bytes.Buffer{}))
	require.Equal(t, applied, s.decisions())
}

// Nobody has opened the card page, so that the sandbox does not know the order: the service knows the sum.
func TestP1_ACardPaysByTheNumberAlone(t *testing.T) {
	sandbox, s := setup(t)
	service := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/v1/payments/status/"+theNumber {
			_, _ = io.WriteString(w, `{"amount": "43.20"}`)
			return
		}
		w.WriteHeader(http.StatusNotFound)
	}))
	t.Cleanup(service.Close)
	t.Setenv("PUBLIC_URL", service.URL)
	_, err := pay(t, sandbox, "card", "NOAIS000000404")
	require.ErrorContains(t, err, "an amount is needed")
	_, err = pay(t, sandbox, "card", theNumber)
	require.NoError(t, err)
	require.Equal(t, applied, s.decisions())
}

func TestReversalAndRegisterFromTheCommandLine(t *testing.T) {
	sandbox, s := setup(t)
	out, err := pay(t, sandbox, "erip", theNumber, "--lose-result")
	require.NoError(t, err)
	var report struct {
		TransactionID json.Number `json:"transactionId"`
	}
	require.NoError(t, json.Unmarshal([]byte(out), &report))
	out, err = pay(t, sandbox, "register")
	require.NoError(t, err)
	require.Contains(t, out, ".210")
	require.Empty(t, s.decisions())

	out, err = pay(t, sandbox, "reversal", report.TransactionID.String())
	require.NoError(t, err)
	require.Contains(t, out, "StornStart")
}

func TestFaultsFromTheCommandLine(t *testing.T) {
	sandbox, s := setup(t)
	out, err := pay(t, sandbox, "card", theNumber, "--amount", "43.20", "--bad-signature")
	require.NoError(t, err)
	require.Contains(t, out, `firstcode=\"7\"`)
	require.Empty(t, s.decisions())
	out, err = pay(t, sandbox, "bank", "--unp", "190000033", "--amount", "43.20", "--purpose", theNumber, "--folder")
	require.NoError(t, err)
	require.Contains(t, out, "statement-")
	_, err = pay(t, sandbox, "card", theNumber, "--amount", "43.21")
	require.NoError(t, err)
	require.Equal(t, unapplied(payments.ReasonOverpaid), s.decisions())
}

func TestCommandsThatMakeNoSense(t *testing.T) {
	sandbox, _ := setup(t)
	for _, args := range [][]string{{"cash"}, {"card"}, {"card", "1", "2"}, {"reversal", "x"}, {"register", "1"}, {"card", "--colour"}} {
		_, err := pay(t, sandbox, args...)
		require.Error(t, err, args)
	}
	require.Error(t, Command(t.Context(), nil, &bytes.Buffer{}))
	_, err := pay(t, sandbox, "card", "NOAIS000000009")
	require.ErrorContains(t, err, "422")
}
