package postgres

// OrderPage is a part of a list of orders.
type OrderPage struct {
	Orders []OrderView
	// Total counts those of all pages.
	Total int
}

// ConfirmationPage is a part of a list of confirmations.
type ConfirmationPage struct {
	Confirmations []ConfirmationView
	// Total counts those of all pages.
	Total int
}

// totalOf counts the rows of all pages; only where the page itself does not
// tell is the database asked. Pages count from 0.
func totalOf(page, size, found int, count func() (int64, error)) (int, error) {
	if found < size && (found > 0 || page == 0) {
		return page*size + found, nil
	}
	n, err := count()
	return int(n), err
}
