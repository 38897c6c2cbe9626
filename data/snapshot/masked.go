package snapshot

import (
	"cmp"
	"context"
	"crypto/sha256"
	"hash"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/paulmach/orb"

	"vigie/data"
	"vigie/geo/crs"
	"vigie/geo/disclosure"
	"vigie/geo/exposure"
)

// BandedIndicator is an indicator of which a masked viewer gets the band.
type BandedIndicator struct {
	ID    string
	Scale disclosure.Scale
}

// BandedIndicators are few: each band is one more way to tell homes of a cell apart.
func BandedIndicators() []BandedIndicator {
	return []BandedIndicator{
		{"nearest_zone_distance_m", disclosure.DistanceScale()},
		{"qpv_nearest_zone_distance_m", disclosure.DistanceScale()},
		{"zone_share_1000m", disclosure.ShareScale()},
		{"zones_within_1000m", disclosure.CountScale()},
	}
}

// maskedRelease is a release, ready to be served.
type maskedRelease struct {
	*data.Release
	schema *data.Schema
	// departments are those of the rows, each once; department is the place in it of a row's.
	departments []string
	department  []int
	// cells are the squares of the rows, nil for those shown at the level of the département.
	cells []*maskedCell
}

type maskedCell struct {
	size    int
	polygon orb.Geometry // an orb.Polygon
	bound   orb.Bound
}

// loadRelease reads the newest release that is not withdrawn; nil when there is none.
func (s *Service) loadRelease(ctx context.Context) (*maskedRelease, error) {
	var newest *data.Release
	err := s.source.Releases(ctx, func(r *data.Release) error {
		if !r.Withdrawn() {
			newest = r
		}
		return nil
	})
	if newest == nil || err != nil {
		return nil, err
	}
	slices.SortFunc(newest.Rows, func(a, b data.MaskedSite) int { return cmp.Compare(a.Pseudonym, b.Pseudonym) })
	m := &maskedRelease{Release: newest, schema: maskedSchema(newest), cells: make([]*maskedCell, len(newest.Rows))}
	m.department = make([]int, len(newest.Rows))
	known, places := map[string]*maskedCell{}, map[string]int{}
	for i := range newest.Rows {
		d := newest.Rows[i].DepartmentCode
		if at, ok := places[d]; ok {
			m.department[i] = at
		} else {
			m.department[i] = len(m.departments)
			places[d], m.departments = len(m.departments), append(m.departments, d)
		}
		id := newest.Rows[i].Cell
		if id == "" {
			continue
		}
		cell, ok := known[id]
		if !ok {
			grid, err := crs.ParseGridCell(id)
			if err != nil {
				return nil, err
			}
			polygon := grid.Polygon()
			cell = &maskedCell{size: grid.Size, polygon: polygon, bound: polygon.Bound()}
			known[id] = cell
		}
		m.cells[i] = cell
	}
	return m, nil
}

const indeterminateCode = "indeterminate"

// classCode is the value of exposure_class: "1" to "5", or indeterminate for 0.
func classCode(class int) string {
	if class == 0 {
		return indeterminateCode
	}
	return strconv.Itoa(class)
}

// maskedDescription says what a masked view leaves out, and not how much that is.
var maskedDescription = data.Text{
	FR: "Foyers du registre public (FINESS), sans identité ni position exacte. Les lieux de vie et les foyers que le registre public ne recense pas n’y figurent jamais, qu’il y en ait ou non.",
	EN: "Homes of the public register (FINESS), without identity or exact position. Small living places and homes that the public register does not list are never in it, whether there are any or not.",
}

func maskedSchema(r *data.Release) *data.Schema {
	classes := []data.Code{}
	for class := 1; class <= 5; class++ {
		classes = append(classes, data.Code{Code: classCode(class), Label: data.Text{FR: "classe " + classCode(class), EN: "class " + classCode(class)}})
	}
	classes = append(classes, data.Code{Code: indeterminateCode, Label: data.Text{FR: "indéterminé", EN: "indeterminate"}})
	columns := []data.Column{
		{Name: "site_id", Label: data.Text{FR: "Pseudonyme", EN: "Pseudonym"}},
		{Name: "kind", Label: data.Text{FR: "Type", EN: "Kind"}},
		{Name: "category", Label: data.Text{FR: "Catégorie FINESS", EN: "FINESS category"}},
		{Name: "department_code", Label: data.Text{FR: "Département", EN: "Département"}},
		{Name: "cell", Label: data.Text{FR: "Carreau (identifiant INSPIRE)", EN: "Cell (INSPIRE identifier)"}},
		{Name: "cell_size_m", Label: data.Text{FR: "Côté du carreau", EN: "Side of the cell"}, Unit: "m", Type: data.TypeInteger},
		{Name: "exposure_class", Label: data.Text{FR: "Classe d’exposition (1 à 5, ou indéterminé)", EN: "Exposure class (1 to 5, or indeterminate)"}, Codes: classes},
	}
	for _, id := range r.Bands {
		column := data.Column{Name: BandColumn(id), Label: data.Text{FR: id, EN: id}}
		for _, b := range BandedIndicators() {
			if b.ID != id {
				continue
			}
			column.Label = siteIndicatorLabel(id)
			for _, band := range append(b.Scale.Bands(), disclosure.UnknownBand()) {
				column.Codes = append(column.Codes, data.Code{Code: band.Code, Label: band.Label})
			}
		}
		columns = append(columns, column)
	}
	columns = append(columns, data.Column{Name: "release", Label: data.Text{FR: "Vue masquée", EN: "Masked release"}})
	return &data.Schema{Layer: data.LayerSites, Geometry: "Polygon", Columns: columns, Title: data.Text{FR: "Foyers (positions masquées)", EN: "Homes (masked positions)"}, Description: maskedDescription}
}

func siteIndicatorLabel(id string) data.Text {
	i := slices.IndexFunc(siteIndicators, func(in exposure.Indicator) bool { return in.ID == id })
	if i < 0 {
		return data.Text{FR: id, EN: id}
	}
	return siteIndicators[i].Label
}

// BandColumn is the property that holds the band of an indicator.
func BandColumn(id string) string { return strings.TrimSuffix(id, "_m") + "_band" }

// maskedRows are the homes of a release as one viewer sees them.
type maskedRows struct {
	r    *maskedRelease
	seen []bool // by the place of the département
}

func (m *maskedRelease) rowsOf(v data.Viewer) maskedRows {
	seen := make([]bool, len(m.departments))
	for i, d := range m.departments {
		seen[i] = v.SeesMaskedIn(d)
	}
	return maskedRows{m, seen}
}

func (m maskedRows) len() int        { return len(m.r.Rows) }
func (m maskedRows) id(i int) string { return m.r.Rows[i].Pseudonym }

func (m maskedRows) bound(i int) (orb.Bound, bool) {
	if cell := m.r.cells[i]; cell != nil {
		return cell.bound, true
	}
	return orb.Bound{}, false
}

func (m maskedRows) visible(_ data.Viewer, i int) bool { return m.seen[m.r.department[i]] }
func (m maskedRows) selected(*Query, int) bool         { return true }
func (m maskedRows) meets(int, orb.Bound) bool         { return true }

func (m maskedRows) fill(i int, f *data.Feature) {
	row := &m.r.Rows[i]
	f.ID, f.Geometry = row.Pseudonym, nil
	size := data.Null
	if cell := m.r.cells[i]; cell != nil {
		f.Geometry, size = cell.polygon, data.Integer(cell.size)
	}
	class := data.Null
	if row.Class >= 0 {
		class = data.String(classCode(row.Class))
	}
	f.Values = append(f.Values[:0], data.String(row.Pseudonym), data.StringOrNull(row.Kind), data.StringOrNull(row.Category),
		data.String(row.DepartmentCode), data.StringOrNull(row.Cell), size, class)
	for j := range m.r.Bands {
		band := data.Null
		if row.Codes != nil {
			band = data.StringOrNull(row.Codes[j])
		}
		f.Values = append(f.Values, band)
	}
	f.Values = append(f.Values, data.String(m.r.ID))
}

// noRelease is what masked viewers see before a first release is frozen.
var noRelease = sync.OnceValue(func() *maskedRelease {
	r := &data.Release{}
	for _, b := range BandedIndicators() {
		r.Bands = append(r.Bands, b.ID)
	}
	return &maskedRelease{Release: r, schema: maskedSchema(r)}
})

// Released names the masked release that is served and tells when it was frozen; "" and the
// zero time when there is none.
func (sn *Snapshot) Released() (id string, at time.Time) {
	if sn.release == nil {
		return "", time.Time{}
	}
	return sn.release.ID, sn.release.FrozenAt
}

// MaskedSites is the masked view of the homes in the viewer's scope; false for a viewer
// who sees no home at all.
func (sn *Snapshot) MaskedSites(v data.Viewer) (*Collection, bool) {
	if v.Precision() == data.ViewNone {
		return nil, false
	}
	r := sn.release
	if r == nil {
		r = noRelease()
	}
	return &Collection{viewer: v, schema: r.schema, rows: r.rowsOf(v)}, true
}

// MaskedETag identifies what this viewer may see of the masked view of the homes, whatever
// else it sees; the caller appends the representation.
func (sn *Snapshot) MaskedETag(v data.Viewer) string {
	h := sha256.New()
	if v.Purpose() != "" { // without one there is no extent
		h.Write([]byte{1})
	}
	sn.release.etag(h, v)
	return tagOf(h)
}

// etag adds what the viewer may see of the release to a hash.
func (m *maskedRelease) etag(h hash.Hash, v data.Viewer) {
	if m == nil {
		return
	}
	h.Write([]byte(m.ID))
	for _, d := range m.departments {
		if v.SeesMaskedIn(d) {
			h.Write([]byte(d))
			h.Write([]byte{0})
		}
	}
}
