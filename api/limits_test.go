package api

import (
	"net/http"
	"strconv"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/remote-issuance/remote-issuance/api/web"
	"github.com/remote-issuance/remote-issuance/internal/order"
)

func TestEachPersonHasRates(t *testing.T) {
	b := setup(t)
	d := b.deps
	once := web.Rate{Burst: 1, Every: time.Minute}
	d.Rates = map[web.Action]web.Rate{
		web.ActionOpen: once, web.ActionUpload: once, web.ActionMakeList: once, web.ActionNotify: once,
	}
	b.serve(d)
	individual := b.at(order.StageRequest, asIndividual)
	body := chooseBody(t, b.at(order.StageAwaitingApproval, asEmployee).ID)
	mediaType, file := form(t, []byte("no request"), goodFields...)
	for name, send := range map[string]func() reply{
		"opening":   func() reply { return b.post("/v1/orders", asIndividual, `{"service":"6.0.00"}`) },
		"uploading": func() reply { return b.ask(http.MethodPost, individual.path("request"), asIndividual, mediaType, file) },
		"lists":     func() reply { return b.post("/v1/confirmations", asManager, body) },
	} {
		require.NotEqual(t, http.StatusTooManyRequests, send().Status, name)
		refused := send()
		refused.problem(web.ProblemTooMany)
		seconds, err := strconv.Atoi(refused.Header.Get("Retry-After"))
		require.NoError(t, err, name)
		require.InDelta(t, 60, seconds, 1, name)
		b.now = b.now.Add(time.Minute)
		require.NotEqual(t, http.StatusTooManyRequests, send().Status, name)
	}
	b.post("/v1/orders", asStranger, `{"service":"6.0.00"}`).is(http.StatusCreated)
}

func TestALoopOfOpeningAndWithdrawingIsStopped(t *testing.T) {
	b := setup(t)
	var refused reply
	for range 200 {
		refused = b.post("/v1/orders", asIndividual, `{"service":"6.0.00"}`)
		if refused.Status == http.StatusTooManyRequests {
			break
		}
		v := refused.order(http.StatusCreated)
		b.post("/v1/orders/"+v.ID.String()+"/withdrawal", asIndividual, "").is(http.StatusOK)
	}
	refused.problem(web.ProblemTooMany)
	var letters int
	require.NoError(t, b.pool.QueryRow(t.Context(), "SELECT count(*) FROM notices").Scan(&letters))
	require.Zero(t, letters)
}
