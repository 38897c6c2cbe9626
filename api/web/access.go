package web

import (
	"errors"
	"net/http"

	"github.com/gin-gonic/gin"

	"vigie/data"
)

// Access says who may call a route. It is decided before anything of the request is
// read. The zero Access lets nobody in: a route table that holds one is refused.
type Access struct {
	level accessLevel
	right data.Right
}

type accessLevel uint8

const (
	accessPublic accessLevel = iota + 1
	accessSignedIn
	accessHomes
)

// Public routes answer anyone.
var Public = Access{level: accessPublic}

// SignedIn routes answer whoever is identified: 401 to others.
var SignedIn = Access{level: accessSignedIn}

// Homes routes read homes. Whoever sees none gets what does not exist: 404.
var Homes = Access{level: accessHomes}

// Needs is SignedIn for those who have one of these rights somewhere: 403 to others.
func Needs(right data.Right) Access { return Access{accessSignedIn, right} }

// HomesNeeding is Homes for those who have one of these rights somewhere: 403 to others.
func HomesNeeding(right data.Right) Access { return Access{accessHomes, right} }

// IsPublic tells whether anyone may call.
func (a Access) IsPublic() bool { return a.level == accessPublic }

// OfHomes tells whether the route is about homes.
func (a Access) OfHomes() bool { return a.level == accessHomes }

// Right is the set of rights one of which is needed; 0 when none is.
func (a Access) Right() data.Right { return a.right }

// Admission is what decides whether a request may reach its handler.
type Admission struct {
	Access
	// Operation is the identifier of the operation in the OpenAPI document.
	Operation string
	// Reads tells that the request changes nothing.
	Reads bool
}

// Admit identifies who asks, and gives the error of a request that is not let in.
type Admit func(c *gin.Context, a Admission) error

// checkAccess refuses a table with a route that says nothing of its access, or that
// nobody guards.
func checkAccess(admit Admit, r Route) error {
	switch {
	case r.Access == Access{}:
		return errors.New("route " + r.Method + " " + r.Path + " does not say who may call it")
	case admit == nil && !r.Access.IsPublic():
		return errors.New("route " + r.Method + " " + r.Path + " is not public, and nothing guards it")
	}
	return nil
}

// safe tells whether the method changes nothing (RFC 9110, 9.2.1).
func safe(method string) bool {
	return method == http.MethodGet || method == http.MethodHead || method == http.MethodOptions
}
