package request_test

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/remote-issuance/remote-issuance/internal/order"
	"github.com/remote-issuance/remote-issuance/internal/request"
)

// owners are the current certificates and services of the samples' requests
// whose owner is not emp1.
var owners = map[string]struct {
	certificate string
	service     order.Service
}{
	"req/emp2-ok.req": {"emp2.cer", order.ServiceEmployee},
	"req/mgr1-ok.req": {"mgr1.cer", order.ServiceEmployee},
	"req/ind1-ok.req": {"ind1.cer", order.ServiceIndividual},
}

func TestS3ToS6_TheManifestIsKept(t *testing.T) {
	var manifest struct {
		Requests map[string]string
	}
	require.NoError(t, json.Unmarshal(file(t, "manifest.json"), &manifest))
	seen := 0
	for name, verdict := range manifest.Requests {
		if strings.HasPrefix(name, "_") {
			continue
		}
		seen++
		in := employee(t, name)
		if o, ok := owners[name]; ok {
			in.Current, in.Service = certificate(t, o.certificate), o.service
		}
		got := request.Verify(in, validator(t))
		require.Equal(t, !strings.HasPrefix(verdict, "reject"), got.Report.Passed(), "%s: %s: %v", name, verdict, got.Report.Failed())
		require.LessOrEqual(t, len(got.Report.Failed()), 1, "%s: one reason", name)
	}
	require.Equal(t, 14, seen)
}
