package order_test

import (
	"encoding/json"
	"reflect"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/remote-issuance/remote-issuance/internal/order"
)

// filled is a subject with another value in every field.
func filled() order.Subject {
	var s order.Subject
	v := reflect.ValueOf(&s).Elem()
	for i := range v.NumField() {
		v.Field(i).SetString("value of " + v.Type().Field(i).Name)
	}
	return s
}

func TestS4_NoFieldIsLeftOutOfTheComparison(t *testing.T) {
	s := filled()
	raw, err := json.Marshal(s)
	require.NoError(t, err)
	byName := map[string]string{}
	require.NoError(t, json.Unmarshal(raw, &byName))

	values := s.Values()
	require.Len(t, values, reflect.TypeFor[order.Subject]().NumField())
	for _, v := range values {
		require.Equal(t, byName[string(v.Field)], v.Value, v.Field)
		require.NotEqual(t, order.FieldNone, v.Field)
		delete(byName, string(v.Field))
	}
	require.Empty(t, byName)
	require.Len(t, order.Subject{}.Values(), len(values), "empty fields are listed too")
}

func TestS4_OnlyPlaceOfWorkAndPositionOfAnEmployeeMayChange(t *testing.T) {
	for _, v := range filled().Values() {
		free := v.Field == order.FieldPosition || v.Field == order.FieldUnit
		require.Equal(t, free, order.ChangeAllowed(order.ServiceEmployee, v.Field), v.Field)
		require.False(t, order.ChangeAllowed(order.ServiceIndividual, v.Field), v.Field)
		require.False(t, order.ChangeAllowed(order.ServiceManager, v.Field), v.Field)
	}
}

func TestReportPassesUnlessACheckFailed(t *testing.T) {
	passed := order.Check{Code: order.CheckTerm, Verdict: order.VerdictPassed}
	changed := order.Check{Code: order.CheckSubject, Verdict: order.VerdictChanged, Field: order.FieldPosition, Found: "b", Expected: "a"}
	failed := order.Check{Code: order.CheckStart, Verdict: order.VerdictFailed, Cause: "other-day"}
	for _, c := range []struct {
		name            string
		report          order.Report
		passed          bool
		failed, changed order.Report
	}{
		{"nothing checked", nil, true, nil, nil},
		{"all passed", order.Report{passed, passed}, true, nil, nil},
		{"a change", order.Report{passed, changed}, true, nil, order.Report{changed}},
		{"a failure among others", order.Report{passed, failed, changed}, false, order.Report{failed}, order.Report{changed}},
	} {
		t.Run(c.name, func(t *testing.T) {
			require.Equal(t, c.passed, c.report.Passed())
			require.Equal(t, c.failed, c.report.Failed())
			require.Equal(t, c.changed, c.report.Changed())
		})
	}
}

func TestM5_WorkplaceIsUnitAndPosition(t *testing.T) {
	for want, s := range map[string]order.Subject{
		"":               {},
		"Инженер":        {Position: "Инженер"},
		"Отдел":          {Unit: "Отдел"},
		"Отдел, Инженер": {Unit: "Отдел", Position: "Инженер"},
	} {
		require.Equal(t, want, s.Workplace())
	}
}
