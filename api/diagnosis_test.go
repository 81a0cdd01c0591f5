package api

import (
	"net/http"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/remote-issuance/remote-issuance/api/contract"
	"github.com/remote-issuance/remote-issuance/api/web"
	"github.com/remote-issuance/remote-issuance/internal/order"
	"github.com/remote-issuance/remote-issuance/internal/pki"
	"github.com/remote-issuance/remote-issuance/internal/registers"
)

func (b *bundle) diagnosis(token string) contract.Diagnosis {
	b.t.Helper()
	var out contract.Diagnosis
	b.get("/v1/diagnosis", token).is(http.StatusOK, &out)
	return out
}

func TestS7_DiagnosisAsksTheRegistersAboutTheCallerOnly(t *testing.T) {
	b := setup(t)
	for token, want := range map[string]struct {
		service   contract.ServiceCode
		registers int
		manager   contract.ManagerDiagnosis
	}{
		asEmployee: {order.ServiceEmployee, 4, contract.ManagerRecorded}, asIndividual: {order.ServiceIndividual, 1, ""},
		"Bearer proprietor": {order.ServiceIndividual, 3, ""}, asManager: {order.ServiceEmployee, 4, contract.ManagerSelf},
	} {
		b.registers.asked = nil
		d := b.diagnosis(token)
		require.Nil(t, d.Obstacle, token)
		require.Equal(t, want.service, d.Service, token)
		require.Equal(t, want.manager, d.Manager, token)
		require.Len(t, d.Registers, want.registers, token)
		certificate := theirs(t).tokens[token].Certificate
		require.Equal(t, certificate, d.Certificate)
		parsed, err := pki.ParseCertificate(certificate)
		require.NoError(t, err)
		require.Equal(t, []order.Subject{parsed.Subject()}, b.registers.asked)
	}
}

func TestS7_DiagnosisSaysWhatEachRegisterSays(t *testing.T) {
	b := setup(t)
	differs := order.Report{{
		Code: order.CheckPerson, Verdict: order.VerdictFailed, Field: order.FieldSurname, Found: "Образцова", Expected: "Новая",
		Cause: registers.CauseDiffers,
	}}
	b.registers.answers[registers.RegisterPopulation] = registers.Answer{
		Register: registers.RegisterPopulation, State: order.RegisterDiffers, Report: differs,
	}
	b.registers.answers[registers.RegisterEGR] = registers.Answer{Register: registers.RegisterEGR, State: order.RegisterSilent}
	d := b.diagnosis(asEmployee)
	require.Equal(t, order.RegisterDiffers, d.Registers[0].State)
	require.Equal(t, "Новая", d.Registers[0].Checks[0].Expected)
	require.NotEmpty(t, d.Registers[0].Checks[0].Title)
	require.Equal(t, contract.RegisterDiagnosis{Register: "egr", State: order.RegisterSilent, Checks: []contract.Check{}}, d.Registers[1])
	require.Equal(t, order.RegisterAgrees, d.Registers[2].State)
}

func TestM1_DiagnosisSaysWhetherThereIsAHeadAndNotWho(t *testing.T) {
	b := setup(t)
	for want, e := range map[contract.ManagerDiagnosis]egr{
		contract.ManagerNone: {}, contract.ManagerSilent: {err: registers.ErrUnavailable}, contract.ManagerRecorded: {head: register()},
	} {
		*b.egr = e
		r := b.get("/v1/diagnosis", asEmployee)
		var d contract.Diagnosis
		r.is(http.StatusOK, &d)
		require.Equal(t, want, d.Manager)
		require.NotContains(t, string(r.Body), register().Surname)
		require.NotContains(t, string(r.Body), string(register().PersonalNumber))
	}
}

// Whoever could not order, or shows somebody else's certificate, learns why; no register is asked.
func TestA1_DiagnosisNamesTheObstacleOfAnOrder(t *testing.T) {
	b := setup(t)
	for token, slug := range map[string]web.Slug{
		"Bearer borrowed-certificate": web.ProblemOtherPerson, "Bearer revoked-employee": web.ProblemNotInForce,
		"Bearer pretender": web.ProblemOrganisationMissing, "Bearer abroad": web.ProblemNotResident,
	} {
		d := b.diagnosis(token)
		require.NotNil(t, d.Obstacle, token)
		require.Equal(t, web.TypeOf("", slug), d.Obstacle.Type, token)
		require.Empty(t, d.Registers)
		require.Empty(t, d.Manager)
		opened := b.post("/v1/orders", token, `{"service":"`+string(d.Service)+`"}`)
		opened.problem(slug)
		if slug == web.ProblemOtherPerson {
			require.Empty(t, d.Certificate, "another's certificate is not shown")
		}
	}
	require.Empty(t, b.registers.asked)
}

func TestDiagnosesHaveARate(t *testing.T) {
	b := setup(t)
	d := b.deps
	d.Rates = map[web.Action]web.Rate{web.ActionDiagnose: {Burst: 2, Every: time.Hour}}
	b.serve(d)
	b.diagnosis(asEmployee)
	b.diagnosis(asEmployee)
	b.get("/v1/diagnosis", asEmployee).problem(web.ProblemTooMany)
	require.Len(t, b.registers.asked, 2)
	b.diagnosis(asIndividual)
}
