package invoice

import (
	"bytes"
	"fmt"

	"github.com/signintech/gopdf"
	"golang.org/x/image/font/gofont/gobold"
	"golang.org/x/image/font/gofont/goregular"
)

// Measures of an A4 page in points.
const (
	pageLeft   = 50.0
	pageRight  = 545.0
	pageTop    = 50.0
	pageBottom = 790.0
	lineHeight = 1.35
	cellGap    = 4.0
)

// The two fonts; both have all of Russian and Belarusian.
const (
	regular = "regular"
	bold    = "bold"
)

// sheet writes down a page and begins a new one when it is full. It keeps the
// first error, so that the text of a document reads without error handling.
type sheet struct {
	pdf  gopdf.GoPdf
	y    float64
	font string
	size float64
	err  error
}

// column is a part of a table row: right columns are aligned to their right edge.
type column struct {
	left, right float64
	alignRight  bool
}

func newSheet(info gopdf.PdfInfo) *sheet {
	s := &sheet{y: pageTop}
	s.pdf.Start(gopdf.Config{PageSize: *gopdf.PageSizeA4})
	s.pdf.SetInfo(info)
	// A name from abroad may have a letter the fonts lack; a gap would hide it.
	visible := gopdf.TtfOption{OnGlyphNotFoundSubstitute: func(rune) rune { return '?' }}
	s.keep(s.pdf.AddTTFFontDataWithOption(regular, goregular.TTF, visible))
	s.keep(s.pdf.AddTTFFontDataWithOption(bold, gobold.TTF, visible))
	s.pdf.AddPage()
	return s
}

func (s *sheet) keep(err error) {
	if err != nil && s.err == nil {
		s.err = fmt.Errorf("invoice: pdf: %w", err)
	}
}

func (s *sheet) use(font string, size float64) {
	s.font, s.size = font, size
	s.keep(s.pdf.SetFont(font, "", size))
}

// need begins a new page when less than the height is left.
func (s *sheet) need(height float64) {
	if s.y+height > pageBottom {
		s.pdf.AddPage()
		s.y = pageTop
		s.keep(s.pdf.SetFont(s.font, "", s.size))
	}
}

// wrap breaks a text at blanks, and inside of words that are too long.
func (s *sheet) wrap(text string, width float64) []string {
	if text == "" {
		return []string{""}
	}
	lines, err := s.pdf.SplitTextWithWordWrap(text, width)
	if err != nil {
		s.keep(err)
		return []string{""}
	}
	return lines
}

// row writes texts side by side, each wrapped to its column, and moves down.
func (s *sheet) row(columns []column, texts []string) {
	cells, most := make([][]string, len(columns)), 1
	for i, c := range columns {
		cells[i] = s.wrap(texts[i], c.right-c.left-2*cellGap)
		most = max(most, len(cells[i]))
	}
	step := s.size * lineHeight
	s.need(float64(most)*step + 2*cellGap)
	for i, c := range columns {
		for n, line := range cells[i] {
			x := c.left + cellGap
			if c.alignRight {
				width, err := s.pdf.MeasureTextWidth(line)
				s.keep(err)
				x = c.right - cellGap - width
			}
			s.at(x, s.y+cellGap+float64(n)*step, line)
		}
	}
	s.y += float64(most)*step + 2*cellGap
}

func (s *sheet) at(x, y float64, text string) {
	s.pdf.SetXY(x, y)
	s.keep(s.pdf.Cell(nil, text))
}

// paragraph writes a text over the whole width.
func (s *sheet) paragraph(text string) {
	s.row([]column{{left: pageLeft - cellGap, right: pageRight + cellGap}}, []string{text})
}

// rule draws a line over the whole width.
func (s *sheet) rule() {
	s.pdf.SetLineWidth(0.6)
	s.pdf.Line(pageLeft, s.y, pageRight, s.y)
}

func (s *sheet) space(height float64) { s.y += height }

func (s *sheet) bytes() ([]byte, error) {
	if s.err != nil {
		return nil, s.err
	}
	var out bytes.Buffer
	if _, err := s.pdf.WriteTo(&out); err != nil {
		return nil, fmt.Errorf("invoice: pdf: %w", err)
	}
	return out.Bytes(), nil
}
