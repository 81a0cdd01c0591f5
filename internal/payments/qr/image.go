package qr

import (
	"fmt"
	"strings"

	"rsc.io/qr"
)

// quiet is the width of the light border in modules that readers need.
const quiet = 4

func encode(link string) (*qr.Code, error) {
	code, err := qr.Encode(link, qr.M)
	if err != nil {
		return nil, fmt.Errorf("qr: %w", err)
	}
	return code, nil
}

// PNG draws the code of a link, so many pixels wide for each module.
func PNG(link string, scale int) ([]byte, error) {
	if scale < 1 || scale > 64 {
		return nil, fmt.Errorf("qr: scale must be 1 to 64")
	}
	code, err := encode(link)
	if err != nil {
		return nil, err
	}
	code.Scale = scale
	return code.PNG(), nil
}

// SVG draws the code of a link as a picture without a fixed size. The title
// is read to those who cannot see it.
func SVG(link, title string) ([]byte, error) {
	code, err := encode(link)
	if err != nil {
		return nil, err
	}
	side := code.Size + 2*quiet
	escape := strings.NewReplacer("&", "&amp;", "<", "&lt;", ">", "&gt;", `"`, "&quot;")
	var b strings.Builder
	fmt.Fprintf(&b, `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 %d %d" shape-rendering="crispEdges" role="img"><title>%s</title>`,
		side, side, escape.Replace(title))
	fmt.Fprintf(&b, `<rect width="%d" height="%d" fill="#fff"/><path d="`, side, side)
	for y := range code.Size {
		for x := 0; x < code.Size; x++ {
			if !code.Black(x, y) {
				continue
			}
			start := x
			for x < code.Size && code.Black(x, y) {
				x++
			}
			fmt.Fprintf(&b, "M%d %dh%dv1h-%dz", start+quiet, y+quiet, x-start, x-start)
		}
	}
	b.WriteString(`" fill="#000"/></svg>`)
	return []byte(b.String()), nil
}
