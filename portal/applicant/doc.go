// Package applicant is the applicant's journey: the orders of one person and
// the steps of each, from how it goes to the certificate. Which page an order
// is at follows from the order alone, so that it goes on anywhere.
package applicant
