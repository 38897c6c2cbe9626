package snapshot

import (
	"github.com/paulmach/orb"

	"vigie/data"
	"vigie/geo/exposure"
	"vigie/geo/overlay"
)

// siteRecord is a site and its indicators.
type siteRecord struct {
	data.StoredSite
	status exposure.Status
	// home is the site's place among the homes of the world, −1 when it is not one.
	home int
	// values are aligned with siteIndicators.
	values []data.Value
}

// siteIndicators is the catalogue, for the site collection.
var siteIndicators = exposure.Catalogue(ZoneKindsWithIndicators(), exposure.DefaultRadii)

var siteSchema = newSiteSchema(siteIndicators)

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

func newSiteSchema(indicators []exposure.Indicator) *data.Schema {
	var columns []data.Column
	columns = append(columns, siteColumns...)
	columns = append(columns, data.ColumnsOf(indicators)...)
	columns = append(columns, scoreColumns...)
	columns = append(columns, trailingSiteColumns...)
	return &data.Schema{Layer: data.LayerSites, Geometry: "Point", Columns: columns, Title: data.Text{FR: "Foyers", EN: "Homes"}}
}

type siteRows struct{ sn *Snapshot }

func (r siteRows) len() int        { return len(r.sn.sites) }
func (r siteRows) id(i int) string { return r.sn.sites[i].ID }

func (r siteRows) bound(i int) (orb.Bound, bool) {
	if p := r.sn.sites[i].Position; p != nil {
		return p.Point.Bound(), true
	}
	return orb.Bound{}, false
}

func (r siteRows) visible(v data.Viewer, i int) bool { return v.SeesSite(&r.sn.sites[i].Site) }

func (r siteRows) selected(q *Query, i int) bool {
	s := &r.sn.sites[i]
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
	s := &r.sn.sites[i]
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
		data.StringOrNull(s.LegalEntityFINESS), precision, source, data.String(string(s.status)))
	f.Values = append(f.Values, s.values...)
	f.Values = r.sn.appendScore(s, f.Values)
	f.Values = append(f.Values, data.Integer(int(s.Version)))
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
	},
}

type zoneRows struct{ sn *Snapshot }

func (r zoneRows) len() int                      { return len(r.sn.zones) }
func (r zoneRows) id(i int) string               { return r.sn.zones[i].id }
func (r zoneRows) bound(i int) (orb.Bound, bool) { return r.sn.zones[i].bound, true }
func (r zoneRows) visible(v data.Viewer, i int) bool {
	return !r.sn.zones[i].Restricted || v.SeesRestricted()
}
func (r zoneRows) selected(q *Query, i int) bool { return q.Editions || r.sn.zones[i].current }
func (r zoneRows) meets(i int, b orb.Bound) bool {
	return overlay.MeetsBound(r.sn.zones[i].Geometry, b)
}

func (r zoneRows) fill(i int, f *data.Feature) {
	z := &r.sn.zones[i]
	f.ID, f.Geometry = z.id, z.Geometry
	f.Values = append(f.Values[:0],
		data.String(z.Code), data.String(string(z.Kind)), data.StringOrNull(z.Edition), data.Boolean(z.current),
		data.StringOrNull(z.Name), joined(z.DepartmentCodes), joined(z.CommuneCodes), data.Number(z.areaM2))
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
