package accounts

import (
	"github.com/getkin/kin-openapi/openapi3"

	"vigie/api/web"
	"vigie/data"
)

func text(max int64) *openapi3.Schema { return openapi3.NewStringSchema().WithMaxLength(max) }

func instant() *openapi3.Schema {
	return web.Pattern(`^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(\.\d+)?(Z|[+-]\d{2}:\d{2})$`,
		"un instant (2027-06-30T00:00:00Z)", "an instant (2027-06-30T00:00:00Z)")
}

func scopeSchema() *openapi3.Schema {
	items := func() *openapi3.Schema {
		return openapi3.NewArraySchema().WithItems(text(200)).WithMaxItems(data.MaxScopeItems)
	}
	return web.Closed(map[string]*openapi3.Schema{
		"national": openapi3.NewBoolSchema(), "departments": items(), "sites": items(),
	})
}

func assignmentSchema() *openapi3.Schema {
	return web.Closed(map[string]*openapi3.Schema{
		"role": text(100), "scope": scopeSchema(), "restricted": openapi3.NewBoolSchema(),
		"mission_order": text(1000), "expires": instant().WithNullable(),
	}, "role", "scope")
}

// fieldsSchema is what may be set of an account. Lengths and codes are checked by the
// record's own validation, whose messages say more than a schema can.
func fieldsSchema() *openapi3.Schema {
	return web.Closed(map[string]*openapi3.Schema{
		"login": text(1000), "name": text(1000), "email": text(1000), "issuer": text(1000),
		"assignments": openapi3.NewArraySchema().WithItems(assignmentSchema()).WithMaxItems(data.MaxAssignments),
		"disabled":    openapi3.NewBoolSchema(),
	}, "login", "name", "assignments")
}

func userSchema() *openapi3.SchemaRef {
	s := openapi3.NewStringSchema
	return web.Named("User", openapi3.NewObjectSchema().WithProperties(map[string]*openapi3.Schema{
		"id": s(), "login": s(), "name": s(), "email": s(), "issuer": s(), "oidc_sub": s(),
		"assignments": openapi3.NewArraySchema().WithItems(assignmentSchema()), "disabled": openapi3.NewBoolSchema(),
		"created_at": instant(), "seen_at": instant().WithNullable(), "has_totp": openapi3.NewBoolSchema(), "version": openapi3.NewInt64Schema(),
	}))
}

func recoverySchema() *openapi3.Schema {
	return openapi3.NewObjectSchema().WithProperties(map[string]*openapi3.Schema{
		"secret": openapi3.NewStringSchema(), "expires_at": instant(),
	})
}

func addedSchema() *openapi3.SchemaRef {
	s := openapi3.NewObjectSchema().WithProperty("recovery", recoverySchema())
	s.Properties["user"] = userSchema()
	return web.Inline(s)
}

func roleSchema() *openapi3.SchemaRef {
	both := openapi3.NewObjectSchema().WithProperties(map[string]*openapi3.Schema{"fr": openapi3.NewStringSchema(), "en": openapi3.NewStringSchema()})
	return web.Named("Role", openapi3.NewObjectSchema().WithProperties(map[string]*openapi3.Schema{
		"id": openapi3.NewStringSchema(), "label": both, "precision": openapi3.NewStringSchema().WithEnum("none", "masked", "exact"),
		"rights": openapi3.NewArraySchema().WithItems(openapi3.NewStringSchema()),
	}))
}

func requestSchema() *openapi3.Schema {
	return web.Closed(map[string]*openapi3.Schema{
		"kind": kindSchema(), "scope": scopeSchema(), "purpose": text(1000), "confirmed": openapi3.NewBoolSchema(),
	}, "kind", "scope", "purpose")
}

func kindSchema() *openapi3.Schema {
	return openapi3.NewStringSchema().WithEnum(string(data.GrantExact), string(data.GrantRegisterExport))
}

func decisionSchema() *openapi3.Schema {
	return web.Closed(map[string]*openapi3.Schema{
		"approve": openapi3.NewBoolSchema(), "reason": text(1000), "days": openapi3.NewIntegerSchema(), "confirmed": openapi3.NewBoolSchema(),
	}, "approve", "reason")
}

func grantSchema() *openapi3.SchemaRef {
	s := openapi3.NewStringSchema
	return web.Named("Grant", openapi3.NewObjectSchema().WithProperties(map[string]*openapi3.Schema{
		"id": s(), "kind": kindSchema(), "user_id": s(), "login": s(), "scope": scopeSchema(), "purpose": s(),
		"state": s().WithEnum(string(data.GrantRequested), string(data.GrantApproved), string(data.GrantRefused), string(data.GrantRevoked), string(data.GrantUsed)),

		"requested_at": instant(), "decided_by": s(), "decided_at": instant().WithNullable(), "reason": s(), "expires": instant().WithNullable(),
		"version": openapi3.NewInt64Schema(), "mine": openapi3.NewBoolSchema(), "decidable": openapi3.NewBoolSchema(),
	}))
}

func list(name string, item *openapi3.SchemaRef) *openapi3.SchemaRef {
	items := openapi3.NewArraySchema()
	items.Items = item
	return web.Inline(openapi3.NewObjectSchema().WithProperty(name, items))
}
