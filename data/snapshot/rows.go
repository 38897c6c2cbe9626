package snapshot

import (
	"slices"
	"strings"

	"github.com/paulmach/orb"

	"vigie/data"
	"vigie/data/scoring"
	"vigie/geo/exposure"
	"vigie/geo/overlay"
)

// siteRecord is a site and its indicators.
type siteRecord struct {
	data.StoredSite
	// subject is the site as it is measured, but for its place among the homes.
	subject exposure.Subject
	// values are those of siteIndicators, restricted those of layerIndicators.
	values, restricted exposure.Row
}

func newSiteRecord(s *data.StoredSite) *siteRecord {
	r := &siteRecord{StoredSite: *s, subject: scoring.Subject(&s.Site, -1)}
	r.Source = nil // the base of merges is no business of readers
	return r
}

// home tells whether the site has a score.
func (s *siteRecord) home() bool { return scoring.IsHome(&s.Site) }

// neighbour tells whether the site is one of the homes of the world, which bear on others.
func (s *siteRecord) neighbour() bool { return scoring.IsNeighbour(&s.Site) }

// subject is a site as it is measured, among the homes.
func (sn *Snapshot) subject(i int) exposure.Subject {
	s := sn.sites[i].subject
	s.Self = int(sn.homes[i])
	return s
}

var (
	// siteIndicators is the catalogue, for the site collection.
	siteIndicators = exposure.Catalogue(ZoneKindsWithIndicators(), exposure.DefaultRadii)
	// layerIndicators are those on police-restricted layers, eventIndicators those on
	// recorded events: both are for viewers with the right.
	layerIndicators, eventIndicators = restrictedIndicators()

	siteSchema       = newSiteSchema(nil)
	eventSchema      = newSiteSchema(data.ColumnsOf(eventIndicators))
	restrictedSchema = newSiteSchema(slices.Concat(data.ColumnsOf(layerIndicators), restrictedScoreColumns(), data.ColumnsOf(eventIndicators)))
)

func restrictedIndicators() (layers, events []exposure.Indicator) {
	for _, in := range exposure.RestrictedCatalogue(ZoneKindsWithIndicators(), exposure.DefaultRadii) {
		if strings.HasPrefix(in.ID, exposure.RestrictedPrefix) {
			layers = append(layers, in)
		} else {
			events = append(events, in)
		}
	}
	return layers, events
}

// restrictedScoreColumns are those of the score with the restricted layers.
func restrictedScoreColumns() []data.Column {
	columns := slices.Clone(scoring.Columns)
	for i := range columns {
		columns[i].Name = exposure.RestrictedPrefix + columns[i].Name
		columns[i].Label.FR += ", couches réservées comprises"
		columns[i].Label.EN += ", restricted layers included"
	}
	return columns
}

var siteColumns = []data.Column{
	{Name: "site_id", Label: data.Text{FR: "Identifiant", EN: "Identifier"}},
	{Name: "finess", Label: data.Text{FR: "Numéro FINESS", EN: "FINESS number"}},
	{Name: "name", Label: data.Text{FR: "Nom", EN: "Name"}},
	{Name: "kind", Label: data.Text{FR: "Type", EN: "Kind"}},
	{Name: "category", Label: data.Text{FR: "Catégorie FINESS", EN: "FINESS category"}},
	{Name: "status", Label: data.Text{FR: "État", EN: "Status"}},
	{Name: "opened_on", Label: data.Text{FR: "Ouvert le", EN: "Opened on"}},
	{Name: "closed_on", Label: data.Text{FR: "Fermé le", EN: "Closed on"}},
	{Name: "address", Label: data.Text{FR: "Adresse", EN: "Address"}},
	{Name: "postal_code", Label: data.Text{FR: "Code postal", EN: "Postal code"}},
	{Name: "locality", Label: data.Text{FR: "Localité", EN: "Locality"}},
	{Name: "department_code", Label: data.Text{FR: "Département", EN: "Département"}},
	{Name: "commune_code", Label: data.Text{FR: "Commune (code Insee)", EN: "Commune (INSEE code)"}},
	{Name: "capacity", Label: data.Text{FR: "Capacité (places)", EN: "Capacity (places)"}, Unit: "1", Type: data.TypeInteger},
	{Name: "legal_entity_finess", Label: data.Text{FR: "FINESS de l’organisme gestionnaire", EN: "FINESS number of the managing body"}},
	{Name: "position_precision", Label: data.Text{FR: "Précision de la position", EN: "Precision of the position"}},
	{Name: "position_source", Label: data.Text{FR: "Source de la position", EN: "Source of the position"}},
	{Name: "proximity_status", Label: data.Text{FR: "État du calcul de proximité", EN: "Status of the proximity computation"}},
}

// trailingSiteColumns come after the indicators.
var trailingSiteColumns = []data.Column{
	{Name: "version", Label: data.Text{FR: "Version de la fiche", EN: "Version of the record"}, Type: data.TypeInteger},
}

// newSiteSchema is the schema of sites with more columns after the score.
func newSiteSchema(more []data.Column) *data.Schema {
	columns := slices.Concat(siteColumns, data.ColumnsOf(siteIndicators), scoring.Columns, more, trailingSiteColumns)
	return &data.Schema{Layer: data.LayerSites, Geometry: "Point", Columns: columns, Title: data.Text{FR: "Foyers", EN: "Homes"}}
}

type siteRows struct {
	sn     *Snapshot
	viewer data.Viewer
}

func (r siteRows) len() int        { return len(r.sn.sites) }
func (r siteRows) id(i int) string { return r.sn.sites[i].ID }

func (r siteRows) bound(i int) (orb.Bound, bool) {
	if p := r.sn.sites[i].Position; p != nil {
		return p.Point.Bound(), true
	}
	return orb.Bound{}, false
}

func (r siteRows) visible(v data.Viewer, i int) bool {
	return v.PrecisionOf(&r.sn.sites[i].Site) == data.ViewExact
}

func (r siteRows) selected(q *Query, i int) bool {
	s := r.sn.sites[i]
	switch q.Status {
	case "all":
		return true
	case "closed":
		return s.Status == data.SiteClosed
	}
	return s.Status != data.SiteClosed
}

func (r siteRows) meets(int, orb.Bound) bool { return true }

func (r siteRows) fill(i int, f *data.Feature) {
	s := r.sn.sites[i]
	f.ID, f.Geometry = s.ID, nil
	capacity, precision, source := data.Null, data.Null, data.Null
	if s.Capacity != nil {
		capacity = data.Integer(*s.Capacity)
	}
	if s.Position != nil {
		f.Geometry = s.Position.Point
		precision = data.String(string(s.Position.Precision))
		source = data.StringOrNull(s.Position.Source)
	}
	f.Values = append(f.Values[:0],
		data.String(s.ID), data.StringOrNull(s.FINESS), data.String(s.Name), data.String(s.Kind),
		data.StringOrNull(s.Category), data.String(string(s.Status)),
		data.StringOrNull(s.OpenedOn), data.StringOrNull(s.ClosedOn),
		data.StringOrNull(s.Address.Street), data.StringOrNull(s.Address.PostalCode), data.StringOrNull(s.Address.Locality),
		data.StringOrNull(s.DepartmentCode), data.StringOrNull(s.CommuneCode), capacity,
		data.StringOrNull(s.LegalEntityFINESS), precision, source, data.String(string(s.subject.Status)))
	f.Values = s.values.Append(f.Values, siteIndicators)
	f.Values = r.appendScore(f.Values, &r.sn.open, i)
	if r.viewer.SeesRestricted() {
		f.Values = r.appendRestricted(f.Values, i)
	}
	f.Values = append(f.Values, data.Integer(int(s.Version)))
}

// appendScore adds the score of a side.
func (r siteRows) appendScore(values []data.Value, on *side, i int) []data.Value {
	s, from := r.sn.sites[i], len(values)
	values = scoring.Append(values, r.sn.scores(on, i), s.ID, s.home(), r.sn.profileHash)
	if !r.sn.showsRanks(on, r.viewer, &s.Site) {
		scoring.HideRank(values[from:])
	}
	return values
}

// showsRanks tells whether the viewer sees every home of a home's département exactly, and as
// this side does: a rank tells how many there are, and moves with each of them.
func (sn *Snapshot) showsRanks(on *side, v data.Viewer, s *data.Site) bool {
	return v.PrecisionOf(&data.Site{DepartmentCode: s.DepartmentCode}) == data.ViewExact &&
		(on == &sn.open || v.MayIn(data.RightRestricted, s.DepartmentCode))
}

// appendRestricted adds what only viewers with the right have; unknown where the viewer
// does not have it over this home.
func (r siteRows) appendRestricted(values []data.Value, i int) []data.Value {
	s := r.sn.sites[i]
	var layers []data.Value
	switch {
	case r.sn.restricted.world == nil:
	case r.viewer.MayAt(data.RightRestricted, &s.Site):
		layers = s.restricted.Append(layers, layerIndicators)
		layers = r.appendScore(layers, &r.sn.restricted, i)
	default:
		layers = make([]data.Value, len(layerIndicators)+len(scoring.Columns))
	}
	// What rests on events is unknown until there are some.
	return append(append(values, layers...), make([]data.Value, len(eventIndicators))...)
}

// zoneRecord is a zone with what is derived from its geometry.
type zoneRecord struct {
	data.Zone
	id      string
	bound   orb.Bound
	areaM2  float64
	current bool
}

var zoneSchema = &data.Schema{
	Layer: data.LayerZones, Geometry: "MultiPolygon", Title: data.Text{FR: "Zones", EN: "Zones"},
	Columns: []data.Column{
		{Name: "zone_id", Label: data.Text{FR: "Code", EN: "Code"}},
		{Name: "kind", Label: data.Text{FR: "Type", EN: "Kind"}},
		{Name: "edition", Label: data.Text{FR: "Édition", EN: "Edition"}},
		{Name: "current", Label: data.Text{FR: "Édition en vigueur", EN: "Current edition"}, Type: data.TypeBoolean},
		{Name: "name", Label: data.Text{FR: "Nom", EN: "Name"}},
		{Name: "department_codes", Label: data.Text{FR: "Départements", EN: "Départements"}},
		{Name: "commune_codes", Label: data.Text{FR: "Communes (codes Insee)", EN: "Communes (INSEE codes)"}},
		{Name: "area_m2", Label: data.Text{FR: "Superficie", EN: "Area"}, Unit: "m2", Type: data.TypeNumber},
		{Name: "population", Label: data.Text{FR: "Habitants", EN: "Inhabitants"}, Unit: "1", Type: data.TypeInteger},
	},
}

type zoneRows struct{ sn *Snapshot }

func (r zoneRows) len() int                      { return len(r.sn.zones) }
func (r zoneRows) id(i int) string               { return r.sn.zones[i].id }
func (r zoneRows) bound(i int) (orb.Bound, bool) { return r.sn.zones[i].bound, true }
func (r zoneRows) visible(v data.Viewer, i int) bool {
	return v.SeesZone(&r.sn.zones[i].Zone)
}
func (r zoneRows) selected(q *Query, i int) bool { return q.Editions || r.sn.zones[i].current }
func (r zoneRows) meets(i int, b orb.Bound) bool {
	return overlay.MeetsBound(r.sn.zones[i].Geometry, b)
}

func (r zoneRows) fill(i int, f *data.Feature) {
	z := &r.sn.zones[i]
	population := data.Null
	if z.Population != nil {
		population = data.Integer(*z.Population)
	}
	f.ID, f.Geometry = z.id, z.Geometry
	f.Values = append(f.Values[:0],
		data.String(z.Code), data.String(string(z.Kind)), data.StringOrNull(z.Edition), data.Boolean(z.current),
		data.StringOrNull(z.Name), joined(z.DepartmentCodes), joined(z.CommuneCodes), data.Number(z.areaM2), population)
}

var placeSchema = &data.Schema{
	Layer: data.LayerPlaces, Geometry: "Point", Title: data.Text{FR: "Lieux", EN: "Places"},
	Columns: []data.Column{
		{Name: "place_id", Label: data.Text{FR: "Identifiant", EN: "Identifier"}},
		{Name: "kind", Label: data.Text{FR: "Type", EN: "Kind"}},
		{Name: "name", Label: data.Text{FR: "Nom", EN: "Name"}},
		{Name: "department_code", Label: data.Text{FR: "Département", EN: "Département"}},
		{Name: "commune_code", Label: data.Text{FR: "Commune (code Insee)", EN: "Commune (INSEE code)"}},
	},
}

type placeRows struct{ sn *Snapshot }

func (r placeRows) len() int        { return len(r.sn.places) }
func (r placeRows) id(i int) string { return r.sn.places[i].ID }
func (r placeRows) bound(i int) (orb.Bound, bool) {
	if p := r.sn.places[i].Position; p != nil {
		return p.Point.Bound(), true
	}
	return orb.Bound{}, false
}
func (r placeRows) visible(data.Viewer, int) bool { return true }
func (r placeRows) selected(*Query, int) bool     { return true }
func (r placeRows) meets(int, orb.Bound) bool     { return true }

func (r placeRows) fill(i int, f *data.Feature) {
	p := &r.sn.places[i]
	f.ID, f.Geometry = p.ID, nil
	if p.Position != nil {
		f.Geometry = p.Position.Point
	}
	f.Values = append(f.Values[:0], data.String(p.ID), data.String(p.Kind), data.StringOrNull(p.Name),
		data.StringOrNull(p.DepartmentCode), data.StringOrNull(p.CommuneCode))
}

type areaRecord struct {
	data.Area
	id    string
	bound orb.Bound
}

var areaSchema = &data.Schema{
	Layer: data.LayerAreas, Geometry: "MultiPolygon", Title: data.Text{FR: "Départements et communes", EN: "Départements and communes"},
	Columns: []data.Column{
		{Name: "code", Label: data.Text{FR: "Code Insee", EN: "INSEE code"}},
		{Name: "level", Label: data.Text{FR: "Niveau", EN: "Level"}},
		{Name: "name", Label: data.Text{FR: "Nom", EN: "Name"}},
		{Name: "department_code", Label: data.Text{FR: "Département", EN: "Département"}},
	},
}

type areaRows struct{ sn *Snapshot }

func (r areaRows) len() int                      { return len(r.sn.areas) }
func (r areaRows) id(i int) string               { return r.sn.areas[i].id }
func (r areaRows) bound(i int) (orb.Bound, bool) { return r.sn.areas[i].bound, true }
func (r areaRows) visible(data.Viewer, int) bool { return true }
func (r areaRows) selected(*Query, int) bool     { return true }
func (r areaRows) meets(i int, b orb.Bound) bool {
	return overlay.MeetsBound(r.sn.areas[i].Geometry, b)
}

func (r areaRows) fill(i int, f *data.Feature) {
	a := &r.sn.areas[i]
	f.ID, f.Geometry = a.id, a.Geometry
	f.Values = append(f.Values[:0], data.String(a.Code), data.String(a.Level), data.StringOrNull(a.Name), data.StringOrNull(a.DepartmentCode))
}
