package api

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/remote-issuance/remote-issuance/api/contract"
	"github.com/remote-issuance/remote-issuance/api/web"
	"github.com/remote-issuance/remote-issuance/internal/order"
	"github.com/remote-issuance/remote-issuance/internal/pki"
	"github.com/remote-issuance/remote-issuance/internal/pki/cms"
	"github.com/remote-issuance/remote-issuance/internal/registers"
)

func chooseBody(t *testing.T, ids ...order.ID) string {
	t.Helper()
	body, err := json.Marshal(map[string][]order.ID{"orders": ids})
	require.NoError(t, err)
	return string(body)
}

// confirmation is a made list over new orders.
func (b *bundle) confirmation(orders int) contract.Confirmation {
	b.t.Helper()
	var ids []order.ID
	for range orders {
		ids = append(ids, b.at(order.StageAwaitingApproval, asEmployee).ID)
	}
	var v contract.Confirmation
	r := b.post("/v1/confirmations", asManager, chooseBody(b.t, ids...)).is(http.StatusCreated, &v)
	require.Equal(b.t, "/v1/confirmations/"+v.ID.String(), r.Header.Get("Location"))
	return v
}

// signature is that of the person over the confirmation's list.
func (b *bundle) signature(v contract.Confirmation, token string) string {
	b.t.Helper()
	list := b.get("/v1/confirmations/"+v.ID.String()+"/list", asManager).is(http.StatusOK).Body
	return b.over(list, token)
}

func (b *bundle) over(content []byte, token string) string {
	b.t.Helper()
	everyone := b.people
	der := everyone.tokens[token].Certificate
	certificate, err := pki.ParseCertificate(der)
	require.NoError(b.t, err)
	signature, err := cms.SignData(content, certificate, everyone.keys[string(der)], cms.SignOptions{})
	require.NoError(b.t, err)
	return string(signature)
}

func (b *bundle) sendSignature(v contract.Confirmation, signature string) reply {
	b.t.Helper()
	return b.ask(http.MethodPost, "/v1/confirmations/"+v.ID.String()+"/signature", asManager, "application/pkcs7-signature", signature)
}

// sign signs the list as its manager.
func (b *bundle) sign(v contract.Confirmation) reply {
	b.t.Helper()
	return b.sendSignature(v, b.signature(v, asManager))
}

func TestM5_ListIsMadeShownAndSigned(t *testing.T) {
	b := setup(t)
	v := b.confirmation(2)
	require.Equal(t, order.ConfirmationSigning, v.Stage)
	require.Equal(t, order.ActorManager, v.Next.WaitsFor)
	require.Len(t, v.Orders, 2)
	require.Equal(t, contract.Chosen, v.Orders[0].State)
	require.Equal(t, "Главный бухгалтер", v.Orders[0].NewPosition)
	require.Empty(t, b.starter.confirmations, "a list is a row, not a workflow")
	path := "/v1/confirmations/" + v.ID.String()

	list := b.get(path+"/list", asManager).is(http.StatusOK)
	sum := sha256.Sum256(list.Body)
	require.Equal(t, hex.EncodeToString(sum[:]), v.ListSha256, "the bytes to sign are those that were hashed")
	require.Equal(t, "application/xml", list.Header.Get("Content-Type"))
	said := string(list.Body)
	require.NotRegexp(t, `[0-9a-f]{8}-[0-9a-f]{4}-`, said, "no identifiers towards a director")
	for _, text := range []string{
		"<Номер>" + strconv.FormatInt(v.ListNumber, 10) + "<", "<Руководитель>Узорова Нина Павловна<", "<УНП>" + unp + "<", "<Номер>" + v.Orders[0].Number + "<",
		"<НоваяДолжность>Главный бухгалтер<", "<Стоимость>" + price.Grouped() + " BYN<",
	} {
		require.Contains(t, said, text)
	}
	pdf := b.get(path+"/list?format=pdf", asManager).is(http.StatusOK)
	require.True(t, bytes.HasPrefix(pdf.Body, []byte("%PDF")))
	for extension, header := range map[string]http.Header{"xml": list.Header, "pdf": pdf.Header} {
		require.Equal(t, fmt.Sprintf(`attachment; filename="perechen-%d.%s"`, v.ListNumber, extension), header.Get("Content-Disposition"))
	}
	b.get(path+"/list?format=json", asManager).problem(web.ProblemValidation)
	b.get(path+"/list?format=doc", asManager).problem(web.ProblemValidation)
	b.get(path+"/payment", asManager).problem(web.ProblemNothingToPay)
	b.get(path+"/invoice", asManager).problem(web.ProblemNothingToPay)

	var signed contract.Confirmation
	signature := b.signature(v, asManager)
	b.sendSignature(v, signature).is(http.StatusOK, &signed)
	require.Equal(t, order.ConfirmationPayment, signed.Stage)
	require.Equal(t, (2 * price).String(), signed.Total)
	require.Regexp(t, `^NOAIS\d{9}$`, signed.Number)
	require.False(t, signed.PayBy.IsZero())
	require.Equal(t, contract.Approved, signed.Orders[0].State)
	require.Equal(t, []order.ID{v.ID}, b.starter.confirmations)
	kept, err := b.confirmations.Confirmation(t.Context(), v.ID)
	require.NoError(t, err)
	doc, err := b.documents.Get(t.Context(), kept.SignatureID)
	require.NoError(t, err)
	require.Equal(t, []byte(signature), doc.Content)
	_, err = b.documents.Get(t.Context(), order.EvidenceDocumentID(kept.SignatureID))
	require.NoError(t, err, "what it was verified against is kept")
	b.sendSignature(v, signature).problem(web.ProblemWrongStage)

	var all contract.ConfirmationList
	b.get("/v1/confirmations", asManager).is(http.StatusOK, &all)
	require.Len(t, all.Confirmations, 1)
	b.get(path+"?wait=1ms&after=0", asManager).is(http.StatusOK, &signed)
	require.EqualValues(t, 2, signed.Version)
	employee := b.get("/v1/orders/"+v.Orders[0].ID.String(), asEmployee).order(http.StatusOK)
	require.Equal(t, order.StageAwaitingPayment, employee.Stage)
	require.Equal(t, v.ID, employee.ConfirmationID)
}

func TestM5_OrdersThatCannotBeChosen(t *testing.T) {
	b := setup(t)
	ours := b.at(order.StageAwaitingApproval, asEmployee).ID
	individual := b.at(order.StageAwaitingPayment, asIndividual).ID
	many := make([]order.ID, 201)
	for i := range many {
		many[i] = order.NewID()
	}
	for name, tc := range map[string]struct {
		body string
		want web.Slug
	}{
		"nobody's":           {chooseBody(t, ours, order.NewID()), web.ProblemNotFound},
		"an individual's":    {chooseBody(t, ours, individual), web.ProblemNotFound},
		"twice":              {chooseBody(t, ours, ours), web.ProblemValidation},
		"twice, in capitals": {`{"orders":["` + ours.String() + `","` + strings.ToUpper(ours.String()) + `"]}`, web.ProblemValidation},
		"a URN":              {`{"orders":["urn:uuid:` + ours.String() + `"]}`, web.ProblemValidation},
		"none":               {`{"orders":[]}`, web.ProblemValidation},
		"nothing":            {`{}`, web.ProblemValidation},
		"an empty id":        {`{"orders":[""]}`, web.ProblemValidation},
		"no id":              {`{"orders":["1"]}`, web.ProblemValidation},
		"too many":           {chooseBody(t, many...), web.ProblemValidation},
		"bad e-mail":         {`{"orders":["` + ours.String() + `"],"email":"nina"}`, web.ProblemValidation},
		"unknown field":      {`{"orders":["` + ours.String() + `"],"all":true}`, web.ProblemMalformed},
	} {
		t.Run(name, func(t *testing.T) { b.post("/v1/confirmations", asManager, tc.body).problem(tc.want) })
	}
	var v contract.Confirmation
	b.post("/v1/confirmations", asManager, `{"orders":["`+ours.String()+`"],"email":"nina@example.by"}`).is(http.StatusCreated, &v)
	kept, err := b.confirmations.Confirmation(t.Context(), v.ID)
	require.NoError(t, err)
	require.Equal(t, "nina@example.by", kept.Email)
}

func TestM5_NothingLeftToConfirm(t *testing.T) {
	b := setup(t)
	s := b.at(order.StageAwaitingApproval, asEmployee)
	body := chooseBody(t, s.ID)
	var v contract.Confirmation
	b.post("/v1/confirmations", asManager, body).is(http.StatusCreated, &v)
	signature := b.signature(v, asManager)
	b.ends(s, order.EndWithdrawn, order.ReasonByApplicant)
	b.sendSignature(v, signature).problem(web.ProblemNothingToConfirm)
	b.post("/v1/confirmations", asManager, body).problem(web.ProblemNothingToConfirm)
}

func TestM6_SignaturesThatAreRefused(t *testing.T) {
	b := setup(t)
	v := b.confirmation(1)
	path := "/v1/confirmations/" + v.ID.String()
	list := b.get(path+"/list", asManager).is(http.StatusOK).Body
	b.sendSignature(v, string(make([]byte, maxSignature+1))).problem(web.ProblemTooLarge)
	b.sendSignature(v, "").problem(web.ProblemMalformed)
	b.ask(http.MethodPost, path+"/signature", asManager, "text/plain", "x").problem(web.ProblemMediaType)
	for name, tc := range map[string]struct {
		signature string
		code      order.CheckCode
	}{
		"no CMS":           {"a signature", order.CheckSignature},
		"over other bytes": {b.over(append([]byte(" "), list...), asManager), order.CheckSignature},
		"an employee's":    {b.over(list, asEmployee), order.CheckHead},
		"a revoked one's":  {b.over(list, "Bearer revoked-manager"), order.CheckCertificate},
		"an expired one's": {b.over(list, "Bearer expired-manager"), order.CheckCertificate},
		"another CA's":     {b.over(list, "Bearer foreign-manager"), order.CheckCertificate},
	} {
		p := b.sendSignature(v, tc.signature).problem(web.ProblemSignatureRejected)
		require.Equal(t, string(tc.code), p.Checks[0].Code, name)
		require.NotEmpty(t, p.Checks[0].Title)
	}
	good := b.signature(v, asManager)
	b.egr.err = registers.ErrUnavailable
	b.sendSignature(v, good).problem(web.ProblemRegistersSilent)
	b.egr.err = nil
	employee := b.get("/v1/orders/"+v.Orders[0].ID.String(), asEmployee).order(http.StatusOK)
	require.Equal(t, order.StageAwaitingApproval, employee.Stage, "nothing is approved on a bad one")
	b.ask(http.MethodPost, path+"/signature", asManager, "application/octet-stream", good).is(http.StatusOK)
}

func TestConfirmationsOfOthersAreNotFound(t *testing.T) {
	b := setup(t)
	v := b.confirmation(1)
	for _, id := range []string{v.ID.String(), order.NewID().String(), "x"} {
		for _, route := range []string{
			"GET ", "GET /list", "GET /payment", "GET /invoice", "POST /payment", "POST /signature",
		} {
			method, below, _ := strings.Cut(route, " ")
			mediaType, body := "application/json", `{"method":"erip"}`
			if below == "/signature" {
				mediaType = "application/octet-stream"
			}
			b.ask(method, "/v1/confirmations/"+id+below, "Bearer other-manager", mediaType, body).problem(web.ProblemNotFound)
		}
	}
	var all contract.ConfirmationList
	b.get("/v1/confirmations", "Bearer other-manager").is(http.StatusOK, &all)
	require.Empty(t, all.Confirmations)
	require.NotNil(t, all.Confirmations)
}

func TestP8_OrdersThatWereApprovedBeforeNeedNoSignature(t *testing.T) {
	b := setup(t)
	v := b.confirmation(2)
	var signed contract.Confirmation
	b.sign(v).is(http.StatusOK, &signed)
	// One order was signed a day later: it has a day more to be paid.
	_, err := b.pool.Exec(t.Context(), "UPDATE orders SET pay_by = pay_by + interval '2 days' WHERE id = $1", v.Orders[1].ID.String())
	require.NoError(t, err)
	b.now = signed.PayBy.Add(1)
	ended, err := b.confirmations.Close(t.Context(), v.ID, b.now)
	require.NoError(t, err)
	require.Equal(t, order.ConfirmationLapsed, ended.Stage)
	var lapsed contract.Confirmation
	b.get("/v1/confirmations/"+v.ID.String(), asManager).is(http.StatusOK, &lapsed)
	require.Equal(t, order.ActorNobody, lapsed.Next.WaitsFor)
	require.True(t, lapsed.PayBy.IsZero(), "nothing stale after the end")

	var again contract.Confirmation
	b.post("/v1/confirmations", asManager, chooseBody(t, v.Orders[1].ID)).is(http.StatusCreated, &again)
	require.Equal(t, order.ConfirmationPayment, again.Stage, "made and confirmed in one call")
	require.Equal(t, price.String(), again.Total)
	require.NotEqual(t, signed.Number, again.Number)
	require.Equal(t, []order.ID{v.ID, again.ID}, b.starter.confirmations)
	b.get("/v1/confirmations/"+again.ID.String()+"/list", asManager).problem(web.ProblemNotFound)
	b.sendSignature(again, "x").problem(web.ProblemWrongStage)
}

func TestConfirmationAtEachStage(t *testing.T) {
	b := setup(t)
	v := b.confirmation(1)
	for stage, actor := range map[order.ConfirmationStage]order.Actor{
		order.ConfirmationSigning: order.ActorManager, order.ConfirmationPayment: order.ActorManager, order.ConfirmationIssuing: order.ActorSystem,
		order.ConfirmationFinished: order.ActorNobody, order.ConfirmationLapsed: order.ActorNobody, order.ConfirmationVoid: order.ActorNobody,
	} {
		_, err := b.pool.Exec(t.Context(), "UPDATE confirmations SET stage = $2 WHERE id = $1", v.ID.String(), string(stage))
		require.NoError(t, err)
		var now contract.Confirmation
		b.get("/v1/confirmations/"+v.ID.String(), asManager).is(http.StatusOK, &now)
		require.Equal(t, stage, now.Stage)
		require.Equal(t, actor, now.Next.WaitsFor)
		require.NotEmpty(t, now.Next.Text)
	}
}
