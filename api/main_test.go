package api

import (
	"bytes"
	"flag"
	"fmt"
	"net/http"
	"os"
	"strings"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/remote-issuance/remote-issuance/internal/pki/testca"
)

// answered are the operations that some test got a success from.
var answered sync.Map

// CheckExchange holds an exchange against the contract and remembers which
// operation answered with a success.
func CheckExchange(req *http.Request, res *http.Response, body []byte) error {
	c, err := compiled()
	if err != nil {
		return err
	}
	if err := c.Check(req, res, body); err != nil {
		return err
	}
	if id, ok := c.Operation(req.Method, req.URL.Path); ok && res.StatusCode < http.StatusBadRequest {
		answered.Store(id, true)
	}
	return nil
}

// TestMain fails when an operation of the contract was never answered with a
// success while all tests ran: nothing is documented that nobody has tried.
func TestMain(m *testing.M) {
	code := m.Run()
	whole := flag.Lookup("test.run").Value.String() == "" && flag.Lookup("test.list").Value.String() == "" &&
		flag.Lookup("test.fuzz").Value.String() == "" && flag.Lookup("test.skip").Value.String() == ""
	if c, err := compiled(); code == 0 && whole && err == nil {
		for _, id := range c.Operations() {
			if _, ok := answered.Load(id); !ok {
				fmt.Fprintln(os.Stderr, "never answered with a success:", id)
				code = 1
			}
		}
	}
	os.Exit(code)
}

// contacts of the tests; neither they nor anything of the persons is logged.
const (
	testEmail = "oleg.primerov@example.by"
	testPhone = "+375291234567"
	testNote  = "причина-отказа"
)

// hasNobody looks for personal data in what was logged.
func (l *logBook) hasNobody(t testing.TB) {
	t.Helper()
	logged := l.String()
	markers := []string{testEmail, testPhone, "291234567", "oleg.primerov", testNote}
	employee, individual, boss := testca.SampleEmployee(), testca.SampleIndividual(), bossSubject()
	for _, s := range []struct{ Surname, GivenName, Patronymic, Number, Email string }{
		{employee.Surname, employee.GivenName, employee.Patronymic, employee.PersonalNumber, employee.Email},
		{individual.Surname, individual.GivenName, individual.Patronymic, individual.PersonalNumber, individual.Email},
		{boss.Surname, boss.GivenName, boss.Patronymic, boss.PersonalNumber, boss.Email},
	} {
		markers = append(markers, s.Surname, s.GivenName, s.Patronymic, s.Number, s.Email)
	}
	for _, marker := range markers {
		require.False(t, strings.Contains(logged, marker), "personal data in the log: %s\n%s", marker, logged)
	}
}

// logBook keeps what is logged.
type logBook struct {
	mu   sync.Mutex
	text bytes.Buffer
}

func (l *logBook) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.Write(p)
}

func (l *logBook) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.String()
}
