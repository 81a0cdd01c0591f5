package clientbank

import (
	"os"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/remote-issuance/remote-issuance/internal/payments"
)

// entry is what a case says of one credit: its number, or why it has none.
type entry struct {
	number, amount string
	reason         payments.Reason
}

// paid is a credit of the usual number.
func paid(amount string) []entry { return []entry{{number: "ROAIS000092239", amount: amount}} }

// none is a credit of 86.40 in whose purpose no number stands alone.
func none() []entry { return []entry{{amount: "86.40", reason: payments.ReasonNoNumber}} }

// Statements made after reports of people who import them; the verdict of each
// is what is right, and a file without credits names why.
func TestP3_P4_StatementsFromTheField(t *testing.T) {
	const no = payments.ReasonReversed
	for file, c := range map[string]struct {
		want    []entry
		passed  map[Skip]int
		refused bool
	}{
		"camt-01-nonref.xml": {want: []entry{
			{"ROAIS000092239", "86.40", ""}, {"ROAIS000092240", "43.20", ""}, {"ROAIS000092241", "129.60", ""},
		}},
		"camt-03-reversed-credit.xml":    {want: []entry{{"ROAIS000092239", "86.40", no}, {"ROAIS000092239", "86.40", no}}},
		"camt-04-rvslind-1.xml":          {passed: map[Skip]int{SkipOwnReversal: 1}},
		"camt-05-rvslind-true.xml":       {passed: map[Skip]int{SkipOwnReversal: 1}},
		"camt-06-ustrd-lines.xml":        {want: paid("86.40")},
		"camt-08-ustrd-lines-digits.xml": {want: paid("86.40")},
		// A structured reference is where ISO 20022 has payers name what they pay.
		"camt-09-strd-reference.xml":    {want: paid("86.40")},
		"camt-10-strd-beside-ustrd.xml": {want: paid("86.40")},
		// The entry is kept whole, and the others of the day are imported.
		"camt-11-batch-without-amounts.xml": {want: []entry{
			{"ROAIS000092238", "86.40", ""}, {"", "129.60", payments.ReasonSeveralNumbers},
		}},
		"camt-12-five-decimals.xml": {want: paid("86.40")},
		// Kopecks cannot hold 12.345: that money came is kept, and the message.
		"camt-13-kwd.xml":               {want: []entry{{"ROAIS000092239", "86.40", ""}, {"", "0.00", payments.ReasonNoNumber}}},
		"camt-14-zero-fee.xml":          {want: paid("86.40"), passed: map[Skip]int{SkipZero: 1}},
		"camt-15-entity-bomb.xml":       {refused: true},
		"camt-16-external-entity.xml":   {refused: true},
		"camt-17-prefix.xml":            {want: paid("86.40")},
		"camt-19-wrapped-lines.xml":     {want: paid("86.40")},
		"camt-20-deep.xml":              {refused: true},
		"text-01-second-field-ot.txt":   {want: paid("86.40")},
		"text-03-second-field-word.txt": {want: paid("86.40")},
		"text-04-operation-id-zero.txt": {want: []entry{{"ROAIS000092239", "86.40", ""}, {"ROAIS000092240", "43.20", ""}}},
		"text-05-no-ids.txt":            {want: []entry{{"ROAIS000092239", "86.40", ""}, {"ROAIS000092240", "86.40", ""}}},
		"text-10-amount.txt":            {refused: true},
		"text-11-amount.txt":            {refused: true},
		"text-12-amount.txt":            {refused: true},
		"text-13-amount.txt":            {want: paid("86.40")},
		"text-14-amount.txt":            {want: paid("86.40")},
		"text-15-amount.txt":            {refused: true},
		"text-16-amount.txt":            {refused: true},
		"text-17-amount.txt":            {refused: true},
		"text-18-amount.txt":            {want: paid("1086.40")},
		"text-20-utf8-cut-letter.txt":   {want: paid("86.40")},
		"text-21-storno-debit.txt":      {want: paid("86.40"), passed: map[Skip]int{SkipDebit: 1}},
		"text-22-storno-negative-credit.txt": {want: []entry{
			{"ROAIS000092239", "86.40", no}, {"ROAIS000092239", "86.40", no},
		}},
		"text-23-return-debit.txt": {want: paid("86.40"), passed: map[Skip]int{SkipDebit: 1}},
		"text-30-purpose.txt":      {want: none()},
		// «nothing stuck to it» (P3): a letter that looks like no Latin one is a letter too.
		"text-31-purpose.txt": {want: none()},
		"text-32-purpose.txt": {want: paid("86.40")},
		"text-33-purpose.txt": {want: none()},
		"text-34-purpose.txt": {want: none()},
		"text-35-purpose.txt": {want: paid("86.40")},
		"text-36-purpose.txt": {want: []entry{{"", "86.40", payments.ReasonSeveralNumbers}}},
		"text-37-purpose.txt": {want: none()},
		"text-38-purpose.txt": {want: paid("86.40")},
		"text-39-purpose.txt": {want: paid("86.40")},
		"text-3a-purpose.txt": {want: paid("86.40")},
		"text-3b-purpose.txt": {want: none()},
		"text-3c-purpose.txt": {want: paid("86.40")},

		"onec-01-purpose-on-lines.txt":    {want: paid("86.40")},
		"onec-02-number-cut.txt":          {want: paid("86.40")},
		"onec-03-no-numbers.txt":          {want: []entry{{"ROAIS000092239", "86.40", ""}, {"ROAIS000092240", "86.40", ""}}},
		"onec-04-sum-with-dash.txt":       {refused: true},
		"onec-05-account-with-blanks.txt": {want: paid("86.40")},
		"onec-07-utf8-bom.txt":            {want: paid("86.40")},
		"onec-08-utf8-cut.txt":            {want: paid("86.40")},
		// A purpose that ends its document could begin another one.
		"onec-09-line-purpose-ends.txt": {refused: true},
	} {
		t.Run(file, func(t *testing.T) {
			data := golden(t, "cases/"+file)
			report, err := DryRun(data, payments.NewAccounts(own))
			if c.refused {
				require.ErrorIs(t, err, ErrStatement)
				return
			}
			require.NoError(t, err)
			var got []entry
			ids := map[string]bool{}
			for _, r := range report.Credits {
				got = append(got, entry{r.Number, r.Amount, r.Reason})
				require.False(t, ids[r.OperationID], "each credit is an event of its own")
				ids[r.OperationID] = true
			}
			require.Equal(t, c.want, got)
			if c.passed == nil {
				c.passed = map[Skip]int{}
			}
			require.Equal(t, c.passed, report.Passed)
			again, err := DryRun(data, payments.NewAccounts(own))
			require.NoError(t, err)
			require.Equal(t, report, again, "the same file has the same ids")
		})
	}
}

// Every file beside the table is in it.
func TestNoCaseIsForgotten(t *testing.T) {
	files, err := os.ReadDir("testdata/cases")
	require.NoError(t, err)
	source, err := os.ReadFile("cases_test.go")
	require.NoError(t, err)
	for _, f := range files {
		require.Contains(t, string(source), `"`+f.Name()+`"`)
	}
}
