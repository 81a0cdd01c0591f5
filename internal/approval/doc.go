// Package approval makes the list (перечень сведений) that a manager signs:
// its canonical bytes, and the verification of a signature over it. The package
// page writes it as a PDF.
package approval
