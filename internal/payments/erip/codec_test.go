package erip

import (
	"os"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/remote-issuance/remote-issuance/internal/order"
	"github.com/remote-issuance/remote-issuance/internal/payments/charset"
)

func golden(t testing.TB, name string) []byte {
	t.Helper()
	data, err := os.ReadFile("testdata/" + name)
	require.NoError(t, err)
	return data
}

func TestRequestOfWorkedExample(t *testing.T) {
	r, err := DecodeRequest(golden(t, "transaction-start.xml"))
	require.NoError(t, err)
	want := Request{
		Type: TransactionStart, At: time.Date(2025, 6, 1, 12, 15, 0, 0, order.Minsk()), ServiceNo: 1234567,
		Account: "NOAIS000092239", Currency: Currency, RequestID: 700100, TransactionID: 900200300, Amount: 4320,
		Agent: "749", AuthorizationType: "CS",
	}
	require.Equal(t, want, r)
	again, err := DecodeRequest(r.Encode())
	require.NoError(t, err)
	require.Equal(t, want, again)
}

func TestEveryRequestTypeIsReadBack(t *testing.T) {
	at := time.Date(2025, 6, 1, 12, 15, 0, 0, order.Minsk())
	for _, r := range []Request{
		{Type: ServiceInfo, Agent: "749"},
		{Type: TransactionStart, TransactionID: 1, Amount: 4320},
		{Type: TransactionResult, TransactionID: 1, ProviderTrxID: 2},
		{Type: TransactionResult, TransactionID: 1, ProviderTrxID: 2, Failed: true},
		{Type: StornStart, TransactionID: 1, ProviderTrxID: 2, Amount: 4320},
		{Type: StornResult, TransactionID: 1, ProviderTrxID: 2, Amount: 4320, Storned: true},
		{Type: StornResult, TransactionID: 1, ProviderTrxID: 2, Amount: 4320},
	} {
		r.At, r.Account, r.Currency, r.RequestID = at, "NOAIS000092239", Currency, 5
		got, err := DecodeRequest(r.Encode())
		require.NoError(t, err)
		require.Equal(t, r, got)
	}
}

func TestBadRequests(t *testing.T) {
	good := string(golden(t, "transaction-start.xml"))
	for name, edit := range map[string][2]string{
		"version":             {"<Version>1<", "<Version>2<"},
		"type":                {"TransactionStart</RequestType>", "Refund</RequestType>"},
		"type without child":  {"TransactionStart</RequestType>", "StornStart</RequestType>"},
		"no dialogue":         {"<RequestId>700100</RequestId>", ""},
		"dialogue is text":    {"700100", "abc"},
		"id is negative":      {"900200300", "-1"},
		"id is too long":      {"900200300", "99999999999999999999"},
		"amount":              {"43,20", "43,201"},
		"no amount":           {"<Amount>43,20</Amount>", ""},
		"service is text":     {"1234567", "x"},
		"other root":          {"ServiceProvider_Request", "Request"},
		"unknown encoding":    {"windows-1251", "koi8-z"},
		"entity from outside": {"NOAIS", "&xxe;"},
	} {
		_, err := DecodeRequest([]byte(strings.ReplaceAll(good, edit[0], edit[1])))
		require.ErrorIs(t, err, ErrMessage, name)
	}
	dot, err := DecodeRequest([]byte(strings.Replace(good, "43,20", "43.2", 1)))
	require.NoError(t, err)
	require.Equal(t, order.Kopecks(4320), dot.Amount)
	_, err = DecodeRequest([]byte(strings.Replace(string(Request{Type: StornResult, TransactionID: 1, RequestID: 1}.Encode()), ">N<", ">?<", 1)))
	require.ErrorIs(t, err, ErrMessage)
}

func TestResponsesAreGolden(t *testing.T) {
	for name, r := range map[string]Response{
		"service-info-answer.xml":       {Type: ServiceInfo, Debt: 4320, Lines: []string{"Заказ NOAIS000092239", "Сертификатов: 2"}},
		"transaction-start-answer.xml":  {Type: TransactionStart, ProviderTrxID: 1001, Lines: []string{"Заказ NOAIS000092239"}},
		"transaction-result-answer.xml": {Type: TransactionResult, Lines: []string{"Заказ NOAIS000092239", "Оплата принята"}},
		"refusal.xml":                   {Errors: []string{textUnknownOrder}},
		"storn-answer.xml":              {},
	} {
		require.Equal(t, charset.Windows1251(golden(t, name)), charset.Windows1251(r.Encode()), name)
		back, err := DecodeResponse(golden(t, name))
		require.NoError(t, err)
		require.Equal(t, r, back, name)
	}
	require.Equal(t, Response{Type: StornStart}.Encode(), Response{Type: StornResult}.Encode())
	_, err := DecodeResponse([]byte("<ServiceProvider_Response><Error/></ServiceProvider_Response>"))
	require.ErrorIs(t, err, ErrMessage)
	_, err = DecodeResponse([]byte("<html/>"))
	require.ErrorIs(t, err, ErrMessage)
}

func FuzzDecodeRequest(f *testing.F) {
	f.Add(golden(f, "transaction-start.xml"))
	f.Add(golden(f, "service-info.xml"))
	f.Add(Request{Type: StornResult, TransactionID: 1, RequestID: 1, Storned: true}.Encode())
	f.Fuzz(func(t *testing.T, data []byte) {
		r, err := DecodeRequest(data)
		if err != nil {
			require.ErrorIs(t, err, ErrMessage)
			return
		}
		require.Positive(t, r.RequestID)
		if r.Type != ServiceInfo {
			require.Positive(t, r.TransactionID)
		}
	})
}

func FuzzDecodeResponse(f *testing.F) {
	f.Add(golden(f, "service-info-answer.xml"))
	f.Add(golden(f, "refusal.xml"))
	f.Fuzz(func(t *testing.T, data []byte) {
		if _, err := DecodeResponse(data); err != nil {
			require.ErrorIs(t, err, ErrMessage)
		}
	})
}
