// Package snapshot is the read side: an immutable, in-memory picture of the
// store with its spatial index and indicators, swapped atomically when the store
// changes. Readers never lock and never see half a change; they read through a
// data.Viewer, which decides what exists for them.
package snapshot

import (
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"slices"
	"strings"
	"time"

	"github.com/paulmach/orb"

	"vigie/data"
	"vigie/geo/exposure"
	"vigie/geo/score"
)

// Snapshot is one consistent state of the store. It is immutable.
type Snapshot struct {
	builtAt  time.Time
	versions []data.LayerVersion
	editions []data.Edition
	zones    []zoneRecord
	sites    []siteRecord
	places   []data.Place
	areas    []areaRecord
	// world is what sites were measured against, their homes included.
	world *exposure.World
	// scores are nil, or lack sites, while they are computed.
	scores      *score.Ensemble
	profileHash string
}

// BuiltAt is when the snapshot was read from the store.
func (sn *Snapshot) BuiltAt() time.Time { return sn.builtAt }

// surroundings are the layers that a site's indicators depend on besides its own.
var surroundings = []data.Layer{data.LayerZones, data.LayerPlaces, data.LayerStatistics}

// ETag identifies what this viewer may see of a layer: a hash of the versions in
// its scope and of its rights, so that it tells nothing of others' changes. The
// caller appends the representation.
func (sn *Snapshot) ETag(v data.Viewer, layer data.Layer) string {
	h := sha256.New()
	h.Write([]byte{byte(v.Precision())})
	if v.SeesRestricted() {
		h.Write([]byte{1})
	}
	if layer == data.LayerSites {
		// Scores come after the snapshot they belong to.
		h.Write([]byte(sn.profileHash))
		if sn.scores != nil {
			h.Write([]byte{2})
		}
	}
	var buf [8]byte
	for _, lv := range sn.versions {
		// A site's indicators depend on its surroundings, whichever département they are in.
		relevant := lv.Layer == layer || layer == data.LayerSites && slices.Contains(surroundings, lv.Layer)
		scoped := lv.Layer == data.LayerSites
		if !relevant || scoped && !v.SeesDepartment(lv.Department) {
			continue
		}
		h.Write([]byte(lv.Layer))
		h.Write([]byte{0})
		h.Write([]byte(lv.Department))
		h.Write([]byte{0})
		binary.BigEndian.PutUint64(buf[:], uint64(lv.Version))
		h.Write(buf[:])
	}
	return base64.RawURLEncoding.EncodeToString(h.Sum(nil)[:15])
}

// Editions lists the editions of zones that the viewer may see.
func (sn *Snapshot) Editions(v data.Viewer) []data.Edition {
	counts := map[[2]string]int{}
	for i := range sn.zones {
		if z := &sn.zones[i]; !z.Restricted || v.SeesRestricted() {
			counts[[2]string{string(z.Kind), z.Edition}]++
		}
	}
	out := []data.Edition{}
	for _, e := range sn.editions {
		if n := counts[[2]string{string(e.Kind), e.Label}]; n > 0 {
			e.Zones = n
			out = append(out, e)
		}
	}
	return out
}

// Collection is a layer as a viewer sees it; false when the viewer has no such
// collection, which must look like one that does not exist.
func (sn *Snapshot) Collection(v data.Viewer, layer data.Layer) (*Collection, bool) {
	c := &Collection{viewer: v}
	switch layer {
	case data.LayerSites:
		// Masked views of sites need cells and pseudonyms that do not exist yet.
		if v.Precision() != data.ViewExact {
			return nil, false
		}
		c.schema, c.rows = siteSchema, siteRows{sn}
	case data.LayerZones:
		c.schema, c.rows = zoneSchema, zoneRows{sn}
	case data.LayerPlaces:
		c.schema, c.rows = placeSchema, placeRows{sn}
	case data.LayerAreas:
		c.schema, c.rows = areaSchema, areaRows{sn}
	default:
		return nil, false
	}
	return c, true
}

// AssessSchema is the schema of an Assessor for radii.
func (sn *Snapshot) AssessSchema(radii []float64) *data.Schema {
	return &data.Schema{
		Layer: data.LayerSites, Geometry: "Point",
		Title:   data.Text{FR: "Indicateurs d’un point", EN: "Indicators of a point"},
		Columns: data.ColumnsOf(exposure.OpenCatalogue(ZoneKindsWithIndicators(), radii)),
	}
}

// Assessor measures any point against what the viewer may see of the surroundings.
type Assessor struct {
	evaluator  *exposure.Evaluator
	indicators []exposure.Indicator
}

// Assessor returns a measurer for radii in metres (validated by the caller: at
// most zoneindex.MaxRadii, each > 0). It is not safe for concurrent use.
// Restricted layers are in no open indicator and homes in no computed point, so
// every viewer gets the same.
func (sn *Snapshot) Assessor(_ data.Viewer, radii []float64) *Assessor {
	world := *sn.world
	world.Homes, world.Radii = nil, radii
	return &Assessor{evaluator: world.NewEvaluator(), indicators: exposure.OpenCatalogue(ZoneKindsWithIndicators(), radii)}
}

// Measure fills f with the indicators of p (lon, lat in degrees, CRS84), in the
// order of AssessSchema; f's slices are reused.
func (a *Assessor) Measure(id string, p orb.Point, f *data.Feature) {
	a.evaluator.Begin(exposure.Subject{Status: exposure.Computed, Point: p, Self: -1})
	f.ID, f.Geometry, f.Values = id, p, f.Values[:0]
	for i := range a.indicators {
		f.Values = append(f.Values, a.indicators[i].Of(a.evaluator))
	}
}

// search finds id in n records sorted by identifier.
func search(n int, id func(int) string, want string) (int, bool) {
	lo, hi := 0, n
	for lo < hi {
		mid := int(uint(lo+hi) >> 1)
		if strings.Compare(id(mid), want) < 0 {
			lo = mid + 1
		} else {
			hi = mid
		}
	}
	return lo, lo < n && id(lo) == want
}

// joined is a list as one property value; Null when empty.
func joined(list []string) data.Value {
	return data.StringOrNull(strings.Join(list, ","))
}

// sameVersions tells whether a layer is as it was.
func sameVersions(a, b []data.LayerVersion, layer data.Layer) bool {
	pick := func(all []data.LayerVersion) []data.LayerVersion {
		var out []data.LayerVersion
		for _, v := range all {
			if v.Layer == layer {
				out = append(out, v)
			}
		}
		return out
	}
	return slices.Equal(pick(a), pick(b))
}
