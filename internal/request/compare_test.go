package request_test

import (
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/remote-issuance/remote-issuance/internal/order"
	"github.com/remote-issuance/remote-issuance/internal/pki"
	"github.com/remote-issuance/remote-issuance/internal/pki/testca"
	"github.com/remote-issuance/remote-issuance/internal/request"
)

func TestS4_ValuesAreComparedAndNotEncodings(t *testing.T) {
	for name, c := range map[string]struct {
		service order.Service
		change  func(s *order.Subject)
		field   order.Field
		want    order.Verdict
	}{
		"same":                       {order.ServiceEmployee, func(*order.Subject) {}, order.FieldSurname, order.VerdictPassed},
		"decomposed letter":          {order.ServiceEmployee, func(s *order.Subject) { s.Locality = "Сакавіцкии\u0306" }, order.FieldLocality, order.VerdictPassed},
		"more spaces":                {order.ServiceEmployee, func(s *order.Subject) { s.Street = "  ул.  Примерная, д. 2 " }, order.FieldStreet, order.VerdictPassed},
		"yo is not ye":               {order.ServiceEmployee, func(s *order.Subject) { s.Surname = "Семёнова" }, order.FieldSurname, order.VerdictFailed},
		"case counts":                {order.ServiceEmployee, func(s *order.Subject) { s.Surname = "СЕМЕНОВА" }, order.FieldSurname, order.VerdictFailed},
		"number on another keyboard": {order.ServiceEmployee, func(s *order.Subject) { s.PersonalNumber = "4010190а002рв9" }, order.FieldPersonalNumber, order.VerdictPassed},
		"other number":               {order.ServiceEmployee, func(s *order.Subject) { s.PersonalNumber = "4010190A003PB2" }, order.FieldPersonalNumber, order.VerdictFailed},
		"other UNP":                  {order.ServiceEmployee, func(s *order.Subject) { s.UNP = "100000001" }, order.FieldUNP, order.VerdictFailed},
		"position of an employee":    {order.ServiceEmployee, func(s *order.Subject) { s.Position = "Директор" }, order.FieldPosition, order.VerdictChanged},
		"unit of an employee":        {order.ServiceEmployee, func(s *order.Subject) { s.Unit = "Склад" }, order.FieldUnit, order.VerdictChanged},
		"unit given up":              {order.ServiceEmployee, func(s *order.Subject) { s.Unit = "" }, order.FieldUnit, order.VerdictChanged},
		"position left out":          {order.ServiceEmployee, func(s *order.Subject) { s.Position = "" }, order.FieldPosition, order.VerdictFailed},
		"position of an individual":  {order.ServiceIndividual, func(s *order.Subject) { s.Position = "Директор" }, order.FieldPosition, order.VerdictFailed},
		"e-mail":                     {order.ServiceEmployee, func(s *order.Subject) { s.Email = "other@example.by" }, order.FieldEmail, order.VerdictFailed},
		"surname left out":           {order.ServiceEmployee, func(s *order.Subject) { s.Surname = "" }, order.FieldSurname, order.VerdictFailed},
		"other Belarusian name":      {order.ServiceIndividual, func(s *order.Subject) { s.BelarusianName = "Іншы" }, order.FieldBelarusianName, order.VerdictFailed},
		"no Belarusian name":         {order.ServiceIndividual, func(s *order.Subject) { s.BelarusianName = "" }, order.FieldBelarusianName, order.VerdictPassed},
	} {
		t.Run(name, func(t *testing.T) {
			current := testca.SampleEmployee()
			current.Surname, current.Unit, current.BelarusianName, current.Locality = "Семенова", "Бухгалтерия", "Сямёнава", "Сакавіцкий"
			requested := current
			c.change(&requested)
			report := request.Compare(c.service, pki.Reading{Subject: requested}, pki.Reading{Subject: current})
			require.Len(t, report, len(current.Values()))
			for _, check := range report {
				want := order.VerdictPassed
				if check.Field == c.field {
					want = c.want
				}
				require.Equal(t, want, check.Verdict, check.Field)
			}
		})
	}
}

func TestS4_AddedFieldIsADifference(t *testing.T) {
	current := testca.SampleIndividual()
	requested := current
	requested.Organisation = "Общество"
	failed := request.Compare(order.ServiceIndividual, pki.Reading{Subject: requested}, pki.Reading{Subject: current}).Failed()
	require.Len(t, failed, 1)
	require.Equal(t, order.Check{
		Code: order.CheckSubject, Verdict: order.VerdictFailed, Field: order.FieldOrganisation, Found: "Общество", Cause: request.CauseDiffers,
	}, failed[0])
}

// Any one field that is replaced is either the field that may change or a failure.
func TestS4_NoDifferencePassesUnseen(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		word := rapid.StringMatching(`[А-ЯA-Z][а-яa-z]{2,12}`)
		current := order.Subject{Surname: word.Draw(t, "surname"), Position: word.Draw(t, "position"), UNP: word.Draw(t, "unp")}
		requested := current
		service := rapid.SampledFrom([]order.Service{order.ServiceEmployee, order.ServiceIndividual}).Draw(t, "service")
		other := word.Draw(t, "other")
		field := rapid.SampledFrom([]*string{&requested.Surname, &requested.Position, &requested.UNP}).Draw(t, "field")
		same := order.Latin(*field) == order.Latin(other)
		*field = other
		report := request.Compare(service, pki.Reading{Subject: requested}, pki.Reading{Subject: current})
		if report.Passed() && len(report.Changed()) == 0 && !same {
			t.Fatalf("a difference passed: %v", report)
		}
		if len(report.Changed()) > 0 && service == order.ServiceIndividual {
			t.Fatal("an individual changed a field")
		}
	})
}

// FuzzCheck holds that the first check never panics and always reports.
func FuzzCheck(f *testing.F) {
	for _, name := range []string{"req/emp1-ok.req", "req/emp1-ok.pem", "req/emp1-ok-in-cms.p7", "req/emp1-badsig.req", "req/ind1-ok.req"} {
		f.Add(file(f, name))
	}
	in := employee(f, "req/emp1-ok.req")
	f.Fuzz(func(t *testing.T, data []byte) {
		in.File = data
		got := request.Check(in)
		if len(got.Report) == 0 {
			t.Fatal("no verdict")
		}
		if got.Request == nil && got.Report.Passed() {
			t.Fatal("passed without a request")
		}
	})
}
