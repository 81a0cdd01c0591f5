package client

import "strconv"

// mostPages bounds what one page of the portal shows; further ones are history
// that nobody scrolls to.
const mostPages = 10

// every joins the pages of a list, which it reads by their number from 1 on.
func every[T any](read func(page int) (entries []T, pages int, err error)) ([]T, error) {
	var out []T
	for page := 1; page <= mostPages; page++ {
		entries, pages, err := read(page)
		if err != nil {
			return nil, err
		}
		out = append(out, entries...)
		if page >= pages {
			break
		}
	}
	return out, nil
}

func pageQuery(page int) string { return "page=" + strconv.Itoa(page) }
