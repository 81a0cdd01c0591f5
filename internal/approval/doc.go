// Package approval makes the list (перечень сведений) that a manager signs:
// its canonical bytes, its PDF, and the verification of a signature over it.
package approval
