package audit

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/remote-issuance/remote-issuance/internal/order"
)

// Show tells one order's story, a line an entry, in Minsk time:
//
//	2026-03-02 14:05:00  #12  manager 5f1c: approved the order (list sha256:…)
//
// Entries of other orders are left out. Evidence is in order of its names.
func Show(orderID string, entries []Entry) []string {
	var lines []string
	for _, e := range entries {
		if e.OrderID == orderID {
			lines = append(lines, e.line())
		}
	}
	return lines
}

func (e Entry) line() string {
	who := string(e.Actor.Kind)
	if e.Actor.ID != "" {
		who += " " + e.Actor.ID
	}
	phrase, ok := phrases[e.Action]
	if !ok {
		phrase = string(e.Action)
	}
	line := fmt.Sprintf("%s  #%d  %s: %s", stamp(e.At), e.Sequence, who, phrase)
	if len(e.Evidence) == 0 {
		return line
	}
	proofs := make([]string, 0, len(e.Evidence))
	for _, name := range slices.Sorted(maps.Keys(e.Evidence)) {
		proofs = append(proofs, name+" "+e.Evidence[name])
	}
	return line + " (" + strings.Join(proofs, ", ") + ")"
}

func stamp(t time.Time) string { return t.In(order.Minsk()).Format(time.DateTime) }
