package order

import (
	"errors"
	"fmt"
	"math"
	"strconv"
	"strings"
)

// Kopecks is an exact amount of Belarusian roubles in kopecks.
type Kopecks int64

// ErrAmount is returned for a text that is not an amount of money.
var ErrAmount = errors.New("not an amount of money: want roubles and at most two digits of kopecks, such as 43.20")

// ParseKopecks reads 43.20, 43,20, 43.2 and 43 as an amount that is not negative.
func ParseKopecks(s string) (Kopecks, error) {
	whole, frac, found := strings.Cut(strings.Replace(s, ",", ".", 1), ".")
	if whole == "" || len(frac) > 2 || (found && frac == "") || !digits(whole) || !digits(frac) {
		return 0, ErrAmount
	}
	n, err := strconv.ParseInt(whole+(frac + "00")[:2], 10, 64)
	if err != nil {
		return 0, ErrAmount
	}
	return Kopecks(n), nil
}

// String writes the amount with a dot and two digits: 43.20.
func (k Kopecks) String() string {
	sign, n := "", int64(k)
	if n < 0 {
		if n == math.MinInt64 {
			return "-92233720368547758.08"
		}
		sign, n = "-", -n
	}
	return fmt.Sprintf("%s%d.%02d", sign, n/100, n%100)
}

func digits(s string) bool {
	for _, r := range s {
		if r < '0' || r > '9' {
			return false
		}
	}
	return true
}

// Grouped writes the amount as people read it: 1 086,40, with no-break spaces.
func (k Kopecks) Grouped() string {
	whole, kopecks, _ := strings.Cut(k.String(), ".")
	for at := len(whole) - 3; at > 0 && whole[at-1] != '-'; at -= 3 {
		whole = whole[:at] + "\u00a0" + whole[at:]
	}
	return whole + "," + kopecks
}
