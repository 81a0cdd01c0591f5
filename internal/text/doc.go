// Package text is the gate for every string that enters from outside.
//
// What people and programs send us over our own contract is refused, with the
// field named (Refuse, JSON, Values, Fields). What foreign systems answer us
// with (registers, gateways, banks) cannot be sent back to be corrected: there,
// what could not be stored or would deceive a reader is replaced (Replace,
// ReplaceIn). Both rest on one table of characters (docs/decisions/0051).
package text
