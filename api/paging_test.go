package api

import (
	"net/http"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/remote-issuance/remote-issuance/api/contract"
	"github.com/remote-issuance/remote-issuance/api/web"
	"github.com/remote-issuance/remote-issuance/internal/order"
)

// Lists of orders, confirmations, payments and webhooks are read by page and size; without them as before.
func TestListsAreReadByPage(t *testing.T) {
	b := setup(t)
	for range 3 {
		b.ended(order.EndWithdrawn, order.ReasonByApplicant, asIndividual)
	}
	read := func(query string) contract.OrderList {
		var out contract.OrderList
		b.get("/v1/orders?state=all"+query, asIndividual).is(http.StatusOK, &out)
		return out
	}
	whole := read("")
	require.Len(t, whole.Orders, 3)
	require.Equal(t, []int{1, 1, 3}, []int{whole.Page, whole.Pages, whole.Total})
	first, second, beyond := read("&size=2"), read("&size=2&page=2"), read("&size=2&page=3")
	require.Equal(t, []int{1, 2, 3}, []int{first.Page, first.Pages, first.Total})
	require.Equal(t, []int{2, 2, 3}, []int{second.Page, second.Pages, second.Total})
	require.Equal(t, []int{3, 2, 3}, []int{beyond.Page, beyond.Pages, beyond.Total})
	require.Equal(t, whole.Orders, append(first.Orders, second.Orders...))
	require.Empty(t, beyond.Orders)
	for path, token := range map[string]string{
		"/v1/orders": asIndividual, "/v1/confirmations": asManager, "/v1/payments": asOperator, "/v1/webhooks": asClient,
	} {
		var out struct{ Page, Pages, Total int }
		b.get(path+"?page=2&size=1", token).is(http.StatusOK, &out)
		require.Equal(t, 2, out.Page, path)
		require.Equal(t, out.Total, out.Pages, path)
		for _, wrong := range []string{"page=0", "page=x", "page=100001", "size=0", "size=101", "size=-1", "size=1.5"} {
			p := b.get(path+"?"+wrong, token).problem(web.ProblemValidation)
			require.Equal(t, wrong[:4], p.Errors[0].Field, "%s %s", path, wrong)
		}
	}
}
