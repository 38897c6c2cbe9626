package exposure

import (
	"math"

	"github.com/paulmach/orb"

	"vigie/geo/zoneindex"
)

// ZoneRef is a zone as the indicators need it.
type ZoneRef struct {
	Kind, ID, Name string
	// Geometry is valid (OGC), lon/lat degrees in CRS84.
	Geometry orb.MultiPolygon
	// Population is how many people live in the zone; nil when unknown.
	Population *int
}

// Zones are the zones that sites are measured against: all together, and by kind.
// It is immutable and safe for concurrent use.
type Zones struct {
	kinds []string
	all   group
	by    []group // aligned with kinds
}

// group is an index and the zones it refers to.
type group struct {
	index *zoneindex.Index
	zones []ZoneRef
	// peopled tells whether the population of some zone is known.
	peopled bool
}

// NewZones indexes zones. kinds are the kinds that get indicators of their own;
// zones of other kinds only count in the whole.
func NewZones(kinds []string, zones []ZoneRef) *Zones {
	return (*Zones)(nil).Rebuild(kinds, zones)
}

// Rebuild is NewZones for zones most of which z holds already, in this or another
// order: what was worked out for those is used again. z does not change, and may be nil.
func (z *Zones) Rebuild(kinds []string, zones []ZoneRef) *Zones {
	known := new(zoneindex.Index)
	if z != nil {
		known = z.all.index
	}
	z = &Zones{kinds: kinds, by: make([]group, len(kinds))}
	z.all = newGroup(known, zones)
	for i, kind := range kinds {
		var own []ZoneRef
		for _, ref := range zones {
			if ref.Kind == kind {
				own = append(own, ref)
			}
		}
		switch len(own) {
		case 0:
		case len(zones):
			z.by[i] = z.all
		default:
			z.by[i] = newGroup(z.all.index, own)
		}
	}
	return z
}

func newGroup(known *zoneindex.Index, zones []ZoneRef) group {
	geoms := make([]orb.MultiPolygon, len(zones))
	peopled := false
	for i := range zones {
		geoms[i] = zones[i].Geometry
		peopled = peopled || zones[i].Population != nil
	}
	return group{index: known.Rebuild(geoms), zones: zones, peopled: peopled}
}

// Kinds are the kinds that have indicators of their own.
func (z *Zones) Kinds() []string { return z.kinds }

// Present tells whether there is any zone, and any whose population is known, then the
// same of each kind; nil for nil.
func (z *Zones) Present() []bool {
	if z == nil {
		return nil
	}
	out := []bool{len(z.all.zones) > 0, z.all.peopled}
	for i := range z.by {
		out = append(out, len(z.by[i].zones) > 0, z.by[i].peopled)
	}
	return out
}

// maxKinds bounds the kinds of one Zones, so that a Proximity has a fixed size.
const maxKinds = 4

// Status tells whether proximity could be computed, and why not.
type Status string

// Statuses of a proximity.
const (
	Computed         Status = "computed"
	NotLocated       Status = "not_located"      // the site has no position
	PositionTooVague Status = "position_commune" // a commune's centroid is not a position
)

// Proximity is what the zones say of one point.
type Proximity struct {
	Status Status
	All    zoneindex.Measures
	By     [maxKinds]zoneindex.Measures // aligned with Zones.Kinds
}

// Meter measures points; one per goroutine.
type Meter struct {
	zones *Zones
	all   *zoneindex.Meter
	by    [maxKinds]*zoneindex.Meter
}

// NewMeter returns a Meter for radii in metres (at most zoneindex.MaxRadii, each > 0).
func (z *Zones) NewMeter(radii []float64) *Meter {
	return z.newMeter(zoneindex.Options{Radii: radii})
}

func (z *Zones) newMeter(options zoneindex.Options) *Meter {
	m := &Meter{zones: z, all: z.all.index.NewMeter(options)}
	for i := range z.by {
		if z.by[i].index != nil && z.by[i].index != z.all.index {
			m.by[i] = z.by[i].index.NewMeter(options)
		}
	}
	return m
}

// Measure measures the point p (lon, lat in degrees, CRS84).
func (m *Meter) Measure(p orb.Point) Proximity {
	var out Proximity
	m.MeasureTo(p, &out)
	return out
}

// MeasureTo is Measure into memory that the caller uses again.
func (m *Meter) MeasureTo(p orb.Point, out *Proximity) {
	out.Status, out.All = Computed, m.all.Measure(p)
	for i := range m.zones.by {
		switch {
		case m.by[i] != nil:
			out.By[i] = m.by[i].Measure(p)
		case m.zones.by[i].index != nil:
			out.By[i] = out.All
		default:
			out.By[i] = zoneindex.Measures{Nearest: -1, Distance: math.Inf(1)}
		}
	}
}

// group is the zones of the i-th kind, −1 for all.
func (z *Zones) group(i int) *group {
	if i < 0 {
		return &z.all
	}
	return &z.by[i]
}

// of is the measures of the i-th kind, −1 for all.
func (p *Proximity) of(i int) *zoneindex.Measures {
	if i < 0 {
		return &p.All
	}
	return &p.By[i]
}

// of is the meter of the i-th kind, −1 for all.
func (m *Meter) of(i int) *zoneindex.Meter {
	if i >= 0 && m.by[i] != nil {
		return m.by[i]
	}
	return m.all
}
