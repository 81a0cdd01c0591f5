package api

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"net/http"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/remote-issuance/remote-issuance/activities"
	"github.com/remote-issuance/remote-issuance/internal/order"
	"github.com/remote-issuance/remote-issuance/workflows"
)

func chooseBody(t *testing.T, ids ...string) string {
	t.Helper()
	body, err := json.Marshal(map[string][]string{"orders": ids})
	require.NoError(t, err)
	return string(body)
}

// confirmation is a made list over new orders.
func (b *bundle) confirmation(orders int) confirmationView {
	b.t.Helper()
	var ids []string
	for range orders {
		ids = append(ids, b.at(order.StageAwaitingApproval, asEmployee).OrderID)
	}
	var v confirmationView
	r := b.post("/v1/confirmations", asManager, chooseBody(b.t, ids...)).is(http.StatusCreated, &v)
	require.Equal(b.t, "/v1/confirmations/"+v.ID, r.Header.Get("Location"))
	return v
}

func (b *bundle) sign(id string, signature string) reply {
	b.t.Helper()
	return b.ask(http.MethodPost, "/v1/confirmations/"+id+"/signature", asManager, "application/pkcs7-signature", signature)
}

func TestM5_ListIsMadeShownAndSigned(t *testing.T) {
	b := setup(t)
	v := b.confirmation(2)
	require.Equal(t, activities.ConfirmationSigning, v.Stage)
	require.Equal(t, order.ActorManager, v.Next.WaitsFor)
	require.Len(t, v.Orders, 2)
	require.Equal(t, "chosen", v.Orders[0].State)
	require.Equal(t, "Главный бухгалтер", v.Orders[0].NewPosition)
	path := "/v1/confirmations/" + v.ID

	list := b.get(path+"/list", asManager).is(http.StatusOK)
	sum := sha256.Sum256(list.Body)
	require.Equal(t, hex.EncodeToString(sum[:]), v.ListSHA256, "the bytes to sign are those that were hashed")
	pdf := b.get(path+"/list?format=pdf", asManager).is(http.StatusOK)
	require.True(t, bytes.HasPrefix(pdf.Body, []byte("%PDF")))
	require.Contains(t, pdf.Header.Get("Content-Disposition"), v.ID)
	b.get(path+"/list?format=doc", asManager).problem(problemMalformed)
	b.get(path+"/payment", asManager).problem(problemNothingToPay)
	b.get(path+"/invoice", asManager).problem(problemNothingToPay)

	var signed confirmationView
	b.sign(v.ID, "a signature").is(http.StatusOK, &signed)
	require.Equal(t, activities.ConfirmationPayment, signed.Stage)
	require.Equal(t, (2 * price).String(), signed.Total)
	require.Regexp(t, `^NOAIS\d{9}$`, signed.Number)
	require.NotNil(t, signed.PayBy)
	require.Equal(t, "approved", signed.Orders[0].State)
	m, _ := b.engine.last(workflows.UpdateSignList)
	doc, err := b.server.Store.Documents.Get(t.Context(), m.input.(workflows.SignListInput).SignatureID)
	require.NoError(t, err)
	require.Equal(t, []byte("a signature"), doc.Content)
	b.sign(v.ID, "again").problem(problemWrongStage)

	var all struct{ Confirmations []confirmationView }
	b.get("/v1/confirmations", asManager).is(http.StatusOK, &all)
	require.Len(t, all.Confirmations, 1)
	b.get(path+"?wait=1ms&after=0", asManager).is(http.StatusOK, &signed)
	require.EqualValues(t, 2, signed.Version)
}

func TestM5_OrdersThatCannotBeChosen(t *testing.T) {
	b := setup(t)
	ours := b.at(order.StageAwaitingApproval, asEmployee).OrderID
	individual := b.at(order.StageAwaitingPayment, asIndividual).OrderID
	many := make([]string, 201)
	for i := range many {
		many[i] = newID()
	}
	for name, tc := range map[string]struct {
		body string
		want slug
	}{
		"nobody's":            {chooseBody(t, ours, newID()), problemNotFound},
		"an individual's":     {chooseBody(t, ours, individual), problemNotFound},
		"twice":               {chooseBody(t, ours, ours), problemValidation},
		"twice, written else": {chooseBody(t, ours, "urn:uuid:"+ours), problemValidation},
		"none":                {`{"orders":[]}`, problemValidation},
		"nothing":             {`{}`, problemValidation},
		"no id":               {chooseBody(t, "1"), problemValidation},
		"too many":            {chooseBody(t, many...), problemValidation},
		"bad e-mail":          {`{"orders":["` + ours + `"],"email":"nina"}`, problemValidation},
		"unknown field":       {`{"orders":["` + ours + `"],"all":true}`, problemMalformed},
	} {
		t.Run(name, func(t *testing.T) { b.post("/v1/confirmations", asManager, tc.body).problem(tc.want) })
	}
	_, n := b.engine.last(workflows.UpdateOpen)
	require.Zero(t, n)
	b.post("/v1/confirmations", asManager, `{"orders":["`+ours+`"],"email":"nina@example.by"}`).is(http.StatusCreated)
	m, _ := b.engine.last(workflows.UpdateOpen)
	require.Equal(t, "nina@example.by", m.input.(workflows.ConfirmationInput).Email)
	require.NotContains(t, m.workflowID+m.options.StaticSummary, "nina")
}

func TestM5_NothingLeftToConfirm(t *testing.T) {
	b := setup(t)
	ours := b.at(order.StageAwaitingApproval, asEmployee).OrderID
	b.engine.on("open Confirmation", func(message) (any, error) {
		return workflows.ConfirmationSnapshot{Stage: activities.ConfirmationVoid}, nil
	})
	b.post("/v1/confirmations", asManager, chooseBody(t, ours)).problem(problemNothingToConfirm)
	b.engine.refuse("open Confirmation", activities.ErrTypeNothingToConfirm)
	b.post("/v1/confirmations", asManager, chooseBody(t, ours)).problem(problemNothingToConfirm)
}

func TestM6_SignaturesThatAreRefused(t *testing.T) {
	b := setup(t)
	v := b.confirmation(1)
	b.sign(v.ID, string(make([]byte, maxSignature+1))).problem(problemTooLarge)
	b.sign(v.ID, "").problem(problemMalformed)
	b.ask(http.MethodPost, "/v1/confirmations/"+v.ID+"/signature", asManager, "text/plain", "x").problem(problemMediaType)
	_, n := b.engine.last(workflows.UpdateSignList)
	require.Zero(t, n)

	b.engine.on(workflows.UpdateSignList, func(message) (any, error) {
		return workflows.SignListResult{Report: order.Report{{Code: order.CheckSignature, Verdict: order.VerdictFailed, Cause: "other-bytes"}}}, nil
	})
	p := b.sign(v.ID, "over other bytes").problem(problemSignatureRejected)
	require.Equal(t, "other-bytes", p.Checks[0].Cause)
	require.NotEmpty(t, p.Checks[0].Title)
	for errorType, want := range map[string]slug{
		workflows.ErrTypeBusy: problemBusy, workflows.ErrTypeWrongStage: problemWrongStage, workflows.ErrTypeRegistersSilent: problemRegistersSilent,
		activities.ErrTypeNothingToConfirm: problemNothingToConfirm,
	} {
		b.engine.refuse(workflows.UpdateSignList, errorType)
		b.sign(v.ID, "x").problem(want)
	}
	b.playWorkflows()
	b.ask(http.MethodPost, "/v1/confirmations/"+v.ID+"/signature", asManager, "application/octet-stream", "x").is(http.StatusOK)
}

func TestConfirmationsOfOthersAreNotFound(t *testing.T) {
	b := setup(t)
	v := b.confirmation(1)
	for _, id := range []string{v.ID, newID(), "x"} {
		for _, route := range []string{
			"GET ", "GET /list", "GET /payment", "GET /invoice", "POST /payment", "POST /signature",
		} {
			method, below, _ := strings.Cut(route, " ")
			mediaType, body := "application/json", `{"way":"erip"}`
			if below == "/signature" {
				mediaType = "application/octet-stream"
			}
			b.ask(method, "/v1/confirmations/"+id+below, "Bearer other-manager", mediaType, body).problem(problemNotFound)
		}
	}
	var all struct{ Confirmations []confirmationView }
	b.get("/v1/confirmations", "Bearer other-manager").is(http.StatusOK, &all)
	require.Empty(t, all.Confirmations)
	require.NotNil(t, all.Confirmations)
}

func TestP8_OrdersThatWereApprovedBeforeHaveNoList(t *testing.T) {
	b := setup(t)
	v := b.confirmation(2)
	view, err := b.server.Store.Organisation.Confirmation(t.Context(), v.ID)
	require.NoError(t, err)
	st := view.State
	for _, stage := range []activities.ConfirmationStage{
		activities.ConfirmationIssuing, activities.ConfirmationFinished, activities.ConfirmationLapsed, activities.ConfirmationVoid,
	} {
		st.Version++
		st.Stage, st.ListID = stage, ""
		st.IssuedIDs, st.LeftIDs = st.OrderIDs[:1], st.OrderIDs[1:]
		require.NoError(t, b.server.Store.Records.RecordConfirmation(t.Context(), activities.RecordConfirmationInput{State: st}))
		var now confirmationView
		b.get("/v1/confirmations/"+v.ID, asManager).is(http.StatusOK, &now)
		require.Equal(t, []string{"issued", "left"}, []string{now.Orders[0].State, now.Orders[1].State})
		require.NotEmpty(t, now.Next.Text)
		require.Equal(t, stage == activities.ConfirmationIssuing, now.Next.WaitsFor == order.ActorSystem)
	}
	b.get("/v1/confirmations/"+v.ID+"/list", asManager).problem(problemNotFound)
}
