// Package requestcli holds the commands of the issuance program that look at
// request files and signatures and make keys, requests and a test CA.
package requestcli

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"time"

	"github.com/spf13/cobra"

	"github.com/remote-issuance/remote-issuance/internal/clock"
	"github.com/remote-issuance/remote-issuance/internal/order"
	"github.com/remote-issuance/remote-issuance/internal/pki"
	"github.com/remote-issuance/remote-issuance/internal/pki/cms"
	"github.com/remote-issuance/remote-issuance/internal/pki/path"
)

// ErrVerdict is returned by a command that did its work and came to a negative
// verdict, which it has printed; the program then exits with 1.
var ErrVerdict = errors.New("the verdict is negative")

// ExitCode maps the result of a command to the exit code of the program: 0 for
// a good verdict, 1 for a negative one, 2 when there is no verdict.
func ExitCode(err error) int {
	switch {
	case err == nil:
		return 0
	case errors.Is(err, ErrVerdict):
		return 1
	default:
		return 2
	}
}

// Commands are "request", "signature", "trust" and "keys", which has more
// commands than its own.
func Commands(keys ...*cobra.Command) []*cobra.Command {
	return []*cobra.Command{requestCommand(), signatureCommand(), trustCommand(), keysCommand(keys...)}
}

func group(use, short string, children ...*cobra.Command) *cobra.Command {
	cmd := &cobra.Command{Use: use, Short: short}
	for _, c := range children {
		c.SilenceUsage = true
	}
	cmd.AddCommand(children...)
	return cmd
}

// trustFlags are the flags of commands that check certification paths.
type trustFlags struct {
	dir        string
	crls       []string
	revocation string
	at         string
}

func (f *trustFlags) register(cmd *cobra.Command) {
	cmd.Flags().StringVar(&f.dir, "trust", "", "directory of root and intermediate certificates")
	cmd.Flags().StringArrayVar(&f.crls, "crl", nil, "file of a revocation list (may be repeated)")
	cmd.Flags().StringVar(&f.revocation, "revocation", "leaf", "whose revocation must be known: leaf, all, off")
	cmd.Flags().StringVar(&f.at, "at", "", "instant of the check, such as 2026-11-23T12:00:00+03:00 (default now)")
	_ = cmd.MarkFlagRequired("trust")
}

// validator reads what is trusted. A file that cannot be used takes nothing else
// away: it is named on warnings and passed over. A list given by name has to be
// one, usable or not.
func (f *trustFlags) validator(warnings io.Writer) (*path.Validator, error) {
	mode, ok := map[string]path.Revocation{
		"leaf": path.RevocationLeaf, "all": path.RevocationAll, "off": path.RevocationOff,
	}[f.revocation]
	if !ok {
		return nil, fmt.Errorf("--revocation %q: want leaf, all or off", f.revocation)
	}
	trust, err := path.LoadTrust(f.dir)
	if err != nil {
		return nil, err
	}
	for _, s := range trust.Skipped {
		_, _ = fmt.Fprintf(warnings, "not used: %s: %v\n", s.File, s.Err)
	}
	for _, file := range f.crls {
		crl, err := readFile(file, pki.ParseCRLFile)
		if err != nil {
			return nil, err
		}
		if err := crl.Usable(); err != nil {
			_, _ = fmt.Fprintf(warnings, "not used: %s: %v\n", file, err)
			continue
		}
		trust.CRLs = append(trust.CRLs, crl)
	}
	return path.NewValidator(trust, path.Options{Revocation: mode}), nil
}

func (f *trustFlags) instant() (time.Time, error) { return parseInstant(f.at) }

// parseInstant reads an instant, or a day as its beginning in Minsk; empty means now.
func parseInstant(s string) (time.Time, error) {
	if s == "" {
		return clock.Now(), nil
	}
	if at, err := time.Parse(time.RFC3339, s); err == nil {
		return at, nil
	}
	at, err := time.ParseInLocation(time.DateOnly, s, order.Minsk())
	if err != nil {
		return time.Time{}, fmt.Errorf("time %q: want 2026-11-23 or 2026-11-23T12:00:00+03:00", s)
	}
	return at, nil
}

// readFile reads a file with one of the parsers; errors name the file.
func readFile[T any](path string, parse func([]byte) (T, error)) (T, error) {
	var none T
	data, err := readLimited(path)
	if err != nil {
		return none, err
	}
	v, err := parse(data)
	if err != nil {
		return none, fmt.Errorf("%s: %w", path, err)
	}
	return v, nil
}

// readLimited reads no more than a file of the greatest kind may have.
func readLimited(path string) ([]byte, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer func() { _ = f.Close() }()
	return io.ReadAll(io.LimitReader(f, cms.MaxSignedData+1))
}

// readCertificate reads the first certificate of a file.
func readCertificate(path string) (*pki.Certificate, error) {
	list, err := readFile(path, cms.ParseCertificates)
	if err != nil {
		return nil, err
	}
	if len(list) == 0 {
		return nil, fmt.Errorf("%s: no certificate in it", path)
	}
	return list[0], nil
}

// writeFile writes a new file and refuses to write over one.
func writeFile(path string, data []byte, mode os.FileMode) error {
	f, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_EXCL, mode)
	if err != nil {
		return err
	}
	if _, err := f.Write(data); err != nil {
		_ = f.Close()
		return err
	}
	return f.Close()
}

func printJSON(w io.Writer, v any) error {
	e := json.NewEncoder(w)
	e.SetEscapeHTML(false)
	e.SetIndent("", "  ")
	return e.Encode(v)
}
