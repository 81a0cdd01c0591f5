package process

import (
	"math"
	"time"

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
	return trust, b.Metrics.Register(
		prometheus.NewGaugeFunc(prometheus.GaugeOpts{
			Name: "issuance_trust_files_skipped", Help: "Files of the trust directory that cannot be used; see issuance trust check.",
		}, func() float64 { return float64(len(trust.Skipped())) }),
		prometheus.NewGaugeFunc(prometheus.GaugeOpts{
			Name: "issuance_crl_first_end_timestamp_seconds", Help: "When the first of the newest revocation lists ends; NaN for no lists.",
		}, func() float64 { return unixOrNaN(path.FirstEnd(trust.Trust().CRLs)) }),
	)
}

func unixOrNaN(at time.Time, known bool) float64 {
	if !known {
		return math.NaN()
	}
	return float64(at.Unix())
}
