package ogc

import (
	"math"
	"slices"
	"strconv"
	"strings"

	"github.com/getkin/kin-openapi/openapi3"
	"github.com/gin-gonic/gin"
	"github.com/paulmach/orb"

	"vigie/api/web"
	"vigie/data"
	"vigie/data/filter"
	"vigie/data/snapshot"
	"vigie/geo/crs"
)

// Page sizes, in features.
const (
	defaultLimit = 100
	maxLimit     = 10000
)

func limitParameter(tr web.Tr) *openapi3.ParameterRef {
	return web.Shared(web.Query("limit", tr("Nombre d’objets par page", "Features in a page"),
		openapi3.NewIntegerSchema().WithMin(1).WithMax(maxLimit).WithDefault(defaultLimit)))
}

// itemsParameters are those of the items of every collection.
func itemsParameters(tr web.Tr) []*openapi3.ParameterRef {
	return append([]*openapi3.ParameterRef{
		limitParameter(tr), bboxParameter(tr), bboxSystemParameter(tr), crsParameter(tr), datetimeParameter(tr), afterParameter(tr), itemFormatParameter(tr),
	}, filterParameters(tr)...)
}

func bboxSystemParameter(tr web.Tr) *openapi3.ParameterRef {
	return web.Shared(web.Query("bbox-crs", tr("URI du système de coordonnées de «\u00a0bbox\u00a0»", "URI of the coordinate reference system of “bbox”"), systemSchema()))
}

func bboxParameter(tr web.Tr) *openapi3.ParameterRef {
	return shared(web.Query("bbox", tr(
		"Emprise en degrés, CRS84\u00a0: ouest, sud, est, nord (ouest > est de part et d’autre de l’antiméridien), ou dans le système de «\u00a0bbox-crs\u00a0»\u00a0; les hauteurs d’une emprise à six nombres sont ignorées.",
		"Bounds in degrees, CRS84: west, south, east, north (west > east across the antimeridian), or in the system of “bbox-crs”; the heights of a six-number box are ignored."),
		openapi3.NewArraySchema().WithItems(openapi3.NewFloat64Schema()).WithMinItems(4).WithMaxItems(6)), []float64{5, 45, 6.5, 46.5})
}

// instant is an RFC 3339 date or date-time, or the open end of an interval.
const instant = `(\d{4}-\d{2}-\d{2}(T\d{2}:\d{2}:\d{2}(\.\d+)?(Z|[+-]\d{2}:\d{2}))?)`

func datetimeParameter(tr web.Tr) *openapi3.ParameterRef {
	schema := web.Pattern(`^(`+instant+`|(`+instant+`|\.\.)?/(`+instant+`|\.\.)?)$`,
		"une date RFC 3339 ou un intervalle («\u00a02026-01-01/..\u00a0»)", "an RFC 3339 date or interval (“2026-01-01/..”)")
	return shared(web.Query("datetime", tr(
		"Instant ou intervalle RFC 3339\u00a0: foyers ouverts à ce moment (fermés depuis compris), zones de l’édition alors en vigueur. Les objets sans date répondent tous (OGC API – Features, 7.15.4).",
		"RFC 3339 instant or interval: homes open then (those closed since included), zones of the edition in force then. Features without dates all match (OGC API – Features, 7.15.4)."),
		schema), "2026-01-01/..")
}

func afterParameter(tr web.Tr) *openapi3.ParameterRef {
	return web.Shared(web.Query("after", tr("Début de la page, donné par le lien «\u00a0next\u00a0»", "Start of the page, given by the “next” link"),
		openapi3.NewStringSchema().WithMaxLength(200)))
}

// request is what an items request asks for.
type request struct {
	snapshot.Query
	selection
	in crs.CRS // of the answer
}

// read makes the request of the validated parameters of a call.
func (s *Service) read(c *gin.Context, cl collection, v view) (request, error) {
	call, schema := web.CallOf(c), v.Schema()
	r := request{Query: snapshot.Query{Limit: defaultLimit, After: call.Query.Get("after"), Equal: map[string]string{}}}
	if _, ok := fileFormat(c); ok {
		r.Limit = math.MaxInt // a file is whole unless told otherwise
	}
	if v := call.Query.Get("limit"); v != "" {
		n, err := strconv.Atoi(v)
		if err != nil || n < 1 || n > maxLimit {
			return r, web.InvalidParameter("limit", v, "un nombre entier de 1 à 10000 est attendu.", "a whole number from 1 to 10000 is expected.")
		}
		r.Limit = n
	}
	if err := r.readFilters(cl, call, schema); err != nil {
		return r, err
	}
	var all conditions
	for _, read := range []func() (filter.Predicate, error){
		func() (filter.Predicate, error) { return s.during(c, cl, schema) },
		func() (filter.Predicate, error) { return r.readBBox(call) },
		func() (filter.Predicate, error) { return s.readNear(c, &r) },
		func() (filter.Predicate, error) { return r.readFilter(cl, call, schema) },
	} {
		keep, err := read()
		if err != nil {
			return r, err
		}
		if keep != nil {
			all = append(all, keep)
		}
	}
	if all != nil {
		r.Keep = all.keep
	}
	var err error
	if r.Sort, err = sortOf(call, schema); err != nil {
		return r, err
	}
	if r.selection, err = selectionOf(call, schema); err != nil {
		return r, err
	}
	r.in, err = systemOf(call, "crs")
	return r, err
}

// readFilters reads the filters of the collection by equality, and which records it takes
// when it leaves some out by default. A view may lack some of the properties: then nothing can
// be asked of them.
func (r *request) readFilters(cl collection, call *web.Call, schema *data.Schema) error {
	for _, f := range cl.filters {
		if !call.Query.Has(f.name) {
			continue
		}
		value := call.Query.Get(f.name)
		if !has(schema, f.name) {
			return notInView(f.name, value)
		}
		if f.truth {
			// The validation admits "1" and "TRUE" too; columns say "true".
			if b, err := strconv.ParseBool(value); err == nil {
				value = strconv.FormatBool(b)
			}
		}
		r.Equal[f.name] = value
	}
	st := cl.states
	switch {
	case st == nil:
	case call.Query.Has(st.name):
		value := call.Query.Get(st.name)
		if !has(schema, st.name) {
			return notInView(st.name, value)
		}
		st.apply(value, &r.Query)
	case call.Query.Get("datetime") != "":
		// Then is not now: what is no more counts too.
		st.apply("all", &r.Query)
	}
	return nil
}

func has(schema *data.Schema, name string) bool {
	return slices.ContainsFunc(schema.Columns, func(c data.Column) bool { return c.Name == name })
}

// notInView is the problem of a parameter that asks of a property which the viewer does not see.
func notInView(name, value string) error {
	return web.InvalidParameter(name, value,
		"cette propriété n’est pas dans la vue que vous avez de la collection\u00a0; voyez «\u00a0queryables\u00a0».",
		"this property is not in the view that you have of the collection; see “queryables”.")
}

// readBBox reads bbox and bbox-crs; keep is what bounds alone can't tell.
func (r *request) readBBox(call *web.Call) (keep filter.Predicate, err error) {
	in, err := systemOf(call, "bbox-crs")
	v := call.Query.Get("bbox")
	if err != nil || v == "" {
		return nil, err
	}
	if in == crs.CRS84 {
		r.Bounds, err = parseBBox(v)
		return nil, err
	}
	n, err := parseNumbers(v)
	if err != nil {
		return nil, err
	}
	if n[0] > n[2] || n[1] > n[3] {
		return nil, web.InvalidParameter("bbox", v, "les deux premiers nombres sont les plus petits, dans l’ordre des axes de bbox-crs.",
			"the first two numbers are the least ones, in the axis order of bbox-crs.")
	}
	keep, around, ok := filter.Box(orb.Bound{Min: orb.Point{n[0], n[1]}, Max: orb.Point{n[2], n[3]}}, in)
	if !ok {
		return nil, web.InvalidParameter("bbox", v, "l’emprise sort du système de bbox-crs.", "the box is outside the system of bbox-crs.")
	}
	r.Around = filter.Common(r.Around, []orb.Bound{around})
	return keep, nil
}

// parseNumbers reads the four numbers of a box, or six, of which it leaves out the heights.
func parseNumbers(s string) ([]float64, error) {
	fields := strings.Split(s, ",")
	if len(fields) != 4 && len(fields) != 6 {
		return nil, web.InvalidParameter("bbox", s, "quatre nombres sont attendus (ouest, sud, est, nord), ou six avec les hauteurs.",
			"four numbers are expected (west, south, east, north), or six with heights.")
	}
	numbers := make([]float64, len(fields))
	for i, f := range fields {
		n, err := strconv.ParseFloat(strings.TrimSpace(f), 64)
		if err != nil || math.IsNaN(n) || math.IsInf(n, 0) {
			return nil, web.InvalidParameter("bbox", s, "«\u00a0"+f+"\u00a0» n’est pas un nombre.", "“"+f+"” is not a number.")
		}
		numbers[i] = n
	}
	if len(numbers) == 6 {
		numbers = []float64{numbers[0], numbers[1], numbers[3], numbers[4]}
	}
	return numbers, nil
}

// parseBBox reads "west,south,east,north" or its form with heights, in degrees.
// A box across the antimeridian gives its two halves.
func parseBBox(s string) ([]orb.Bound, error) {
	invalid := func(fr, en string) error { return web.InvalidParameter("bbox", s, fr, en) }
	numbers, err := parseNumbers(s)
	if err != nil {
		return nil, err
	}
	west, south, east, north := numbers[0], numbers[1], numbers[2], numbers[3]
	switch {
	case math.Abs(west) > 180 || math.Abs(east) > 180:
		return nil, invalid("les longitudes vont de −180 à 180.", "longitudes go from −180 to 180.")
	case math.Abs(south) > 90 || math.Abs(north) > 90:
		return nil, invalid("les latitudes vont de −90 à 90\u00a0; l’ordre est ouest, sud, est, nord.",
			"latitudes go from −90 to 90; the order is west, south, east, north.")
	case south > north:
		return nil, invalid("le sud est au-dessus du nord.", "the south is above the north.")
	case west > east:
		return []orb.Bound{
			{Min: orb.Point{west, south}, Max: orb.Point{180, north}},
			{Min: orb.Point{-180, south}, Max: orb.Point{east, north}},
		}, nil
	}
	return []orb.Bound{{Min: orb.Point{west, south}, Max: orb.Point{east, north}}}, nil
}
