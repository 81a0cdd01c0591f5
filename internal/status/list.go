package status

import (
	"cmp"
	"slices"
	"time"
)

// List is a revocation list as far as its term goes.
type List struct {
	// Name is what people know it by: its file.
	Name string
	// Scope is the same for lists that replace each other: issuer and partition.
	Scope                  string
	ThisUpdate, NextUpdate time.Time
	// Unreadable lists have no other fields than Name.
	Unreadable bool
}

// lastPart of a list's term is when it should have been replaced: ours are
// after half of it at the latest.
const lastPart = 4

// listConcerns finds the newest lists of each scope that are in the last part
// of their term, the first to end first, and those that cannot be read.
func listConcerns(lists []List, at time.Time) []Concern {
	newest := make(map[string]List)
	var ending, unreadable []List
	for _, l := range lists {
		if l.Unreadable {
			unreadable = append(unreadable, l)
		} else if known, ok := newest[l.Scope]; !ok || l.ThisUpdate.After(known.ThisUpdate) {
			newest[l.Scope] = l
		}
	}
	for _, l := range newest {
		if l.NextUpdate.Sub(at) < l.NextUpdate.Sub(l.ThisUpdate)/lastPart {
			ending = append(ending, l)
		}
	}
	slices.SortFunc(ending, func(a, b List) int { return cmp.Or(a.NextUpdate.Compare(b.NextUpdate), cmp.Compare(a.Name, b.Name)) })
	slices.SortFunc(unreadable, func(a, b List) int { return cmp.Compare(a.Name, b.Name) })
	var out []Concern
	if len(ending) > 0 {
		out = append(out, NewConcern(EndingCRL, int64(len(ending)), ending[0].NextUpdate, Named(firstNames(ending)...)...))
	}
	if len(unreadable) > 0 {
		out = append(out, NewConcern(UnreadableCRL, int64(len(unreadable)), at, Named(firstNames(unreadable)...)...))
	}
	return out
}

func firstNames(lists []List) []string {
	var names []string
	for _, l := range lists[:min(len(lists), MaxNames)] {
		names = append(names, l.Name)
	}
	return names
}
