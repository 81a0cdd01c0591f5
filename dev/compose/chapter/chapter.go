// Package chapter takes the commands out of a chapter of a document, so that what is written is what runs.
package chapter

import (
	"cmp"
	"errors"
	"fmt"
	"strings"
)

// Section is a part of a chapter with its shell blocks.
type Section struct {
	// Title is the heading without its marks.
	Title string
	// Blocks are the contents of fenced blocks marked sh, in order.
	Blocks []string
}

// Read gives the sections (###) of a chapter (##) in order. A chapter that is not there, a block that is not closed, and a block
// before the first section are errors.
func Read(document, title string) ([]Section, error) {
	var sections []Section
	inside, fenced, block := false, "", ""
	for line := range strings.Lines(document) {
		text := strings.TrimRight(line, "\r\n")
		switch {
		case fenced != "" && text == "```":
			if fenced == "sh" && inside {
				if len(sections) == 0 {
					return nil, fmt.Errorf("chapter %s: a block before the first section", title)
				}
				last := &sections[len(sections)-1]
				last.Blocks = append(last.Blocks, block)
			}
			fenced = ""
		case fenced != "":
			block += line
		case strings.HasPrefix(text, "```"):
			fenced, block = cmp.Or(strings.TrimPrefix(text, "```"), "text"), ""
		case strings.HasPrefix(text, "## "):
			inside = text == "## "+title
		case inside && strings.HasPrefix(text, "### "):
			sections = append(sections, Section{Title: strings.TrimPrefix(text, "### ")})
		}
	}
	if fenced != "" {
		return nil, errors.New("a block is not closed")
	}
	if len(sections) == 0 {
		return nil, fmt.Errorf("there is no chapter %q with sections", title)
	}
	return sections, nil
}
