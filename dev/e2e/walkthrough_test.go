package e2e_test

import (
	"fmt"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/remote-issuance/remote-issuance/dev/persons"
	"github.com/remote-issuance/remote-issuance/dev/stack"
	"github.com/remote-issuance/remote-issuance/dev/walkthrough"
	"github.com/remote-issuance/remote-issuance/internal/pki"
)

// What docs/walkthrough.md tells its reader to type works on the stack and ends with the person's next certificate.
func TestWalkthrough(t *testing.T) {
	s := all.ordinary(t)
	blocks, err := walkthrough.Read("../../docs/walkthrough.md")
	require.NoError(t, err)
	folder := t.TempDir()
	environment := []string{"PATH=" + programFolder(t) + ":" + os.Getenv("PATH"), "DATA=" + s.Dir(), "TMPDIR=" + folder}
	outputs, err := walkthrough.Run(t.Context(), folder, environment, blocks)
	require.NoError(t, err)
	require.Len(t, outputs, len(blocks))

	downloaded, err := filepath.Glob(filepath.Join(folder, "*", "certificate.cer"))
	require.NoError(t, err)
	require.Len(t, downloaded, 1)
	der, err := os.ReadFile(downloaded[0])
	require.NoError(t, err)
	certificate, err := pki.ParseCertificate(der)
	require.NoError(t, err)
	walker := s.Holder(persons.Individual)
	require.Equal(t, walker.Subject.PersonalNumber, certificate.Subject().PersonalNumber)
	require.NotEqual(t, walker.Certificate.SerialNumber, certificate.SerialNumber)
}

// programFolder holds the issuance program: this one, which is it under its first argument.
func programFolder(t *testing.T) string {
	t.Helper()
	self, err := os.Executable()
	require.NoError(t, err)
	folder := t.TempDir()
	script := fmt.Sprintf("#!/bin/sh\nexec '%s' %s \"$@\"\n", self, stack.Argument)
	require.NoError(t, os.WriteFile(filepath.Join(folder, "issuance"), []byte(script), 0o755))
	return folder
}
