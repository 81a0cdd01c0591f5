// Package walkthrough runs the shell blocks of a document, so that what a reader is told to type is what a test has typed.
package walkthrough

import (
	"bytes"
	"fmt"
	"os"
	"regexp"
	"strings"
)

// Block is a fenced block of a document whose language is sh. Blocks of other languages (console, json, text) show something and
// are not run.
type Block struct {
	// Line is where the script begins in the document, counted from 1.
	Line   int
	Script string
}

// Read takes the blocks out of a Markdown file, in order. A document without any is an error.
func Read(path string) ([]Block, error) {
	document, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	blocks, err := Blocks(document)
	if err == nil && len(blocks) == 0 {
		err = fmt.Errorf("there is no block of the language sh")
	}
	if err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	return blocks, nil
}

// fence is a line that opens or closes a fenced code block (CommonMark 4.5): indent, fence, info string.
var fence = regexp.MustCompile("^( {0,3})(`{3,}|~{3,})[ \t]*(.*?)[ \t]*$")

// Blocks takes the blocks out of a Markdown document, in order. A fence that is never closed is an error, as the reader would
// otherwise be shown less than is run.
func Blocks(document []byte) ([]Block, error) {
	var blocks []Block
	var open struct {
		line                    int
		indent, fence, language string
	}
	var script strings.Builder
	for i, line := range strings.Split(string(bytes.ReplaceAll(document, []byte("\r\n"), []byte("\n"))), "\n") {
		m := fence.FindStringSubmatch(line)
		switch {
		case open.fence == "" && m != nil && !strings.Contains(m[3], "`"):
			open.line, open.indent, open.fence, open.language = i+1, m[1], m[2], m[3]
			script.Reset()
		case open.fence != "" && m != nil && strings.HasPrefix(m[2], open.fence) && m[3] == "":
			if open.language == "sh" {
				blocks = append(blocks, Block{Line: open.line + 1, Script: script.String()})
			}
			open.fence = ""
		case open.fence != "":
			script.WriteString(strings.TrimPrefix(line, open.indent) + "\n")
		}
	}
	if open.fence != "" {
		return nil, fmt.Errorf("the block that begins in line %d has no end", open.line)
	}
	return blocks, nil
}
