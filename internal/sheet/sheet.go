// Package sheet writes simple documents of text and tables as PDF on A4, with
// fonts that have all of Russian and Belarusian.
package sheet

import (
	"bytes"
	"errors"
	"fmt"

	"github.com/signintech/gopdf"
	"golang.org/x/image/font/gofont/gobold"
	"golang.org/x/image/font/gofont/goregular"
)

// Measures of an A4 page in points.
const (
	PageLeft   = 50.0
	PageRight  = 545.0
	pageTop    = 50.0
	pageBottom = 790.0
	lineHeight = 1.35
	CellGap    = 4.0
)

// The two fonts; both have all of Russian and Belarusian.
const (
	Regular = "regular"
	Bold    = "bold"
)

var errNarrow = errors.New("a column is narrower than a letter")

// Sheet writes down a page and begins a new one when it is full. It keeps the
// first error, so that the text of a document reads without error handling.
type Sheet struct {
	pdf  gopdf.GoPdf
	y    float64
	font string
	size float64
	err  error
}

// Column is a part of a table row: right columns are aligned to their right edge.
type Column struct {
	// Left and Right are distances from the left edge in points.
	Left, Right float64
	AlignRight  bool
}

// New starts a document with one empty page.
func New(info gopdf.PdfInfo) *Sheet {
	s := &Sheet{y: pageTop}
	s.pdf.Start(gopdf.Config{PageSize: *gopdf.PageSizeA4})
	s.pdf.SetInfo(info)
	// A name from abroad may have a letter the fonts lack; a gap would hide it.
	visible := gopdf.TtfOption{OnGlyphNotFoundSubstitute: func(rune) rune { return '?' }}
	s.keep(s.pdf.AddTTFFontDataWithOption(Regular, goregular.TTF, visible))
	s.keep(s.pdf.AddTTFFontDataWithOption(Bold, gobold.TTF, visible))
	s.pdf.AddPage()
	return s
}

func (s *Sheet) keep(err error) {
	if err != nil && s.err == nil {
		s.err = fmt.Errorf("pdf: %w", err)
	}
}

// Use changes the font and its size in points.
func (s *Sheet) Use(font string, size float64) {
	s.font, s.size = font, size
	s.keep(s.pdf.SetFont(font, "", size))
}

// need begins a new page when less than the height is left.
func (s *Sheet) need(height float64) {
	if s.y+height > pageBottom {
		s.pdf.AddPage()
		s.y = pageTop
		s.keep(s.pdf.SetFont(s.font, "", s.size))
	}
}

// widestLetter is more than the widest letter measures, in sizes of the font.
const widestLetter = 1.5

// wrap breaks a text at blanks, and inside of words that are too long.
func (s *Sheet) wrap(text string, width float64) []string {
	if text == "" {
		return []string{""}
	}
	// gopdf never ends looking for a place in which no letter fits.
	if width < widestLetter*s.size {
		s.keep(errNarrow)
		return []string{""}
	}
	lines, err := s.pdf.SplitTextWithWordWrap(text, width)
	if err != nil {
		s.keep(err)
		return []string{""}
	}
	return lines
}

// Row writes texts side by side, each wrapped to its column, and moves down.
func (s *Sheet) Row(columns []Column, texts []string) {
	cells, most := make([][]string, len(columns)), 1
	for i, c := range columns {
		cells[i] = s.wrap(texts[i], c.Right-c.Left-2*CellGap)
		most = max(most, len(cells[i]))
	}
	step := s.size * lineHeight
	s.need(float64(most)*step + 2*CellGap)
	for i, c := range columns {
		for n, line := range cells[i] {
			x := c.Left + CellGap
			if c.AlignRight {
				width, err := s.pdf.MeasureTextWidth(line)
				s.keep(err)
				x = c.Right - CellGap - width
			}
			s.at(x, s.y+CellGap+float64(n)*step, line)
		}
	}
	s.y += float64(most)*step + 2*CellGap
}

func (s *Sheet) at(x, y float64, text string) {
	s.pdf.SetXY(x, y)
	s.keep(s.pdf.Cell(nil, text))
}

// Paragraph writes a text over the whole width.
func (s *Sheet) Paragraph(text string) {
	s.Row([]Column{{Left: PageLeft - CellGap, Right: PageRight + CellGap}}, []string{text})
}

// Rule draws a line over the whole width.
func (s *Sheet) Rule() {
	s.pdf.SetLineWidth(0.6)
	s.pdf.Line(PageLeft, s.y, PageRight, s.y)
}

// Picture draws a square picture (PNG) at the right edge, with its top where the
// next row begins, and does not move down.
func (s *Sheet) Picture(png []byte, side float64) {
	s.need(side)
	holder, err := gopdf.ImageHolderByBytes(png)
	if err != nil {
		s.keep(err)
		return
	}
	s.keep(s.pdf.ImageByHolder(holder, PageRight-side, s.y, &gopdf.Rect{W: side, H: side}))
}

// Space moves down by so many points.
func (s *Sheet) Space(height float64) { s.y += height }

// Bytes is the finished document, or the first error of writing it.
func (s *Sheet) Bytes() ([]byte, error) {
	if s.err != nil {
		return nil, s.err
	}
	var out bytes.Buffer
	if _, err := s.pdf.WriteTo(&out); err != nil {
		return nil, fmt.Errorf("pdf: %w", err)
	}
	return out.Bytes(), nil
}
