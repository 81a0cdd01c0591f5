// Package order is the domain of remote issuance: services, stages and ends
// of an order, its deadlines, prices, numbers and the verdicts of its checks.
//
// It imports the standard library only. It knows no Temporal, no HTTP and no
// database: those packages depend on this one, never the other way round.
// Rule ids in comments (A1, S4, M3, D2, P7, …) are those of the regulations of
// services 6.0.00, 6.0.01 and 6.0.02.
package order
