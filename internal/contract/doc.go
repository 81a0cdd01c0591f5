// Package contract holds exchanges over HTTP against an OpenAPI 3.1 document:
// route, status, media type, required headers and body of a response, and the
// request behind a response that is no refusal. Bodies are checked by JSON
// Schema 2020-12, the schema language of OpenAPI 3.1, formats included.
//
// It serves tests; nothing in it is part of the service that runs.
package contract
