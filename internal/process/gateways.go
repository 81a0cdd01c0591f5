package process

import (
	"net/http"
	"time"

	"github.com/remote-issuance/remote-issuance/internal/clock"
	"github.com/remote-issuance/remote-issuance/internal/config"
	"github.com/remote-issuance/remote-issuance/internal/payments"
	"github.com/remote-issuance/remote-issuance/internal/payments/assist"
)

// cardsPatience is how long ASSIST may take to answer.
const cardsPatience = 20 * time.Second

// CardGateway makes the client of the merchant's ASSIST; nil where payment by
// card is not configured.
func CardGateway(a config.Assist) (*assist.Gateway, error) {
	if !a.Enabled() {
		return nil, nil //nolint:nilnil // not configured is no error
	}
	return assist.New(assist.Config{
		Host: a.Host.String(), MerchantID: a.MerchantID, Login: a.Login, Password: payments.NewSecret(a.Password.Reveal()),
		RequestSalt: payments.NewSecret(a.RequestSalt.Reveal()), ResultSalt: payments.NewSecret(a.ResultSalt.Reveal()), TestMode: a.TestMode,
	}, &http.Client{Timeout: cardsPatience}, clock.Now)
}
