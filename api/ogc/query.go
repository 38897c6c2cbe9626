package ogc

import (
	"math"
	"net/url"
	"strconv"
	"strings"

	"github.com/getkin/kin-openapi/openapi3"
	"github.com/paulmach/orb"

	"vigie/api/web"
	"vigie/data/snapshot"
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

func bboxParameter(tr web.Tr) *openapi3.ParameterRef {
	return web.Shared(web.Query("bbox", tr(
		"Emprise en degrés, CRS84\u00a0: ouest, sud, est, nord (ouest > est de part et d’autre de l’antiméridien)\u00a0; les hauteurs d’une emprise à six nombres sont ignorées.",
		"Bounds in degrees, CRS84: west, south, east, north (west > east across the antimeridian); the heights of a six-number box are ignored."),
		openapi3.NewArraySchema().WithItems(openapi3.NewFloat64Schema()).WithMinItems(4).WithMaxItems(6)))
}

// instant is an RFC 3339 date or date-time, or the open end of an interval.
const instant = `(\d{4}-\d{2}-\d{2}(T\d{2}:\d{2}:\d{2}(\.\d+)?(Z|[+-]\d{2}:\d{2}))?)`

func datetimeParameter(tr web.Tr) *openapi3.ParameterRef {
	schema := web.Pattern(`^(`+instant+`|(`+instant+`|\.\.)?/(`+instant+`|\.\.)?)$`,
		"une date RFC 3339 ou un intervalle («\u00a02026-01-01/..\u00a0»)", "an RFC 3339 date or interval (“2026-01-01/..”)")
	return web.Shared(web.Query("datetime", tr(
		"Instant ou intervalle RFC 3339. Les objets n’ont pas de propriété temporelle\u00a0: tous répondent, comme le veut OGC API – Features (7.15.4).",
		"RFC 3339 instant or interval. Features have no temporal property, so all match, as OGC API – Features (7.15.4) requires."),
		schema))
}

func afterParameter(tr web.Tr) *openapi3.ParameterRef {
	return web.Shared(web.Query("after", tr("Début de la page, donné par le lien «\u00a0next\u00a0»", "Start of the page, given by the “next” link"),
		openapi3.NewStringSchema().WithMaxLength(200)))
}

// query reads the validated parameters of an items request.
func (cl collection) query(values url.Values) (snapshot.Query, error) {
	q := snapshot.Query{Limit: defaultLimit, After: values.Get("after"), Equal: map[string]string{}}
	if v := values.Get("limit"); v != "" {
		n, err := strconv.Atoi(v)
		if err != nil || n < 1 || n > maxLimit {
			return q, web.InvalidParameter("limit", v, "un nombre entier de 1 à 10000 est attendu.", "a whole number from 1 to 10000 is expected.")
		}
		q.Limit = n
	}
	if v := values.Get("bbox"); v != "" {
		bounds, err := parseBBox(v)
		if err != nil {
			return q, err
		}
		q.Bounds = bounds
	}
	for _, f := range cl.filters {
		if !values.Has(f.name) {
			continue
		}
		value := values.Get(f.name)
		if f.truth {
			// The validation admits "1" and "TRUE" too; columns say "true".
			if b, err := strconv.ParseBool(value); err == nil {
				value = strconv.FormatBool(b)
			}
		}
		q.Equal[f.name] = value
	}
	if st := cl.states; st != nil && values.Has(st.name) {
		st.apply(values.Get(st.name), &q)
	}
	return q, nil
}

// parseBBox reads "west,south,east,north" or its form with heights, in degrees.
// A box across the antimeridian gives its two halves.
func parseBBox(s string) ([]orb.Bound, error) {
	invalid := func(fr, en string) error { return web.InvalidParameter("bbox", s, fr, en) }
	fields := strings.Split(s, ",")
	if len(fields) != 4 && len(fields) != 6 {
		return nil, invalid("quatre nombres sont attendus (ouest, sud, est, nord), ou six avec les hauteurs.",
			"four numbers are expected (west, south, east, north), or six with heights.")
	}
	numbers := make([]float64, len(fields))
	for i, f := range fields {
		n, err := strconv.ParseFloat(strings.TrimSpace(f), 64)
		if err != nil || math.IsNaN(n) || math.IsInf(n, 0) {
			return nil, invalid("«\u00a0"+f+"\u00a0» n’est pas un nombre.", "“"+f+"” is not a number.")
		}
		numbers[i] = n
	}
	if len(numbers) == 6 {
		numbers = []float64{numbers[0], numbers[1], numbers[3], numbers[4]}
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
