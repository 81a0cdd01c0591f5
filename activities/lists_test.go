package activities_test

import (
	"context"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/remote-issuance/remote-issuance/activities"
	"github.com/remote-issuance/remote-issuance/internal/approval"
	"github.com/remote-issuance/remote-issuance/internal/order"
	"github.com/remote-issuance/remote-issuance/internal/registers"
)

// listStore gives the orders that may be on a list.
type listStore struct {
	orders []activities.ListedOrder
	err    error
}

func (s listStore) ListOrders(context.Context, string, []string, time.Time) ([]activities.ListedOrder, error) {
	return s.orders, s.err
}

// heads is the register of heads.
type heads struct {
	head registers.Head
	err  error
}

func (h heads) Head(context.Context, order.UNP) (registers.Head, error) { return h.head, h.err }

func listed(id string, approved bool, confirmBy time.Duration) activities.ListedOrder {
	return activities.ListedOrder{
		Entry:        approval.Entry{OrderID: id, Surname: "Петрова", GivenName: "Анна", Years: 1, Price: 4320},
		Organisation: "Тестовый завод", Approved: approved, ConfirmBy: reference.Add(confirmBy),
	}
}

var compose = activities.ComposeListInput{ConfirmationID: "x", UNP: "190000018", OrderIDs: []string{"a", "b", "c"}, At: reference}

func TestM5_ListOfTheChosenIsStored(t *testing.T) {
	d := documents{}
	l := &activities.Lists{Documents: d, Store: listStore{orders: []activities.ListedOrder{
		listed("a", false, 3*time.Hour), listed("b", false, time.Hour), listed("c", true, time.Minute),
	}}}
	res, err := l.ComposeList(t.Context(), compose)
	require.NoError(t, err)
	require.Equal(t, []string{"a", "b", "c"}, res.OrderIDs)
	require.True(t, res.NeedSignature)
	require.Equal(t, reference.Add(time.Hour), res.SignBy, "until the first that is not approved leaves the manager's list (D1)")
	doc := d[res.ListID]
	require.Equal(t, activities.DocumentList, doc.Kind)
	require.Equal(t, "190000018", doc.OwnerKey)
	list, err := approval.Parse(doc.Content)
	require.NoError(t, err)
	require.Len(t, list.Entries, 3)
	require.Equal(t, "x", list.ID)

	again, err := l.ComposeList(t.Context(), compose)
	require.NoError(t, err)
	require.Equal(t, res, again)
	require.Len(t, d, 1, "a repeated step finds the list that was stored first")
}

func TestP8_ApprovedOrdersNeedNoList(t *testing.T) {
	d := documents{}
	l := &activities.Lists{Documents: d, Store: listStore{orders: []activities.ListedOrder{listed("a", true, -time.Hour)}}}
	res, err := l.ComposeList(t.Context(), compose)
	require.NoError(t, err)
	require.Equal(t, activities.ComposeListResult{OrderIDs: []string{"a"}}, res)
	require.Empty(t, d)
}

func TestM5_ListThatCannotBeMade(t *testing.T) {
	_, err := (&activities.Lists{Store: listStore{}}).ComposeList(t.Context(), compose)
	requireFinal(t, err, activities.ErrTypeNothingToConfirm)
	_, err = (&activities.Lists{Store: listStore{err: activities.ErrNoPrice}}).ComposeList(t.Context(), compose)
	requireFinal(t, err, activities.ErrTypeNoPrice)
	_, err = (&activities.Lists{Store: listStore{err: errDown}}).ComposeList(t.Context(), compose)
	requireRetried(t, err)
}

// director is the head of the samples' organisation.
var director = registers.Head{
	UNP: "190000018", PersonalNumber: "3020280A003PB8", Surname: "Сидоров", GivenName: "Павел", Patronymic: "Олегович",
}

func verifier(t *testing.T, list, signature string, h heads) (*activities.Lists, activities.VerifyListInput) {
	t.Helper()
	d := holding(t, map[string]string{"list": list, "signature": signature, "certificate": "cert/mgr1.cer"})
	return &activities.Lists{Documents: d, Trust: trust(t), Heads: h, Anchors: trust(t)}, activities.VerifyListInput{
		UNP: "190000018", CertificateID: "certificate", ListID: "list", SignatureID: "signature", At: reference,
	}
}

func TestM1_M6_SignatureOfTheHead(t *testing.T) {
	for _, signature := range []string{"cms/list.json.p7s", "cms/list.withattrcert.p7s"} {
		t.Run(signature, func(t *testing.T) {
			l, in := verifier(t, "cms/list.json", signature, heads{head: director})
			res, err := l.VerifyList(t.Context(), in)
			require.NoError(t, err)
			require.Empty(t, res.Report)
			require.Contains(t, l.Documents, activities.EvidenceID("signature"))
		})
	}
}

func TestM1_M6_SignatureThatApprovesNothing(t *testing.T) {
	other := director
	other.PersonalNumber, other.Surname = "3020280A009PB0", "Иванов"
	tests := map[string]struct {
		list, signature string
		head            heads
		code            order.CheckCode
	}{
		"bits of it flipped":     {"cms/list.json", "cms/list.badsig.p7s", heads{head: director}, order.CheckSignature},
		"over other bytes":       {"cms/list.tampered.json", "cms/list.json.p7s", heads{head: director}, order.CheckSignature},
		"no signature at all":    {"cms/list.json", "cms/list.json", heads{head: director}, order.CheckSignature},
		"by an employee":         {"cms/list.json", "cms/list.by-employee.p7s", heads{head: director}, order.CheckHead},
		"by a former head":       {"cms/list.json", "cms/list.json.p7s", heads{head: other}, order.CheckHead},
		"no head is on record":   {"cms/list.json", "cms/list.json.p7s", heads{err: registers.ErrNotFound}, order.CheckHead},
		"silence does not count": {"cms/list.json", "cms/list.badsig.p7s", heads{err: registers.ErrUnavailable}, order.CheckSignature},
	}
	for name, tc := range tests {
		t.Run(name, func(t *testing.T) {
			l, in := verifier(t, tc.list, tc.signature, tc.head)
			res, err := l.VerifyList(t.Context(), in)
			require.NoError(t, err)
			require.NotEmpty(t, res.Report)
			require.Equal(t, tc.code, res.Report[0].Code)
			require.False(t, res.Report.Passed())
			require.NotContains(t, l.Documents, activities.EvidenceID("signature"))
		})
	}
}

func TestM6_SignerWhoseCertificateHasExpired(t *testing.T) {
	l, in := verifier(t, "cms/list.json", "cms/list.json.p7s", heads{head: director})
	in.At = reference.AddDate(30, 0, 0)
	res, err := l.VerifyList(t.Context(), in)
	require.NoError(t, err)
	require.Equal(t, order.CheckCertificate, res.Report[0].Code)
}

func TestM1_SilentRegisterOfHeadsIsAskedAgain(t *testing.T) {
	l, in := verifier(t, "cms/list.json", "cms/list.json.p7s", heads{err: registers.ErrUnavailable})
	_, err := l.VerifyList(t.Context(), in)
	requireRetried(t, err)
}

func TestM6_LostDocumentsAreFinal(t *testing.T) {
	for _, id := range []string{"list", "signature", "certificate"} {
		l, in := verifier(t, "cms/list.json", "cms/list.json.p7s", heads{head: director})
		delete(l.Documents.(documents), id)
		_, err := l.VerifyList(t.Context(), in)
		requireFinal(t, err, activities.ErrTypeNotFound)
	}
}
