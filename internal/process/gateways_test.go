package process_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/remote-issuance/remote-issuance/internal/config"
	"github.com/remote-issuance/remote-issuance/internal/process"
)

func TestP1_CardsArePaidWithOnlyWhereItIsConfigured(t *testing.T) {
	gateway, err := process.CardGateway(config.Assist{})
	require.NoError(t, err)
	require.Nil(t, gateway)

	var host config.URL
	require.NoError(t, host.UnmarshalText([]byte("https://test.paysec.by")))
	whole := config.Assist{
		Host: host, MerchantID: "999999", Login: "merchant_login", Password: config.NewSecret("password"),
		RequestSalt: config.NewSecret("request"), ResultSalt: config.NewSecret("result"),
	}
	gateway, err = process.CardGateway(whole)
	require.NoError(t, err)
	require.NotNil(t, gateway)

	whole.MerchantID = "no digits"
	_, err = process.CardGateway(whole)
	require.Error(t, err)
}
