package operation_test

import (
	"encoding/base64"
	"encoding/pem"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/remote-issuance/remote-issuance/internal/order"
	"github.com/remote-issuance/remote-issuance/internal/pki"
	"github.com/remote-issuance/remote-issuance/internal/pki/alg"
	"github.com/remote-issuance/remote-issuance/internal/pki/bpki"
	"github.com/remote-issuance/remote-issuance/internal/pki/testca"
	"github.com/remote-issuance/remote-issuance/internal/request"
	"github.com/remote-issuance/remote-issuance/internal/stb/bign"
	"github.com/remote-issuance/remote-issuance/portal/keys/operation"
)

var now = time.Date(2026, 11, 23, 9, 0, 0, 0, time.UTC)

func person(t testing.TB, p testca.Profile, from, to time.Time) *pki.Certificate {
	t.Helper()
	ca, err := testca.New(testca.Options{Algorithm: alg.KeyBign256, From: now.AddDate(-3, 0, 0)})
	require.NoError(t, err)
	key, err := bign.GenerateKey(bign.Curve256v1(), nil)
	require.NoError(t, err)
	s := testca.SampleEmployee()
	if p == testca.ProfileIndividual {
		s = testca.SampleIndividual()
	}
	cert, err := ca.Issue(p, s, key.Public(), from, to)
	require.NoError(t, err)
	return cert
}

func TestCertificateFilesInEveryForm(t *testing.T) {
	c := person(t, testca.ProfileExtensions, now.AddDate(-1, 0, 0), now.AddDate(1, 0, 0))
	text := base64.StdEncoding.EncodeToString(c.Raw)
	armoured := string(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: c.Raw}))
	for name, file := range map[string]string{
		"DER": string(c.Raw), "PEM": armoured, "PEM with CRLF": strings.ReplaceAll(armoured, "\n", "\r\n"), "base64": text,
		"base64 with BOM and blanks": "\xEF\xBB\xBF " + text[:64] + "\n" + text[64:] + "\n",
	} {
		got, err := operation.ReadCertificate([]byte(file))
		require.NoError(t, err, name)
		require.Equal(t, c.Raw, got.Raw)
	}
	for name, file := range map[string]string{
		"empty": "", "NUL": "\x00", "text": "certificate", "other block": strings.ReplaceAll(armoured, "CERTIFICATE", "PRIVATE KEY"),
		"half": armoured[:100], "trailing": string(c.Raw) + "x", "twice": armoured + armoured, "64 KiB": strings.Repeat("0", 1<<16),
	} {
		_, err := operation.ReadCertificate([]byte(file))
		require.ErrorIs(t, err, operation.ErrCertificate, name)
	}
	_, err := operation.ReadCertificate(make([]byte, bpki.MaxMessage+1))
	require.ErrorIs(t, err, bpki.ErrTooLarge)
}

func TestS5_RequestsAreRefusedWithWhatIsWrong(t *testing.T) {
	c := person(t, testca.ProfileExtensions, now.AddDate(-1, 0, 0), now.AddDate(1, 0, 0))
	good := operation.Request{Certificate: c.Raw, Years: 1, StartAfterDays: 10, Password: "двенадцать знаков", Now: now}
	for want, change := range map[string]func(*operation.Request){
		"certificate":    func(r *operation.Request) { r.Certificate = nil },
		"term":           func(r *operation.Request) { r.Years = 0 },
		"position":       func(r *operation.Request) { r.Position = "a\x00b" },
		"password-short": func(r *operation.Request) { r.Password = "одиннадцать"[:22] },
		"password-text":  func(r *operation.Request) { r.Password = "двенадцать\x00знаков" },
	} {
		r := good
		change(&r)
		_, err := r.Make()
		require.Equal(t, want, operation.Code(err))
	}
	for _, r := range []operation.Request{{Certificate: c.Raw, Years: 4, Password: good.Password}, {Certificate: c.Raw, Years: 1, StartAfterDays: -1, Password: good.Password}} {
		_, err := r.Make()
		require.ErrorIs(t, err, operation.ErrTerm)
	}
}

func TestS4_RequestsOfAnyPositionPassTheFirstCheck(t *testing.T) {
	c := person(t, testca.ProfileExtensions, now.AddDate(-1, 0, 0), now.AddDate(1, 0, 0))
	policy := order.DefaultPolicy()
	rapid.Check(t, func(t *rapid.T) {
		r := operation.Request{
			Certificate: c.Raw, Years: rapid.IntRange(1, 2).Draw(t, "years"), StartAfterDays: policy.StartAfterDays, Password: "двенадцать знаков",
			Position: rapid.StringMatching(`[А-Яа-яЎўІіA-Za-z0-9«»"№-][А-Яа-яЎўІіA-Za-z0-9 «»"№-]{0,60}[а-я]`).Draw(t, "position"),
			Now:      time.Unix(rapid.Int64Range(now.Unix(), now.AddDate(0, 11, 0).Unix()).Draw(t, "now"), 0),
		}
		made, err := r.WithoutContainer()
		require.NoError(t, err)
		got := request.Check(request.Input{File: made.Request, Current: c, Service: order.ServiceEmployee, Now: r.Now, Policy: policy})
		require.True(t, got.Report.Passed(), "%v", got.Report.Failed())
		require.Equal(t, r.Years, got.Years)
	})
}

func TestS5_DiagnosisSaysFromWhenAndByWhen(t *testing.T) {
	day := func(n int) time.Time { return order.DateOf(now).AddDays(n).Start() }
	for name, c := range map[string]struct {
		profile  testca.Profile
		from, to time.Time
		inForce  bool
		earliest time.Time
		orderBy  time.Time
	}{
		"a month left":          {testca.ProfileExtensions, day(-300), day(30), true, day(10), day(20)},
		"eleven days left":      {testca.ProfileExtensions, day(-300), day(11).Add(-time.Second), true, day(10), day(0)},
		"too late for no gap":   {testca.ProfileExtensions, day(-300), day(5), true, day(10), time.Time{}},
		"expired":               {testca.ProfileExtensions, day(-300), day(-1), false, day(10), time.Time{}},
		"individual, last hour": {testca.ProfileIndividual, day(-300), now.Add(time.Hour), true, now, day(0)},
		"not yet":               {testca.ProfileIndividual, day(3), day(300), false, now, time.Time{}},
	} {
		d, err := operation.Diagnose(person(t, c.profile, c.from, c.to).Raw, 10, now)
		require.NoError(t, err, name)
		require.Equal(t, c.profile != testca.ProfileIndividual, d.Employee, name)
		require.Equal(t, c.inForce, d.InForce, name)
		require.True(t, c.earliest.Equal(d.Earliest), "%s: %s", name, d.Earliest)
		require.True(t, c.orderBy.Equal(d.OrderBy), "%s: %s", name, d.OrderBy)
		require.Equal(t, c.orderBy.IsZero(), d.Gap(), name)
	}
}

func FuzzFiles(f *testing.F) {
	f.Add([]byte("-----BEGIN CERTIFICATE-----\nMA==\n-----END CERTIFICATE-----\n"))
	f.Add([]byte{0x30, 0x80, 0, 0})
	f.Fuzz(func(t *testing.T, file []byte) {
		if c, err := operation.ReadCertificate(file); err == nil && len(c.Raw) == 0 {
			t.Fatal("a certificate of nothing")
		}
		if _, err := operation.Diagnose(file, 10, now); err != nil && operation.Code(err) == "failed" {
			t.Fatal("an error without a name: ", err)
		}
	})
}
