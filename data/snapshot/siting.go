package snapshot

import (
	"cmp"
	"crypto/sha256"
	"encoding/binary"
	"math"

	"github.com/paulmach/orb"
	"github.com/paulmach/orb/planar"

	"vigie/data"
	"vigie/geo/exposure"
	"vigie/geo/score"
	"vigie/geo/siting"
)

// Siting is what places to come in a département are measured against, as a viewer sees it.
// The world of its inputs has no homes: those that the viewer sees exactly, wherever they
// are, are apart. It is immutable.
type Siting struct {
	Inputs siting.Inputs
	// Outline is that of the département, its communes' when it has none of its own; nil
	// when neither is loaded. Edges of communes are not dissolved.
	Outline orb.MultiPolygon
	// Existing are the homes of the département that the viewer sees exactly.
	Existing []SitingHome
	// Version names everything of the snapshot and of the viewer's homes that answers rest on.
	Version [sha256.Size]byte

	communes []*areaRecord
}

// SitingHome is an existing home to compare places with.
type SitingHome struct {
	ID, Name string
	// Result is its exposure by the open layers; its Score is NaN while it is pending or
	// incomplete.
	Result score.Result
	Point  orb.Point // lon, lat, CRS84
}

// Siting gathers what a viewer's siting studies in a département (INSEE code) rest on.
// replaced is a home that is to leave, "" for none.
func (s *Service) Siting(sn *Snapshot, v data.Viewer, department, replaced string) *Siting {
	world := *sn.open.world
	world.Homes, world.Supply = nil, nil
	out := &Siting{Inputs: siting.Inputs{World: &world, Scorer: s.inputs.Scorer()}}
	for i := range sn.places {
		if p := &sn.places[i]; p.Position != nil && p.Position.Precision.Usable() {
			out.Inputs.Places = append(out.Inputs.Places, exposure.PlaceRef{Kind: p.Kind, Point: p.Position.Point})
		}
	}
	for i := range sn.zones {
		if z := &sn.zones[i]; z.current && !z.Restricted {
			out.Inputs.Zones = append(out.Inputs.Zones, exposure.ZoneRef{Kind: string(z.Kind), Geometry: z.Geometry})
		}
	}
	sn.areasOf(out, department)
	sn.homesOf(out, v, department, replaced)
	return out
}

// areasOf fills in the communes of a département and its outline.
func (sn *Snapshot) areasOf(out *Siting, department string) {
	var communes orb.MultiPolygon
	for i := range sn.areas {
		a := &sn.areas[i]
		switch {
		case a.Level == data.AreaDepartment && a.Code == department:
			out.Outline = a.Geometry
		case a.Level == data.AreaCommune:
			out.communes = append(out.communes, a)
			if a.DepartmentCode == department {
				communes = append(communes, a.Geometry...)
				out.Inputs.Communes = append(out.Inputs.Communes, siting.Area{ID: a.Code, Label: a.Name, Geometry: a.Geometry})
			}
		}
	}
	if out.Outline == nil {
		out.Outline = communes
	}
}

// homesOf fills in the homes that the viewer sees exactly, and the version.
func (sn *Snapshot) homesOf(out *Siting, v data.Viewer, department, replaced string) {
	h := sha256.New()
	number := func(n int64) { h.Write(binary.BigEndian.AppendUint64(nil, uint64(n))) }
	text := func(s string) {
		number(int64(len(s)))
		h.Write([]byte(s))
	}
	text(sn.profileHash)
	text(department)
	for lv := range sn.versionsFor(data.Viewer{}) {
		if lv.Layer != data.LayerSites && lv.Layer != data.LayerReleases {
			text(string(lv.Layer))
			text(lv.Department)
			number(lv.Version)
		}
	}
	out.Inputs.Homes = []orb.Point{}
	var capacities []float64
	for i, s := range sn.sites {
		if s.ID == replaced || !s.home() || v.PrecisionOf(&s.Site) != data.ViewExact {
			continue
		}
		text(s.ID)
		number(s.Version)
		capacity := math.NaN()
		if s.Capacity != nil {
			capacity = float64(*s.Capacity)
		}
		out.Inputs.Homes, capacities = append(out.Inputs.Homes, s.Position.Point), append(capacities, capacity)
		if s.DepartmentCode != department {
			continue
		}
		home := SitingHome{ID: s.ID, Name: cmp.Or(s.Name, s.ID), Point: s.Position.Point, Result: unscored}
		if scores := sn.scores(&sn.open, i); scores != nil {
			if r, ok := scores.Result(s.ID); ok {
				home.Result = r
			}
		}
		out.Existing = append(out.Existing, home)
	}
	if sn.demand.index != nil {
		out.Inputs.Supply = exposure.Supply(sn.demand.index, sn.demand.people, out.Inputs.Homes, capacities)
	}
	h.Sum(out.Version[:0])
}

// unscored is the result of a home whose score is pending.
var unscored = score.Result{Breakdown: score.Breakdown{Score: math.NaN()}, Low: math.NaN(), High: math.NaN(), Class: score.Indeterminate}

// CommuneAt is the INSEE code of the commune that holds a point; "" when none that is
// loaded does.
func (s *Siting) CommuneAt(p orb.Point) string {
	for _, a := range s.communes {
		if a.bound.Contains(p) && planar.MultiPolygonContains(a.Geometry, p) {
			return a.Code
		}
	}
	return ""
}

// Origin is where the people of a commune are: the centroid of its outline; false when it
// is not loaded.
func (s *Siting) Origin(commune string) (orb.Point, bool) {
	for _, a := range s.communes {
		if a.Code == commune {
			centroid, _ := planar.CentroidArea(a.Geometry)
			return centroid, true
		}
	}
	return orb.Point{}, false
}

// SiteFor is a home that the viewer sees exactly; false otherwise.
func (sn *Snapshot) SiteFor(v data.Viewer, id string) (*data.Site, bool) {
	i, ok := search(len(sn.sites), func(i int) string { return sn.sites[i].ID }, id)
	if !ok || v.PrecisionOf(&sn.sites[i].Site) != data.ViewExact {
		return nil, false
	}
	return &sn.sites[i].Site, true
}
