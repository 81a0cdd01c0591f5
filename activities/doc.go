// Package activities holds the steps of the workflows that touch the world,
// one file per concern. Each concern is a struct of ports; its exported
// methods are the activities. The payload types beside them are what enters
// workflow history: ids and decisions, never documents.
package activities
