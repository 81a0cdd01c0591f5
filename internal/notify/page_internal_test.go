package notify

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/remote-issuance/remote-issuance/internal/order"
)

func TestLettersLeadToThePageTheyAreAbout(t *testing.T) {
	t.Parallel()
	for _, kind := range Kinds() {
		want := "https://portal.example/orders/7"
		switch kind {
		case order.NoticeCertificateEnds:
			want = "https://portal.example/new-order"
		case order.NoticeConfirmationPaymentDue, order.NoticeConfirmationReminder, order.NoticeConfirmationLapsed, order.NoticeConfirmationFinished,
			order.NoticeConfirmationTotal:
			want = "https://portal.example/organisation/lists/7"
		}
		require.Equal(t, want, pageOf("https://portal.example/", kind, "7"), kind)
		require.NotContains(t, pageOf("https://portal.example", kind, ""), "/orders/")
	}
}
