package process

import (
	"github.com/prometheus/client_golang/prometheus"

	"github.com/remote-issuance/remote-issuance/internal/admission"
	"github.com/remote-issuance/remote-issuance/internal/pki/path"
)

// TrustDirectory opens the directory of trusted certificates and revocation
// lists and counts the files in it that cannot be used, for an alarm.
func (b *Base) TrustDirectory(dir string) (*admission.TrustDirectory, error) {
	trust, err := admission.OpenTrustDirectory(dir, path.Options{}, b.Log)
	if err != nil {
		return nil, err
	}
	return trust, b.Metrics.Register(prometheus.NewGaugeFunc(prometheus.GaugeOpts{
		Name: "trust_files_skipped", Help: "Files of the trust directory that cannot be used; see issuance trust check.",
	}, func() float64 { return float64(len(trust.Skipped())) }))
}
