package order

import (
	"cmp"
	"errors"
	"fmt"
	"slices"
	"time"
)

// Price is one line of the tariff: what a certificate costs from a day on (P7).
type Price struct {
	Service Service `json:"service"`
	Kind    Kind    `json:"kind"`
	// Years is the validity of the certificate.
	Years int `json:"years"`
	// From is the first day, in Minsk, on which the price holds: 2006-01-02.
	From string `json:"from"`
	// Amount is the price with all taxes.
	Amount Kopecks `json:"amount"`
}

// Tariff finds prices by the day of the decision. Its zero value knows none.
type Tariff struct{ lines []tariffLine }

type tariffLine struct {
	Price
	from time.Time
}

// ErrNoPrice is returned when the tariff has no price for what is ordered.
var ErrNoPrice = errors.New("the tariff has no price for this service, applicant and term")

// NewTariff checks the lines and refuses two prices for the same thing and day,
// and a line that could never be used.
func NewTariff(prices []Price) (Tariff, error) {
	seen := make(map[Price]bool, len(prices))
	t := Tariff{lines: make([]tariffLine, 0, len(prices))}
	for i, p := range prices {
		from, err := time.ParseInLocation("2006-01-02", p.From, Minsk())
		if err != nil {
			return Tariff{}, fmt.Errorf("tariff line %d: from %q: want a day such as 2026-01-31", i+1, p.From)
		}
		if !p.Kind.Orders(p.Service) {
			return Tariff{}, fmt.Errorf("tariff line %d: service %q is not ordered by %q", i+1, p.Service, p.Kind)
		}
		if p.Amount <= 0 || !p.Kind.TermAllowed(p.Years) {
			return Tariff{}, fmt.Errorf("tariff line %d: amount must be positive and the term allowed for %s", i+1, p.Kind)
		}
		key := p
		key.Amount = 0
		if seen[key] {
			return Tariff{}, fmt.Errorf("tariff line %d: a second price for the same thing from %s", i+1, p.From)
		}
		seen[key] = true
		t.lines = append(t.lines, tariffLine{Price: p, from: from})
	}
	return t, nil
}

// Offered lists the prices in force at the instant and those announced for
// later days, in the order of the tariff's services, kinds, terms and days.
func (t Tariff) Offered(at time.Time) []Price {
	var out []Price
	for _, l := range t.lines {
		if l.from.After(at) || t.latest(l, at) {
			out = append(out, l.Price)
		}
	}
	slices.SortFunc(out, func(a, b Price) int {
		return cmp.Or(cmp.Compare(a.Service, b.Service), cmp.Compare(a.Kind.rank(), b.Kind.rank()), cmp.Compare(a.Years, b.Years), cmp.Compare(a.From, b.From))
	})
	return out
}

// latest tells whether no later line for the same thing holds at the instant.
func (t Tariff) latest(line tariffLine, at time.Time) bool {
	for _, l := range t.lines {
		same := l.Service == line.Service && l.Kind == line.Kind && l.Years == line.Years
		if same && l.from.After(line.from) && !l.from.After(at) {
			return false
		}
	}
	return true
}

// rank orders kinds as people read them: persons first.
func (k Kind) rank() int {
	return slices.Index([]Kind{KindIndividual, KindSoleProprietor, KindEmployee}, k)
}

// Price is the price in force at the instant, or ErrNoPrice.
func (t Tariff) Price(service Service, kind Kind, years int, at time.Time) (Kopecks, error) {
	var best *tariffLine
	for i := range t.lines {
		l := &t.lines[i]
		if l.Service != service || l.Kind != kind || l.Years != years || l.from.After(at) {
			continue
		}
		if best == nil || l.from.After(best.from) {
			best = l
		}
	}
	if best == nil {
		return 0, ErrNoPrice
	}
	return best.Amount, nil
}
