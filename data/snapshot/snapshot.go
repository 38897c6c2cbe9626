// Package snapshot is the read side: an immutable, in-memory picture of the
// store with its spatial index and indicators, swapped atomically when the store
// changes. Readers never lock and never see half a change; they read through a
// data.Viewer, which decides what exists for them.
package snapshot

import (
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"hash"
	"iter"
	"math"
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
	// sites are shared between snapshots as long as nothing of theirs changes.
	sites  []*siteRecord
	places []data.Place
	areas  []areaRecord
	// homes is the place of each site among the homes of the worlds, those of the public
	// register, −1 for one that is none; aligned with sites.
	homes []int32
	// open is what open indicators and scores rest on, restricted the same with the
	// police-restricted zones; its world is nil when no such zone is current.
	open, restricted side
	profileHash      string
	// restsOnHomes: the profile has indicators on the homes around.
	restsOnHomes bool
	// openZones are the versions of the zones as they were when last an open one changed.
	openZones []data.LayerVersion
	// fresh marks the homes whose score is still to be computed, aligned with sites; gone
	// are identifiers whose score is still to be forgotten.
	fresh []bool
	gone  []string
	// from is where the sites whose score is kept stand in the snapshot before, −1 for the
	// others; left are the identifiers of homes that are none any more.
	from []int
	left []string
	// demand is how many people under 21 live in which commune.
	demand demand
	// release is the newest masked view of the homes, nil when there is none to be served.
	release *maskedRelease
}

// side is a world, its homes included, and the scores of homes measured against it.
type side struct {
	world *exposure.World
	// scores lack the homes that are fresh, and are nil before the first.
	scores *score.Ensemble
}

// BuiltAt is when the snapshot was read from the store.
func (sn *Snapshot) BuiltAt() time.Time { return sn.builtAt }

// ProfileHash names the profile of the scores.
func (sn *Snapshot) ProfileHash() string { return sn.profileHash }

// surroundings are the layers that a site's indicators depend on besides its own.
var surroundings = []data.Layer{data.LayerZones, data.LayerPlaces, data.LayerAreas, data.LayerStatistics}

// ETag identifies what this viewer may see of a layer: a hash of the versions in
// its scope and of its rights, so that it tells nothing of others' changes. The
// caller appends the representation.
func (sn *Snapshot) ETag(v data.Viewer, layer data.Layer) string {
	if layer == data.LayerSites && v.Precision() != data.ViewExact {
		return sn.MaskedETag(v)
	}
	h := sha256.New()
	flag := func(b bool) {
		if b {
			h.Write([]byte{1})
		} else {
			h.Write([]byte{0})
		}
	}
	number := func(n int64) { h.Write(binary.BigEndian.AppendUint64(nil, uint64(n))) }
	flag(v.SeesRestricted())
	if v.SeesRestricted() && (layer == data.LayerSites || layer == data.LayerZones) {
		for i := range sn.zones {
			if z := &sn.zones[i]; z.Restricted && v.SeesZone(&z.Zone) {
				h.Write([]byte(z.id))
				h.Write([]byte{0})
			}
		}
	}
	if layer == data.LayerSites {
		flag(v.Purpose() != "") // without one there is no extent
		// Scores come after the snapshot they belong to.
		h.Write([]byte(sn.profileHash))
		number(int64(sn.pendingFor(v)))
	}
	whole := map[string]bool{} // départements of which the viewer sees every site exactly
	for lv := range sn.versionsFor(v) {
		// A site's indicators depend on its surroundings, whichever département they are in.
		if lv.Layer != layer && !(layer == data.LayerSites && slices.Contains(surroundings, lv.Layer)) {
			continue
		}
		if lv.Layer == data.LayerSites {
			home := data.Site{DepartmentCode: lv.Department}
			if v.PrecisionOf(&home) != data.ViewExact {
				continue
			}
			whole[lv.Department] = true
			flag(v.MayAt(data.RightRestricted, &home))
		}
		h.Write([]byte(lv.Layer))
		h.Write([]byte{0})
		h.Write([]byte(lv.Department))
		h.Write([]byte{0})
		number(lv.Version)
	}
	if layer == data.LayerSites {
		// Homes seen by their name, or by a département that places children there.
		for i := range sn.sites {
			if s := &sn.sites[i].Site; !whole[s.DepartmentCode] && v.PrecisionOf(s) == data.ViewExact {
				h.Write([]byte(s.ID))
				number(sn.sites[i].Version)
				flag(v.MayAt(data.RightRestricted, s))
			}
		}
		if !v.SeesEverySite() {
			sn.addNeighbours(v, number)
		}
	}
	return tagOf(h)
}

// addNeighbours adds what homes of the public register that the viewer does not see have to
// do with those that it sees.
func (sn *Snapshot) addNeighbours(v data.Viewer, add func(int64)) {
	number := func(f float64) {
		if math.IsNaN(f) {
			f = -1
		}
		add(int64(math.Round(1e6 * f))) // the order of a sum may change its last bits
	}
	for i, s := range sn.sites {
		if s.values.Empty() || v.PrecisionOf(&s.Site) != data.ViewExact {
			continue
		}
		for _, k := range neighbourIndicators {
			number(s.values.Number(k))
		}
		for _, on := range []*side{&sn.open, &sn.restricted} {
			scores := sn.scores(on, i)
			if !sn.restsOnHomes || scores == nil {
				continue
			}
			if r, ok := scores.Result(s.ID); ok {
				number(r.Score)
				number(r.Low)
				number(r.High)
			}
		}
	}
}

func tagOf(h hash.Hash) string { return base64.RawURLEncoding.EncodeToString(h.Sum(nil)[:15]) }

// versionsFor are the versions of layers, without the changes that only concern zones
// which the viewer may not see.
func (sn *Snapshot) versionsFor(v data.Viewer) iter.Seq[data.LayerVersion] {
	all := v.SeesRestricted()
	return func(yield func(data.LayerVersion) bool) {
		for _, lv := range sn.versions {
			if (all || lv.Layer != data.LayerZones) && !yield(lv) {
				return
			}
		}
		for _, lv := range sn.openZones {
			if all || !yield(lv) {
				return
			}
		}
	}
}

// Editions lists the editions of zones that the viewer may see.
func (sn *Snapshot) Editions(v data.Viewer) []data.Edition {
	counts := map[[2]string]int{}
	for i := range sn.zones {
		if z := &sn.zones[i]; v.SeesZone(&z.Zone) {
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
		if v.Precision() != data.ViewExact {
			return sn.MaskedSites(v)
		}
		c.rows = siteRows{sn, v}
		switch {
		case !v.SeesRestricted():
			c.schema = siteSchema
		case sn.restricted.world == nil:
			c.schema = eventSchema
		default:
			c.schema = restrictedSchema
		}
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
	world := *sn.open.world
	world.Homes, world.Supply, world.Radii = nil, nil, radii
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

// versionsOf are the versions of one layer.
func versionsOf(all []data.LayerVersion, layer data.Layer) []data.LayerVersion {
	var out []data.LayerVersion
	for _, v := range all {
		if v.Layer == layer {
			out = append(out, v)
		}
	}
	return out
}
