package client

import (
	"context"

	"github.com/remote-issuance/remote-issuance/api/contract"
)

// OperatorStatus tells what needs an operator.
func (c *Client) OperatorStatus(ctx context.Context) (contract.OperatorStatus, error) {
	return get[contract.OperatorStatus](ctx, c, "/v1/operator/status")
}
