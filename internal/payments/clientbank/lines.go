package clientbank

import (
	"bytes"
	"iter"
)

// block is a part of a file, from its octet at start up to end.
type block struct{ start, end int }

// lines gives every line of a file; CR LF, LF and CR end one.
func lines(data []byte) iter.Seq[block] {
	return func(yield func(block) bool) {
		for start := 0; start < len(data); {
			end := len(data)
			if i := bytes.IndexAny(data[start:], "\r\n"); i >= 0 {
				end = start + i + 1
				if data[end-1] == '\r' && end < len(data) && data[end] == '\n' {
					end++
				}
			}
			if !yield(block{start, end}) {
				return
			}
			start = end
		}
	}
}
