package request_test

import (
	"crypto/rand"
	"fmt"
	"time"

	"github.com/remote-issuance/remote-issuance/internal/order"
	"github.com/remote-issuance/remote-issuance/internal/pki"
	"github.com/remote-issuance/remote-issuance/internal/pki/alg"
	"github.com/remote-issuance/remote-issuance/internal/pki/testca"
	"github.com/remote-issuance/remote-issuance/internal/request"
)

// An employee's certificate of a test CA is renewed under another position:
// the first check passes and names what the manager has to confirm.
func Example() {
	now := time.Date(2026, 11, 23, 9, 0, 0, 0, time.UTC)
	ca, err := testca.New(testca.Options{From: now.AddDate(-1, 0, 0)})
	if err != nil {
		panic(err)
	}
	oldKey, err := alg.GenerateKey(alg.KeyBign256, rand.Reader)
	if err != nil {
		panic(err)
	}
	current, err := ca.Issue(testca.ProfileExtensions, testca.SampleEmployee(), oldKey.Public(), now.AddDate(-1, 0, 0), now.AddDate(0, 1, 0))
	if err != nil {
		panic(err)
	}

	newKey, err := alg.GenerateKey(alg.KeyBign256, rand.Reader)
	if err != nil {
		panic(err)
	}
	template, err := request.Renewal(current, "Главный бухгалтер")
	if err != nil {
		panic(err)
	}
	template.Validity = request.Period(request.StartOf(order.ServiceEmployee, order.DefaultPolicy(), now), 2)
	file, err := pki.BuildRequest(template, newKey)
	if err != nil {
		panic(err)
	}

	result := request.Check(request.Input{
		File: file.Raw, Current: current, Service: order.ServiceEmployee, Now: now, Policy: order.DefaultPolicy(),
	})
	fmt.Println(result.Report.Passed(), result.Years, result.RequestedStart)
	for _, c := range result.Report.Changed() {
		fmt.Printf("%s: %s, was %s\n", c.Field, c.Found, c.Expected)
	}
	// Output:
	// true 2 2026-12-03
	// position: Главный бухгалтер, was Бухгалтер
}
