package card

// Pages tells how the pages of a file stand to its evidence.
type Pages string

// The states of pages.
const (
	PagesSame        Pages = "same"
	PagesDifferent   Pages = "different"
	PagesNone        Pages = "none"
	PagesNotCompared Pages = "not compared"
)

// Examined is what became of a whole file.
type Examined struct {
	Finding

	// Pages tells whether the pages are those of the evidence.
	Pages Pages `json:"pages"`
}

// Examine verifies a file: its evidence, its pages unless they are left aside,
// and what was read from the QR code of a printed card, if anything was. Nothing
// but the octets is looked at. ErrCard for what is no card.
func (v Verifier) Examine(data []byte, code string, leavePages bool) (Examined, error) {
	file, err := Read(data)
	if err != nil {
		return Examined{}, err
	}
	found, err := v.Verify(file.Card)
	if err != nil {
		return Examined{}, err
	}
	out := Examined{Finding: found, Pages: PagesSame}
	switch {
	case leavePages:
		out.Pages = PagesNotCompared
	case file.PagesDiffer:
		out.Pages = PagesDifferent
		out.fails(CheckPages, "the pages are not what the evidence says: they were changed, or written by another version of this program")
	case !file.HasPages:
		out.Pages = PagesNone
	}
	if code != "" && !file.Card.Matches(code) {
		out.fails(CheckCode, "the code is of another card: this one's is "+found.Facts.Code)
	}
	return out, nil
}
