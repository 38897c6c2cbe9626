package ogc

import (
	"errors"
	"maps"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/getkin/kin-openapi/openapi3"
	"github.com/gin-gonic/gin"
	"github.com/paulmach/orb"

	"vigie/api/auth"
	"vigie/api/web"
	"vigie/data"
	"vigie/data/filter"
	"vigie/data/snapshot"
)

// maxWithin is the largest distance asked of near and near-zone, in metres: beyond, the
// plane of measure is no longer exact.
const maxWithin = 50_000

func filterParameters(tr web.Tr) []*openapi3.ParameterRef {
	return []*openapi3.ParameterRef{
		shared(web.Query("filter", tr(
			"Condition CQL2 sur les propriétés de «\u00a0queryables\u00a0» et sur «\u00a0geometry\u00a0»", "CQL2 condition on the properties of “queryables” and on “geometry”"),
			openapi3.NewStringSchema().WithMinLength(1)), "S_INTERSECTS(geometry, BBOX(5, 45, 6.5, 46.5)) AND geometry IS NOT NULL"),
		web.Shared(web.Query("filter-lang", tr(
			"Langage du filtre\u00a0; «\u00a0cql-text\u00a0» est l’ancien nom de «\u00a0cql2-text\u00a0»", "Language of the filter; “cql-text” is the former name of “cql2-text”"),
			openapi3.NewStringSchema().WithEnum(languageText, languageJSON, languageOldText).WithDefault(languageText))),
		web.Shared(web.Query("filter-crs", tr("URI du système de coordonnées des géométries du filtre", "URI of the coordinate reference system of the filter’s geometries"), systemSchema())),
		web.Shared(web.Query("sortby", tr(
			"Ordre des objets\u00a0: propriétés séparées par des virgules, précédées de «\u00a0-\u00a0» pour l’ordre décroissant. L’inconnu vient en dernier.",
			"Order of the features: properties separated by commas, preceded by “-” for the descending order. What is unknown comes last."),
			openapi3.NewArraySchema().WithItems(text()).WithMinItems(1).WithMaxItems(5))),
		web.Shared(web.Query("properties", tr(
			"Propriétés de la réponse, séparées par des virgules\u00a0; sans ce paramètre, toutes", "Properties of the answer, separated by commas; without it, all"),
			openapi3.NewArraySchema().WithItems(text()).WithMinItems(1).WithMaxItems(200))),
		shared(web.Query("near", tr(
			"Longitude et latitude d’un point, en degrés\u00a0: objets à «\u00a0within\u00a0» mètres au plus", "Longitude and latitude of a point, in degrees: features at most “within” metres away"),
			openapi3.NewArraySchema().WithItems(openapi3.NewFloat64Schema()).WithMinItems(2).WithMaxItems(2)), []float64{5.3, 45.95}),
		web.Shared(web.Query("near-zone", tr(
			"Identifiant d’un objet de la collection «\u00a0zones\u00a0»\u00a0: objets à «\u00a0within\u00a0» mètres au plus de ses limites, ou dedans",
			"Identifier of a feature of the collection “zones”: features inside it or at most “within” metres from its edge"), text())),
		shared(web.Query("within", tr(
			"Distance en mètres, sur l’ellipsoïde, pour «\u00a0near\u00a0» et «\u00a0near-zone\u00a0»", "Distance in metres, on the ellipsoid, for “near” and “near-zone”"),
			openapi3.NewFloat64Schema().WithMin(0).WithMax(maxWithin)), 20000),
	}
}

// shared makes a parameter of the components with an example.
func shared(p *openapi3.Parameter, example any) *openapi3.ParameterRef {
	p.Example = example
	return web.Shared(p)
}

// Languages of filters.
const (
	languageText    = "cql2-text"
	languageJSON    = "cql2-json"
	languageOldText = "cql-text"
)

// conditions are predicates all of which have to hold.
type conditions []filter.Predicate

func (all conditions) keep(f *data.Feature) (bool, error) {
	for _, one := range all {
		if kept, err := one(f); !kept || err != nil {
			return false, err
		}
	}
	return true, nil
}

// readFilter compiles the parameter filter, and notes where what it keeps is; nil without it.
func (r *request) readFilter(cl collection, call *web.Call, schema *data.Schema) (filter.Predicate, error) {
	from, err := systemOf(call, "filter-crs")
	written := call.Query.Get("filter")
	if err != nil || written == "" {
		return nil, err
	}
	parse := filter.ParseText
	if call.Query.Get("filter-lang") == languageJSON {
		parse = filter.ParseJSON
	}
	e, err := parse(written)
	var keep filter.Predicate
	if err == nil {
		keep, err = filter.Compile(e, schema, cl.dates[:], from)
	}
	if err != nil {
		return nil, filterProblem(call, err)
	}
	r.Around = filter.Common(r.Around, e.Bounds(from))
	return keep, nil
}

// filterProblem gives the problem of the parameter filter when the error is one of it.
func filterProblem(call *web.Call, err error) error {
	var wrong *filter.Error
	if !errors.As(err, &wrong) {
		return err
	}
	p := web.InvalidParameter("filter", call.Query.Get("filter"), wrong.Message.FR, wrong.Message.EN)
	p.Problems[0].Column = wrong.Column
	return p
}

// readNear reads near or near-zone, with within; nil without them.
func (s *Service) readNear(c *gin.Context, r *request) (filter.Predicate, error) {
	query := web.CallOf(c).Query
	point, zone, within := query.Get("near"), query.Get("near-zone"), query.Get("within")
	switch {
	case point == "" && zone == "" && within == "":
		return nil, nil
	case point != "" && zone != "":
		return nil, web.InvalidParameter("near-zone", zone, "incompatible avec near.", "not together with near.")
	case within == "":
		return nil, web.InvalidParameter("within", "", "une distance en mètres est attendue avec near ou near-zone.", "a distance in metres is expected with near or near-zone.")
	}
	metres, err := strconv.ParseFloat(within, 64)
	if err != nil || !(metres >= 0 && metres <= maxWithin) {
		return nil, web.InvalidParameter("within", within, "un nombre de mètres de 0 à 50000 est attendu.", "a number of metres from 0 to 50000 is expected.")
	}
	var reference orb.Geometry
	switch {
	case zone != "":
		// As this viewer sees it: a zone that is hidden is one that does not exist.
		zones, _ := s.snapshots.Current().Collection(auth.ViewerOf(c), data.LayerZones)
		found, ok := zones.Get(zone)
		if !ok {
			return nil, web.InvalidParameter("near-zone", zone, "il n’y a pas de telle zone.", "there is no such zone.")
		}
		reference = found.Geometry
	case point != "":
		p, ok := parsePoint(point)
		if !ok {
			return nil, web.InvalidParameter("near", point, "une longitude et une latitude en degrés sont attendues.", "a longitude and a latitude in degrees are expected.")
		}
		reference = p
	default:
		return nil, web.InvalidParameter("within", within, "near ou near-zone est attendu avec une distance.", "near or near-zone is expected with a distance.")
	}
	keep, around := filter.Near(reference, metres)
	r.Around = filter.Common(r.Around, around)
	return keep, nil
}

func parsePoint(s string) (orb.Point, bool) {
	lon, lat, _ := strings.Cut(s, ",")
	x, errX := strconv.ParseFloat(strings.TrimSpace(lon), 64)
	y, errY := strconv.ParseFloat(strings.TrimSpace(lat), 64)
	// Also false for NaN.
	return orb.Point{x, y}, errX == nil && errY == nil && x >= -180 && x <= 180 && y >= -90 && y <= 90
}

// columnOf finds a column that a parameter names.
func columnOf(schema *data.Schema, parameter, name string) (int, error) {
	i := slices.IndexFunc(schema.Columns, func(c data.Column) bool { return c.Name == name })
	if i < 0 {
		return 0, web.InvalidParameter(parameter, name,
			"la propriété «\u00a0"+data.Clip(name)+"\u00a0» n’existe pas dans cette collection.", "this collection has no property “"+data.Clip(name)+"”.")
	}
	return i, nil
}

func sortOf(call *web.Call, schema *data.Schema) ([]snapshot.Order, error) {
	written := call.Query.Get("sortby")
	if written == "" {
		return nil, nil
	}
	var out []snapshot.Order
	for name := range strings.SplitSeq(written, ",") {
		bare := strings.TrimLeft(name, "+- ") // "+" reads as a space in an address
		column, err := columnOf(schema, "sortby", bare)
		if err != nil {
			return nil, err
		}
		out = append(out, snapshot.Order{Column: column, Descending: strings.HasPrefix(name, "-")})
	}
	return out, nil
}

// selection is the columns of an answer.
type selection struct {
	schema  *data.Schema
	columns []int // in the collection's schema; nil is all
}

// selectionOf reads the parameter properties.
func selectionOf(call *web.Call, schema *data.Schema) (selection, error) {
	written := call.Query.Get("properties")
	if written == "" {
		return selection{schema: schema}, nil
	}
	own := *schema
	own.Columns = nil
	out := selection{schema: &own}
	for name := range strings.SplitSeq(written, ",") {
		if name == filter.Geometry {
			continue // always there
		}
		column, err := columnOf(schema, "properties", name)
		if err != nil {
			return out, err
		}
		if !slices.Contains(out.columns, column) {
			out.columns = append(out.columns, column)
		}
	}
	slices.Sort(out.columns)
	out.columns = append([]int{}, out.columns...)
	for _, i := range out.columns {
		own.Columns = append(own.Columns, schema.Columns[i])
	}
	return out, nil
}

// of gives a feature with the selected values only.
func (s selection) of(f *data.Feature) *data.Feature {
	if s.columns == nil {
		return f
	}
	out := *f
	out.Values = make([]data.Value, len(s.columns))
	for i, column := range s.columns {
		out.Values[i] = f.Values[column]
	}
	return &out
}

// during compiles the parameter datetime; nil without it, and when the collection, as the
// viewer sees it, has no dates: then every feature answers (Part 1, 7.15.4).
func (s *Service) during(c *gin.Context, cl collection, schema *data.Schema) (filter.Predicate, error) {
	written := web.CallOf(c).Query.Get("datetime")
	if written == "" {
		return nil, nil
	}
	asked, ok := filter.ParseSpan(written)
	if !ok {
		return nil, web.InvalidParameter("datetime", written,
			"une date qui existe, ou un intervalle qui finit après son début, est attendu.", "a date that exists, or an interval that ends after its start, is expected.")
	}
	index := func(name string) int {
		return slices.IndexFunc(schema.Columns, func(c data.Column) bool { return c.Name == name })
	}
	if cl.layer == data.LayerZones {
		kind, edition, current := index("kind"), index("edition"), index("current")
		spans := editionSpans(s.snapshots.Current().Editions(auth.ViewerOf(c)))
		return func(f *data.Feature) (bool, error) {
			span, ok := spans[[2]string{f.Values[kind].Format(), f.Values[edition].Format()}]
			if !ok {
				now, _ := f.Values[current].Bool()
				return now, nil
			}
			return asked.Meets(span[0], span[1]), nil
		}, nil
	}
	from, to := index(cl.dates[0]), index(cl.dates[1])
	if from < 0 || to < 0 {
		return nil, nil
	}
	return func(f *data.Feature) (bool, error) {
		return asked.Meets(f.Values[from].Format(), f.Values[to].Format()), nil
	}, nil
}

var year = regexp.MustCompile(`^\d{4}$`)

// editionSpans gives the first and last day of editions that are named by a year, by kind
// and label: from that year until the eve of the next edition of the kind.
func editionSpans(editions []data.Edition) map[[2]string][2]string {
	years := map[string][]string{}
	for _, e := range editions {
		if year.MatchString(e.Label) {
			years[string(e.Kind)] = append(years[string(e.Kind)], e.Label)
		}
	}
	out := map[[2]string][2]string{}
	for _, kind := range slices.Sorted(maps.Keys(years)) {
		labels := years[kind]
		slices.Sort(labels)
		for i, label := range labels {
			last := ""
			if i+1 < len(labels) {
				next, _ := strconv.Atoi(labels[i+1])
				last = strconv.Itoa(next-1) + "-12-31"
			}
			out[[2]string{kind, label}] = [2]string{label + "-01-01", last}
		}
	}
	return out
}
