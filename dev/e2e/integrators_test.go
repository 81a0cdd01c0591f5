package e2e_test

import (
	"context"
	"encoding/json"
	"os"
	"os/exec"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/remote-issuance/remote-issuance/dev/integrator"
	"github.com/remote-issuance/remote-issuance/dev/persons"
)

// A client that oapi-codegen generates from the contract with its own settings orders a certificate.
func TestAGeneratedGoClientOrdersACertificate(t *testing.T) {
	s := all.ordinary(t)
	ctx, cancel := context.WithTimeout(t.Context(), 3*time.Minute)
	defer cancel()
	certificate, err := integrator.Sandbox(s.URLs.Sandbox).Order(ctx, persons.Individual)
	require.NoError(t, err)
	require.NotEmpty(t, certificate.SerialNumber)
	require.NotEmpty(t, certificate.Login)
}

// A client in the types that openapi-typescript generates orders another; `make contract-typescript` makes it.
func TestATypeScriptClientOrdersACertificate(t *testing.T) {
	const client = "../../tools/typescript/generated/js/order.js"
	node, err := exec.LookPath("node")
	if err == nil {
		_, err = os.Stat(client)
	}
	if err != nil {
		require.NotEqual(t, "required", os.Getenv("TYPESCRIPT_CLIENT"), "%v: make contract-typescript has to come first", err)
		t.Skip("no client in TypeScript: apt-get install nodejs npm, and make contract-typescript: ", err)
	}
	s := all.ordinary(t)
	ctx, cancel := context.WithTimeout(t.Context(), 3*time.Minute)
	defer cancel()
	run := exec.CommandContext(ctx, node, client)
	run.Env = []string{"PATH=" + os.Getenv("PATH"), "SANDBOX=" + s.URLs.Sandbox, "PERSON=" + persons.Proprietor}
	run.Stderr = os.Stderr
	output, err := run.Output()
	require.NoError(t, err, "%s", output)
	var certificate struct{ SerialNumber, Login string }
	require.NoError(t, json.Unmarshal(output, &certificate), "%s", output)
	require.NotEmpty(t, certificate.SerialNumber)
	require.NotEmpty(t, certificate.Login)
}
