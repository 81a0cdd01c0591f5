// Package contract holds HTTP responses against the OpenAPI document of the
// product: status, media type and body, by JSON Schema 2020-12, which is the
// schema language of OpenAPI 3.1.
package contract
