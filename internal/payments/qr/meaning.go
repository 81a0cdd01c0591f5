package qr

// meaning names a tag; those inside of a template stand behind a dot.
func meaning(id string) string {
	switch id {
	case tagVersion:
		return "payload version"
	case tagMethod:
		return "11 reusable, 12 one-time"
	case tagERIP:
		return "ERIP"
	case tagEPOS:
		return "E-POS"
	case tagCategory:
		return "merchant category"
	case tagCurrency:
		return "currency"
	case tagAmount:
		return "amount"
	case tagCountry:
		return "country"
	case tagName:
		return "beneficiary"
	case tagCity:
		return "city"
	case tagExtra:
		return "additional data"
	case tagCheck:
		return "check value"
	default:
		return innerMeaning(id)
	}
}

func innerMeaning(id string) string {
	switch id {
	case "32.00", "33.00":
		return "system"
	case "32.01":
		return "service code"
	case "32.10":
		return "account or order number"
	case "32.11":
		return "payer number"
	case "32.12":
		return "amount editing: 11 allowed, 12 forbidden"
	case "33.03":
		return "producer"
	case "33.04":
		return "service"
	case "33.05":
		return "outlet"
	case "33.06":
		return "order"
	case "62.01":
		return "bill number"
	case "62.08":
		return "purpose"
	default:
		return ""
	}
}
