package order

// ConfirmationEnded is what became of the wish to end a confirmation.
type ConfirmationEnded struct {
	// Done is false when the money was in time (D7), or, for the finish, when
	// certificates are still to come.
	Done bool
	// Paid tells that the money is there.
	Paid bool
	// Stage is where the confirmation stands afterwards.
	Stage ConfirmationStage
	// Issued counts its certificates.
	Issued int
}
