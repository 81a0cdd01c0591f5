package caller

import "time"

// Check is the verdict of one check.
type Check struct {
	Code     string `json:"code"`
	Verdict  string `json:"verdict"`
	Field    string `json:"field"`
	Found    string `json:"found"`
	Expected string `json:"expected"`
	Cause    string `json:"cause"`
}

// Order is an order as its applicant sees it.
type Order struct {
	ID          string       `json:"id"`
	Number      string       `json:"number"`
	Service     string       `json:"service"`
	Kind        string       `json:"kind"`
	Stage       string       `json:"stage"`
	End         string       `json:"end"`
	Reason      string       `json:"reason"`
	Note        string       `json:"note"`
	Version     int          `json:"version"`
	Resumed     bool         `json:"resumed"`
	PayBy       time.Time    `json:"payBy"`
	UploadedAt  time.Time    `json:"uploadedAt"`
	Next        Next         `json:"next"`
	Checks      []Check      `json:"checks"`
	Contacts    Contacts     `json:"contacts"`
	Certificate *Certificate `json:"certificate"`
	Messages    []Message    `json:"messages"`
}

// Next is what happens next.
type Next struct {
	WaitsFor string    `json:"waitsFor"`
	Until    time.Time `json:"until"`
	Text     string    `json:"text"`
}

// Contacts are where an applicant is reached.
type Contacts struct {
	Email string `json:"email"`
	Phone string `json:"phone"`
}

// Certificate is what an order says of its certificate.
type Certificate struct {
	SerialNumber string    `json:"serialNumber"`
	NotBefore    time.Time `json:"notBefore"`
	NotAfter     time.Time `json:"notAfter"`
	ActivatedAt  time.Time `json:"activatedAt"`
}

// Message is the outcome of one message.
type Message struct {
	Kind    string `json:"kind"`
	Channel string `json:"channel"`
	State   string `json:"state"`
}

// OrganisationOrder is an order as the manager sees it.
type OrganisationOrder struct {
	ID          string    `json:"id"`
	Number      string    `json:"number"`
	Name        string    `json:"name"`
	Stage       string    `json:"stage"`
	End         string    `json:"end"`
	Position    string    `json:"position"`
	NewPosition string    `json:"newPosition"`
	PayBy       time.Time `json:"payBy"`
	ConfirmBy   time.Time `json:"confirmBy"`
	Approved    bool      `json:"approved"`
}

// OrganisationOrders is one page of a manager's orders.
type OrganisationOrders struct {
	Page, Pages, Total int
	Employees          []struct {
		Name   string              `json:"name"`
		Orders []OrganisationOrder `json:"orders"`
	} `json:"employees"`
}

// Find is the order of an ID on the page.
func (o OrganisationOrders) Find(id string) (OrganisationOrder, bool) {
	for _, e := range o.Employees {
		for _, found := range e.Orders {
			if found.ID == id {
				return found, true
			}
		}
	}
	return OrganisationOrder{}, false
}

// Confirmation is one signed list with its payment.
type Confirmation struct {
	ID         string    `json:"id"`
	Stage      string    `json:"stage"`
	Version    int       `json:"version"`
	ListSHA256 string    `json:"listSha256"`
	Number     string    `json:"number"`
	Total      string    `json:"total"`
	PayBy      time.Time `json:"payBy"`
	Orders     []struct {
		ID    string `json:"id"`
		State string `json:"state"`
	} `json:"orders"`
}

// Payment is what is to be paid.
type Payment struct {
	Number   string    `json:"number"`
	Amount   string    `json:"amount"`
	Currency string    `json:"currency"`
	State    string    `json:"state"`
	PayBy    time.Time `json:"payBy"`
	Methods  []string  `json:"methods"`
	Method   string    `json:"method"`
}

// Notification is what a gateway reports.
type Notification struct {
	Source     string    `json:"source"`
	ExternalID string    `json:"externalId"`
	Number     string    `json:"number"`
	Amount     string    `json:"amount"`
	Currency   string    `json:"currency"`
	PayerUNP   string    `json:"payerUnp,omitempty"`
	OccurredAt time.Time `json:"occurredAt"`
}

// LedgerEntry is a payment as it is kept.
type LedgerEntry struct {
	ID         string `json:"id"`
	ExternalID string `json:"externalId"`
	Number     string `json:"number"`
	Amount     string `json:"amount"`
	State      string `json:"state"`
	Reason     string `json:"reason"`
}

// Credentials open the certificate storage.
type Credentials struct {
	Login      string `json:"login"`
	Password   string `json:"password"`
	StorageURL string `json:"storageUrl"`
}
