package restore

import (
	"bufio"
	"encoding/json"
	"fmt"
	"io"
	"regexp"
	"strings"
)

// JournalMessage is the line of a worker's log that stands before a certificate
// leaves it; its keys are issuer, serial and order.
const JournalMessage = "certificate signed"

// Signed is a certificate that a worker's log knows.
type Signed struct {
	// Issuer is the short name, Serial lower-case hexadecimal, Order the order's id.
	Issuer string `json:"issuer"`
	Serial string `json:"serial"`
	Order  string `json:"order"`
}

// maxLine bounds a line of a log, in octets.
const maxLine = 1 << 20

var pair = regexp.MustCompile(`\b(issuer|serial|order)=("?)([A-Za-z0-9-]+)("?)`)

// ReadJournal finds the certificates in a worker's log, in either format and
// with whatever a collector has put before the lines; each once.
func ReadJournal(r io.Reader) ([]Signed, error) {
	var found []Signed
	seen := map[Signed]bool{}
	lines := bufio.NewScanner(r)
	lines.Buffer(make([]byte, 0, 64<<10), maxLine)
	for lines.Scan() {
		s, ok := signed(lines.Text())
		if ok && !seen[s] {
			seen[s] = true
			found = append(found, s)
		}
	}
	if err := lines.Err(); err != nil {
		return nil, fmt.Errorf("read the log: %w", err)
	}
	return found, nil
}

func signed(line string) (Signed, bool) {
	if !strings.Contains(line, JournalMessage) {
		return Signed{}, false
	}
	var entry struct {
		Signed
		Message string `json:"msg"`
	}
	if _, object, ok := strings.Cut(line, "{"); ok && json.Unmarshal([]byte("{"+object), &entry) == nil {
		return entry.Signed, entry.Message == JournalMessage && entry.Serial != ""
	}
	if !strings.Contains(line, `msg="`+JournalMessage+`"`) {
		return Signed{}, false
	}
	for _, m := range pair.FindAllStringSubmatch(line, -1) {
		switch m[1] {
		case "issuer":
			entry.Issuer = m[3]
		case "serial":
			entry.Serial = m[3]
		case "order":
			entry.Order = m[3]
		}
	}
	return entry.Signed, entry.Serial != "" && entry.Issuer != ""
}
