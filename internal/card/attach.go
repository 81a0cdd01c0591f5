package card

import (
	"bytes"
	"errors"
	"fmt"
	"regexp"
	"strconv"
)

// The evidence is attached to the pages by an incremental update (ISO 32000-1,
// 7.5.6) with an embedded file stream (7.11.4): readers of PDF show it as an
// attachment.

const attachmentName = "card.json"

var (
	errPages = errors.New("the pages end in another way than expected")

	ending   = regexp.MustCompile(`(?s)trailer\n<<\n/Size ([0-9]{1,9})\n/Root 1 0 R\n(.*?)>>\nstartxref\n([0-9]{1,10})\n%%EOF\n$`)
	endings  = 4096
	updating = regexp.MustCompile(`^xref\n1 1\n[0-9]{10} 00000 n \n([0-9]{1,9}) 2\n([0-9]{10}) 00000 n \n`)
	stream   = regexp.MustCompile(`^[0-9]{1,9} 0 obj\n<< /Type /EmbeddedFile /Subtype /application#2Fjson /Length ([0-9]{1,9}) `)
	opening  = []byte("stream\n")
)

// attach appends the evidence to pages.
func attach(pages, evidence []byte) ([]byte, error) {
	end := ending.FindSubmatch(tail(pages, endings))
	if end == nil {
		return nil, errPages
	}
	first, err := strconv.Atoi(string(end[1]))
	if err != nil {
		return nil, errPages
	}
	b := bytes.NewBuffer(bytes.Clone(pages))
	file := b.Len()
	fmt.Fprintf(b, "%d 0 obj\n<< /Type /EmbeddedFile /Subtype /application#2Fjson /Length %d /Params << /Size %d >> >>\nstream\n", first, len(evidence), len(evidence))
	b.Write(evidence)
	b.WriteString("\nendstream\nendobj\n")
	specification := b.Len()
	fmt.Fprintf(b, "%d 0 obj\n<< /Type /Filespec /F (%s) /UF (%s) /EF << /F %d 0 R >> /AFRelationship /Data >>\nendobj\n",
		first+1, attachmentName, attachmentName, first)
	catalog := b.Len()
	fmt.Fprintf(b, "1 0 obj\n<< /Type /Catalog /Pages 2 0 R /AF [%d 0 R] /Names << /EmbeddedFiles << /Names [(%s) %d 0 R] >> >> >>\nendobj\n",
		first+1, attachmentName, first+1)
	table := b.Len()
	fmt.Fprintf(b, "xref\n1 1\n%010d 00000 n \n%d 2\n%010d 00000 n \n%010d 00000 n \n", catalog, first, file, specification)
	fmt.Fprintf(b, "trailer\n<<\n/Size %d\n/Root 1 0 R\n/Prev %s\n%s>>\nstartxref\n%d\n%%%%EOF\n", first+2, end[3], end[2], table)
	return b.Bytes(), nil
}

// detach finds what attach has appended and nothing else: appended again, it
// gives the same file octet for octet. ErrCard.
func detach(file []byte) (pages, evidence []byte, err error) {
	refused := fmt.Errorf("%w: a PDF without the evidence, or one that was changed", ErrCard)
	table, ok := number(lastLine.FindSubmatch(tail(file, 64)), 1, len(file))
	if !ok {
		return nil, nil, refused
	}
	found := updating.FindSubmatch(file[table:])
	at, ok := number(found, 2, table)
	if !ok {
		return nil, nil, refused
	}
	head := file[at:table]
	length, ok := number(stream.FindSubmatch(head), 1, len(head))
	begin := bytes.Index(head, opening) + len(opening)
	if !ok || begin < len(opening) || begin+length > len(head) {
		return nil, nil, refused
	}
	pages, evidence = file[:at], head[begin:begin+length]
	if again, err := attach(pages, evidence); err != nil || !bytes.Equal(again, file) {
		return nil, nil, refused
	}
	return pages, evidence, nil
}

var lastLine = regexp.MustCompile(`startxref\n([0-9]{1,10})\n%%EOF\n$`)

// number is a group of a match, below a limit.
func number(match [][]byte, group, limit int) (int, bool) {
	if match == nil {
		return 0, false
	}
	n, err := strconv.Atoi(string(match[group]))
	return n, err == nil && n < limit
}

func tail(data []byte, most int) []byte { return data[max(0, len(data)-most):] }
