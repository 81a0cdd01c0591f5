package clientbank_test

import (
	"fmt"

	"github.com/remote-issuance/remote-issuance/internal/payments/clientbank"
)

// A dry run needs no database: it says of each credit which number stands in it.
func ExampleDryRun() {
	statement := `***** ^Type=4^ ^Acc=BY83AKBB30120893700845500000^  -  Выписка
[OUT_PARAM]
^DocDate=01.06.2025^
^OperationID=OP1^
^Credit=86.40^
^KorUNP=190000020^
^Nazn=OTHR 010101 roais000092239 за сертификаты^
^DocDate=01.06.2025^
^OperationID=OP2^
^Credit=43.20^
^Nazn=Оплата по договору^
`
	report, err := clientbank.DryRun([]byte(statement), nil)
	if err != nil {
		fmt.Println(err)
		return
	}
	for _, r := range report.Credits {
		fmt.Printf("%s %s number=%q reason=%q\n", r.OperationID, r.Amount, r.Number, r.Reason)
	}
	// Output:
	// OP1 86.40 number="ROAIS000092239" reason=""
	// OP2 43.20 number="" reason="no-number"
}
