package assist

import (
	"bytes"
	"os"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/remote-issuance/remote-issuance/internal/payments"
)

// Pushes made after reports of people who receive them, and what is right to
// keep and to answer.
func TestP4_P6_PushesFromTheField(t *testing.T) {
	paid := payments.Decision{Outcome: payments.Applied}
	kept := func(reason payments.Reason) payments.Decision {
		return payments.Decision{Outcome: payments.Unapplied, Reason: reason}
	}
	unread := kept(payments.ReasonUnreadable)
	for file, c := range map[string]struct {
		first  FirstCode
		second SecondCode
		// want is the zero value for a push that nobody has proven to be ASSIST's.
		want payments.Decision
	}{
		"assist-01-one-decimal.form":    {want: paid},
		"assist-02-comma.form":          {want: paid},
		"assist-03-three-decimals.form": {4, 108, unread},
		"assist-04-exponent.form":       {4, 108, unread},
		"assist-05-leading-blank.form":  {want: paid},
		"assist-06-check-lower.form":    {want: paid},
		"assist-07-check-blanks.form":   {want: paid},
		"assist-08-cp1251-name.form":    {want: paid},
		// Nobody signs comments, and all that is signed can be read.
		"assist-09-raw-semicolon.form": {want: paid},
		"assist-10-bad-percent.form":   {want: paid},
		"assist-11-amount-twice.form":  {4, 108, payments.Decision{}},
		"assist-12-case-twice.form":    {4, 108, payments.Decision{}},
		"assist-13-state-lower.form":   {want: paid},
		// The check value covers 0.01 only: the order's amount is not proven.
		"assist-15-part-signed.form":       {5, 108, kept(payments.ReasonUnderpaid)},
		"assist-16-part-order-signed.form": {want: paid},
		// The check value covers RUB.
		"assist-17-currency-of-operation.form": {5, 105, kept(payments.ReasonWrongCurrency)},
		// Payments are pushed and nothing else: what this is nobody knows.
		"assist-18-operation-300.form":         {5, 216, unread},
		"assist-19-responsecode-declined.form": {want: paid},
		"assist-20-bill-without-suffix.form":   {want: paid},
		"assist-21-zero.form":                  {5, 108, kept(payments.ReasonUnderpaid)},
		"assist-22-negative.form":              {4, 108, unread},
		"assist-23-cyrillic-number.form":       {want: paid},
		"assist-24-bom.form":                   {3, 100, payments.Decision{}},
		"assist-25-trailing-newline.form":      {want: paid},
		"assist-26-no-checkvalue.form":         {3, 158, payments.Decision{}},
	} {
		t.Run(file, func(t *testing.T) {
			body := golden(t, "cases/"+file)
			b := newBooks()
			r := NewReceiver(gateway(t), b)
			answer, _ := r.Handle(t.Context(), body)
			require.Equal(t, c.first, answer.First)
			require.Equal(t, c.second, answer.Second)
			again, _ := r.Handle(t.Context(), body)
			require.Equal(t, answer, again, "a repetition is answered the same")
			if c.want.Outcome == "" {
				require.Empty(t, b.Rows())
				return
			}
			require.Len(t, b.Rows(), 1)
			got := b.Rows()[0]
			require.Equal(t, c.want.Outcome, got.Decision.Outcome)
			require.Equal(t, c.want.Reason, got.Decision.Reason)
			require.True(t, bytes.Equal(body, got.Raw), "raw on disk")
		})
	}
	files, err := os.ReadDir("testdata/cases")
	require.NoError(t, err)
	require.Len(t, files, 25)
}

func TestP5_AnotherContentUnderABillIsNeverAnsweredAsPaid(t *testing.T) {
	b := newBooks()
	r := NewReceiver(gateway(t), b)
	_, err := r.Handle(t.Context(), signed(t, false))
	require.NoError(t, err)
	for range 2 {
		answer, err := r.Handle(t.Context(), signed(t, false, "orderamount", "43.21", "amount", "43.21"))
		require.NoError(t, err)
		require.Equal(t, Answer{First: FirstDuplicate, Second: SecondBill}, answer)
	}
	require.Len(t, b.Rows(), 2)
	require.Equal(t, payments.ReasonConflict, b.Rows()[1].Reason)
}

func TestP5_ThePollPaysWhatAPushHasProvenInPart(t *testing.T) {
	b := newBooks()
	r := NewReceiver(gateway(t), b)
	_, err := r.Handle(t.Context(), signed(t, false, "amount", "33.20"))
	require.NoError(t, err)
	g, _ := served(t, 200, string(golden(t, "orderresult.xml")))
	status, err := g.OrderResult(t.Context(), 92239, noon)
	require.NoError(t, err)
	for _, n := range g.Notifications(status) {
		_, err := b.Record(t.Context(), n)
		require.NoError(t, err)
	}
	payable, err := b.Payable(t.Context(), 92239)
	require.NoError(t, err)
	require.Equal(t, payments.PayablePaid, payable.State)
}

func TestP4_AnAnswerThatCannotBeReadWaitsAndTheRestCounts(t *testing.T) {
	operation := func(amount, currency string) string {
		return `<operation><billnumber>5999999000000002.1</billnumber><operationtype>100</operationtype><amount>` + amount + `</amount>
			<currency>` + currency + `</currency><responsecode>as000</responsecode></operation>`
	}
	attempt := func(bill, amount, state, operation string) string {
		return `<order><ordernumber>noais000092239</ordernumber><billnumber>` + bill + `</billnumber><orderamount>` + amount + `</orderamount>
			<ordercurrency>byn</ordercurrency><orderstate>` + state + `</orderstate>` + operation + `</order>`
	}
	for name, c := range map[string]struct {
		orders string
		want   []payments.Reason
	}{
		"unknown words beside a payment": {
			attempt("1", "4.32e1", "Approved", "") + attempt("2", "43.20", " in  process", "") + attempt("3", "43.20", "APPROVED", ""),
			[]payments.Reason{"", "", payments.ReasonUnreadable},
		},
		"less money moved than the order says": {attempt("2", "43.20", "Approved", operation("0.01", "BYN")), []payments.Reason{payments.ReasonUnderpaid}},
		"other money moved":                    {attempt("2", "43.20", "Approved", operation("43.20", "RUB")), []payments.Reason{payments.ReasonWrongCurrency}},
		"as much as it says":                   {attempt("2", "43.20", "Approved", operation("43.20", "byn")), []payments.Reason{""}},
	} {
		t.Run(name, func(t *testing.T) {
			g, _ := served(t, 200, `<result firstcode="0" secondcode="0">`+c.orders+`</result>`)
			status, err := g.OrderResult(t.Context(), 92239, noon)
			require.NoError(t, err)
			b := newBooks()
			var got []payments.Reason
			for _, n := range g.Notifications(status) {
				d, err := b.Record(t.Context(), n)
				require.NoError(t, err)
				got = append(got, d.Reason)
			}
			require.Equal(t, c.want, got)
		})
	}
	g, _ := served(t, 200, `<result firstcode="0" secondcode="0"><order><ordernumber>NOAIS000092239</ordernumber><orderstate>Declined</orderstate><orderstate>Approved</orderstate></order></result>`)
	_, err := g.OrderResult(t.Context(), 92239, noon)
	require.Error(t, err, "two values for one truth")
}
