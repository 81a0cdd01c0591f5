package qr_test

import (
	"fmt"

	"github.com/remote-issuance/remote-issuance/internal/payments/qr"
)

// A link is taken apart and its check value compared with the one it should have.
func ExampleExplain() {
	report, ok := qr.Explain("https://pay.raschet.by/#00020132360010by.raschet0107154342410011120211520458125303933540115802BY5913UNC_4913389876007Belarus630444D0")
	fmt.Println(ok, report.Check, report.Algorithm)
	report, ok = qr.Explain("https://pay.raschet.by/#00020132360010by.raschet0107154342410011120211520458125303933540125802BY5913UNC_4913389876007Belarus630444D0")
	fmt.Println(ok, report.Problem)
	// Output:
	// true 44D0 sha-256
	// false the check value is wrong
}
