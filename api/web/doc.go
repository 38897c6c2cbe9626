// Package web is what every resource of the HTTP interface shares: the route
// table and the OpenAPI document made from it, the validation of requests against
// that document, problem documents (RFC 9457), negotiation, validators (ETag),
// compression, limits, and the access log, which never holds a position, an
// identifier or a query.
package web
