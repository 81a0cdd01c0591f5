// Package operator is the page that answers one question of operators: does
// anything need me? Each thing that does says since when, what to do, and leads
// to the workflow that shows its cause.
package operator
