package sites

import (
	"github.com/getkin/kin-openapi/openapi3"

	"vigie/api/web"
	"vigie/data"
)

// date is an ISO 8601 calendar date.
const date = `^\d{4}-\d{2}-\d{2}$`

func text(max int64) *openapi3.Schema { return openapi3.NewStringSchema().WithMaxLength(max) }

func positionSchema() *openapi3.Schema {
	return web.Closed(map[string]*openapi3.Schema{
		"lon": openapi3.NewFloat64Schema().WithMin(-180).WithMax(180),
		"lat": openapi3.NewFloat64Schema().WithMin(-90).WithMax(90),
		"precision": openapi3.NewStringSchema().WithEnum(
			string(data.PrecisionSurveyed), string(data.PrecisionHouseNumber), string(data.PrecisionStreet),
			string(data.PrecisionLocality), string(data.PrecisionCommune), string(data.PrecisionUnspecified)),
		"source": text(200),
	})
}

// fieldsSchema is what may be set by hand. Lengths and codes are checked by the
// records' own validation, whose messages say more than a schema can.
func fieldsSchema(required ...string) *openapi3.Schema {
	addressSchema := web.Closed(map[string]*openapi3.Schema{
		"street": text(1000).WithNullable(), "postal_code": text(100).WithNullable(), "locality": text(1000).WithNullable(),
	})
	return web.Closed(map[string]*openapi3.Schema{
		"finess": text(100).WithNullable(), "legal_entity_finess": text(100).WithNullable(), "opened_on": text(100).WithNullable(),
		"name": text(1000), "category": text(100).WithNullable(), "address": addressSchema.WithNullable(),
		"commune_code": text(100).WithNullable(), "department_code": text(100).WithNullable(),
		"capacity": openapi3.NewIntegerSchema().WithNullable(), "position": positionSchema().WithNullable(),
	}, required...)
}

func closeSchema() *openapi3.Schema {
	on := web.Pattern(date, "une date (2026-11-24)", "a date (2026-11-24)")
	return web.Closed(map[string]*openapi3.Schema{"on": on}, "on")
}

func mergeSchema() *openapi3.Schema {
	return web.Closed(map[string]*openapi3.Schema{
		"absorb": text(200).WithMinLength(1), "absorb_version": openapi3.NewInt64Schema().WithMin(1),
	}, "absorb", "absorb_version")
}

func recordSchema() *openapi3.SchemaRef {
	s := openapi3.NewStringSchema
	return web.Named("Site", openapi3.NewObjectSchema().WithProperties(map[string]*openapi3.Schema{
		"id": s(), "finess": s(), "legal_entity_finess": s(), "name": s(), "category": s(), "kind": s(),
		"opened_on": s(), "closed_on": s(),
		"status":  openapi3.NewStringSchema().WithEnum(string(data.SiteOpen), string(data.SiteClosed)),
		"address": openapi3.NewObjectSchema().WithProperties(map[string]*openapi3.Schema{"street": s(), "postal_code": s(), "locality": s()}),

		"commune_code": s(), "department_code": s(), "capacity": openapi3.NewIntegerSchema().WithNullable(),
		"position": positionSchema().WithNullable(), "version": openapi3.NewInt64Schema(), "merged_into": s(),
	}))
}

// explanationSchema describes snapshot.Explanation.
func explanationSchema() *openapi3.SchemaRef {
	s, n, i := openapi3.NewStringSchema, openapi3.NewFloat64Schema, openapi3.NewIntegerSchema
	both := func() *openapi3.Schema {
		return openapi3.NewObjectSchema().WithProperties(map[string]*openapi3.Schema{"fr": s(), "en": s()})
	}
	list := func(item *openapi3.Schema) *openapi3.Schema { return openapi3.NewArraySchema().WithItems(item) }
	// What the open layers say, then what police-restricted ones add for who may see them.
	exposure := func() map[string]*openapi3.Schema {
		return map[string]*openapi3.Schema{
			"status": s().WithEnum("computed", "pending", "incomplete", "not_located"),
			"score":  n().WithMin(0).WithMax(100).WithNullable(), "low": n().WithMin(0).WithMax(100).WithNullable(), "high": n().WithMin(0).WithMax(100).WithNullable(),
			"class": i(), "class_label": both(), "class_probabilities": list(n()),
			"rank": i(), "rank_low": i(), "rank_high": i(), "ranked": i(),
			"summary": both(), "missing_pillars": list(both()),
			"reasons": list(openapi3.NewObjectSchema().WithProperties(map[string]*openapi3.Schema{
				"indicator": s(), "label": both(), "pillar": both(), "value": n().WithNullable(), "unit": s(),
				"weight": n(), "share": n(), "points": n(), "sentence": both(),
			})),
			"nearby": list(openapi3.NewObjectSchema().WithProperties(map[string]*openapi3.Schema{
				"kind": s(), "id": s(), "name": s(), "distance_m": n(), "bearing_deg": n().WithNullable(), "sentence": both(),
			})),
			"profile": openapi3.NewObjectSchema().WithProperties(map[string]*openapi3.Schema{
				"name": s(), "version": s(), "hash": s(), "seed": i(), "draws": i(),
			}),
		}
	}
	whole := exposure()
	whole["site_id"], whole["name"] = s(), s()
	whole["restricted"] = openapi3.NewObjectSchema().WithProperties(exposure())
	return web.Named("Explanation", openapi3.NewObjectSchema().WithProperties(whole))
}

// unknownsSchema lists snapshot.Unknown.
func unknownsSchema() *openapi3.SchemaRef {
	s := openapi3.NewStringSchema
	both := func() *openapi3.Schema {
		return openapi3.NewObjectSchema().WithProperties(map[string]*openapi3.Schema{"fr": s(), "en": s()})
	}
	unknown := openapi3.NewObjectSchema().WithProperties(map[string]*openapi3.Schema{
		"indicator": s(), "label": both(), "reason": s(), "reason_text": both(), "missing": both(),
	})
	return web.Inline(openapi3.NewObjectSchema().WithProperties(map[string]*openapi3.Schema{"unknown": openapi3.NewArraySchema().WithItems(unknown)}))
}
