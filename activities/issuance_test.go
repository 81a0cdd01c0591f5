package activities_test

import (
	"context"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/remote-issuance/remote-issuance/activities"
	"github.com/remote-issuance/remote-issuance/internal/order"
)

// desk is everything that issuing needs, with a step at which it fails.
type desk struct {
	steps  []string
	broken string
	// made are what each step has made, once, however often it is repeated.
	made        map[string]string
	application activities.Application
	record      activities.RecordOrderInput
}

func (d *desk) step(name string, result string) error {
	d.steps = append(d.steps, name)
	if d.broken == name {
		return errDown
	}
	if _, ok := d.made[name]; !ok {
		d.made[name] = result
	}
	return nil
}

func (d *desk) Issue(_ context.Context, a activities.Application) (string, error) {
	d.application = a
	err := d.step("issue", "4f00000000000001")
	return d.made["issue"], err
}

func (d *desk) Provide(_ context.Context, orderID string, _ time.Time) error {
	return d.step("credentials", orderID)
}

func (d *desk) RecordOrder(_ context.Context, in activities.RecordOrderInput) error {
	d.record = in
	return d.step("record", in.State.OrderID)
}

func (d *desk) RecordConfirmation(context.Context, activities.RecordConfirmationInput) error {
	return nil
}

func (d *desk) SignalIssued(_ context.Context, confirmationID, orderID string) error {
	return d.step("confirmation", confirmationID+" "+orderID)
}

func issuing(t *testing.T, d *desk) (*activities.Issuance, activities.IssueCertificateInput) {
	t.Helper()
	store := &requestStore{checked: map[string]activities.CheckedRequest{
		"request": {Years: 2, RequestedStart: order.Date{Year: 2026, Month: 12, Day: 3}},
	}}
	d.made = map[string]string{}
	return &activities.Issuance{
			Documents: holding(t, map[string]string{"request": "req/emp1-ok.req"}), Requests: store, Authority: d, Credentials: d,
			Records: d, Confirmations: d, Now: func() time.Time { return reference },
		}, activities.IssueCertificateInput{
			OrderID: "order", RequestID: "request", Service: order.ServiceEmployee, Kind: order.KindEmployee, ConfirmationID: "x",
			Record: activities.RecordOrderInput{
				State:  activities.OrderState{OrderID: "order", Version: 9, Stage: order.StageEnded},
				Events: []activities.AuditEvent{{Action: "certificate-issued", Evidence: map[string]string{"payment": "p"}}},
			},
		}
}

// inOrder are the steps of issuing: nobody is told of a certificate that is
// not stored, and none is shown without its credentials.
var inOrder = []string{"issue", "credentials", "record", "confirmation"}

func TestI1_I4_StepsOfIssuing(t *testing.T) {
	d := &desk{}
	i, in := issuing(t, d)
	res, err := i.IssueCertificate(t.Context(), in)
	require.NoError(t, err)
	require.Equal(t, "4f00000000000001", res.SerialNumber)
	require.Equal(t, inOrder, d.steps)
	require.Equal(t, in.Record.State, d.record.State)
	require.Equal(t, map[string]string{"payment": "p", "serial": "4f00000000000001"}, d.record.Events[0].Evidence)
	require.Equal(t, map[string]string{"payment": "p"}, in.Record.Events[0].Evidence, "a repetition finds its input unchanged")
	require.Equal(t, "x order", d.made["confirmation"])
	require.Equal(t, 2, d.application.Years)
	require.Equal(t, reference, d.application.Now)
	require.Equal(t, "2026-12-03", order.DateOf(d.application.RequestedStart).String())
	require.NotNil(t, d.application.Request.PublicKey)
}

func TestI1_OrderOf600TellsNoConfirmation(t *testing.T) {
	d := &desk{}
	i, in := issuing(t, d)
	in.ConfirmationID = ""
	_, err := i.IssueCertificate(t.Context(), in)
	require.NoError(t, err)
	require.Equal(t, inOrder[:3], d.steps)
}

// TestI1_RepeatedAfterAFailureAtEachStep: what was begun is finished, the same
// certificate comes out.
func TestI1_RepeatedAfterAFailureAtEachStep(t *testing.T) {
	for n, broken := range inOrder {
		t.Run(broken, func(t *testing.T) {
			d := &desk{broken: broken}
			i, in := issuing(t, d)
			_, err := i.IssueCertificate(t.Context(), in)
			requireRetried(t, err)
			require.ErrorIs(t, err, errDown)
			require.Equal(t, inOrder[:n+1], d.steps, "nothing is done after what failed")
			d.broken, d.steps = "", nil
			res, err := i.IssueCertificate(t.Context(), in)
			require.NoError(t, err)
			require.Equal(t, "4f00000000000001", res.SerialNumber)
			require.Equal(t, inOrder, d.steps)
		})
	}
}

// TestI1_WhoHasPaidIsNeverGivenUp: even what looks final is tried again.
func TestI1_WhoHasPaidIsNeverGivenUp(t *testing.T) {
	lost := map[string]func(*activities.Issuance, *activities.IssueCertificateInput){
		"request file":    func(i *activities.Issuance, _ *activities.IssueCertificateInput) { i.Documents = documents{} },
		"checked request": func(i *activities.Issuance, _ *activities.IssueCertificateInput) { i.Requests = &requestStore{} },
		"readable file": func(i *activities.Issuance, _ *activities.IssueCertificateInput) {
			i.Documents = documents{"request": {ID: "request", Content: []byte("no request")}}
		},
	}
	for name, lose := range lost {
		t.Run(name, func(t *testing.T) {
			d := &desk{}
			i, in := issuing(t, d)
			lose(i, &in)
			_, err := i.IssueCertificate(t.Context(), in)
			requireRetried(t, err)
			require.False(t, slices.Contains(d.steps, "issue"))
		})
	}
}
