// Package renewal takes the process Spawn of STB 34.101.78 (draft of version 2,
// 9.4): a program sends a certification request that the holder of the present
// certificate has signed, and it becomes an order like any other. Nothing here
// decides what package draft and the order's workflow decide: the same first
// check, second check, approval, payment and issue follow.
package renewal
