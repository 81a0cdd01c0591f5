// Package approval has the list (перечень сведений) made that a manager signs,
// and verifies the signature over it. Package list has its octets, package page
// writes it as a PDF.
package approval
