package ingest

import (
	"cmp"
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/paulmach/orb"

	"vigie/data"
	"vigie/data/source"
	"vigie/geo/overlay"
	"vigie/geo/repair"
)

// outlineTolerance, in m², is what an outline may differ by without having moved: less is
// the rounding of coordinates.
const outlineTolerance = 1.0

// successorShare is the share of the smaller of two zones that must be common ground for
// one to count as the other's successor under another code.
const successorShare = 0.5

type zonesPlan struct {
	by          data.Viewer
	zones       []data.Zone
	kind        data.ZoneKind
	edition     string
	makeCurrent *bool
}

func readZonesPlan(ctx context.Context, by data.Viewer, r *Request, im *data.Import) (plan, *reader, error) {
	rd, zones, err := readZones(ctx, r.Input, r.Options, r.Format, r.Progress)
	if err != nil {
		return nil, rd, err
	}
	if len(zones) == 0 {
		return nil, rd, rd.nothingKept()
	}
	p := &zonesPlan{by: by, zones: zones, kind: zones[0].Kind, edition: zones[0].Edition, makeCurrent: r.MakeCurrent}
	for i := range zones {
		zones[i].Restricted = zones[i].Restricted || r.Restricted
		if zones[i].Kind != p.kind {
			return nil, rd, source.Reject(source.Location{File: r.Input.Name}, CodeMixedKinds,
				fmt.Sprintf("le fichier mêle des zones de types différents (%s, %s). Indiquez-en un pour tout le fichier avec --kind, ou séparez-les.", p.kind, zones[i].Kind),
				fmt.Sprintf("the file mixes zones of several kinds (%s, %s). Name one for the whole file with --kind, or split it.", p.kind, zones[i].Kind))
		}
	}
	if n := qpvCodes(zones); n > 0 && p.kind != data.ZoneQPV {
		rd.found.add(data.Problem{
			Severity: data.SeverityWarning, Code: CodeDoubtfulKind, File: r.Input.Name, Value: string(p.kind),
			Message: data.Text{
				FR: fmt.Sprintf("%d zones ont un code de quartier prioritaire (QPV), alors que le type demandé est %s. Vérifiez --kind.", n, p.kind),
				EN: fmt.Sprintf("%d zones have the code of a priority neighbourhood (QPV), though the kind asked for is %s. Check --kind.", n, p.kind),
			},
		})
	}
	im.Kind, im.Edition = p.kind, p.edition
	return p, rd, nil
}

// qpvCodes counts zones whose code is that of a QPV: QP or QN, then the département.
func qpvCodes(zones []data.Zone) int {
	n := 0
	for i := range zones {
		c := zones[i].Code
		if len(c) == 8 || len(c) == 9 {
			if prefix := strings.ToUpper(c[:2]); prefix == "QP" || prefix == "QN" {
				n++
			}
		}
	}
	return n
}

// NewerEdition tells whether edition label a is newer than b: labels are compared as
// text, years in effect, and Undated is older than all.
func NewerEdition(a, b string) bool {
	if a == Undated || b == Undated {
		return b == Undated && a != Undated
	}
	return a > b
}

func (p *zonesPlan) compare(ctx context.Context, store data.Store, b *data.Batch, im *data.Import, found *findings, changes *changeList) error {
	current, err := p.currentEdition(ctx, store)
	if err != nil {
		return err
	}
	own, previous, err := p.stored(ctx, store, current)
	if err != nil {
		return err
	}
	kept := make([]*data.Zone, 0, len(p.zones))
	covered := map[string]bool{}
	for _, z := range p.zones {
		st := own[z.Code]
		// An import never lifts a restriction: the file does not know of it.
		z.Restricted = z.Restricted || st != nil && st.Restricted
		// Nor does a file without populations take away those that another one gave.
		if z.Population == nil && st != nil {
			z.Population = clonePointee(st.Population)
		}
		if !mayImport(p.by, &z) || st != nil && !mayImport(p.by, st) {
			im.Counts.Rejected++
			refusal := outsideScope(z.Code, strings.Join(z.DepartmentCodes, ", "))
			refusal.File = im.FileName
			found.add(refusal)
			continue
		}
		kept = append(kept, &z)
		for _, d := range zoneDepartments(&z) {
			covered[d] = true
		}
		switch {
		case st == nil:
			im.Counts.Created++
		case sameZone(st, &z):
			im.Counts.Unchanged++
			continue
		default:
			im.Counts.Updated++
		}
		b.PutZones = append(b.PutZones, z)
	}

	maps.DeleteFunc(own, func(_ string, z *data.Zone) bool { return !mayImport(p.by, z) })
	before := within(slices.Collect(maps.Values(own)), covered)
	im.Counts.Missing = p.missing(before, kept, im, found)
	if len(before) == 0 {
		before = within(previous, covered)
	}
	makeCurrent := current == "" || NewerEdition(p.edition, current)
	if p.makeCurrent != nil {
		makeCurrent = *p.makeCurrent
	}
	if makeCurrent && current != p.edition && len(kept) > 0 {
		b.Current = &data.Edition{Kind: p.kind, Label: p.edition, Current: true}
	}
	return zoneChanges(ctx, before, kept, changes)
}

// currentEdition is the label of the kind's current edition, "" when none is.
func (p *zonesPlan) currentEdition(ctx context.Context, store data.Store) (string, error) {
	editions, err := store.Editions(ctx)
	for _, e := range editions {
		if e.Kind == p.kind && e.Current {
			return e.Label, err
		}
	}
	return "", err
}

// stored loads the zones of this import's edition, by code, and those of the current
// edition when it is another.
func (p *zonesPlan) stored(ctx context.Context, store data.Store, current string) (own map[string]*data.Zone, previous []*data.Zone, err error) {
	own = map[string]*data.Zone{}
	err = store.Zones(ctx, nil, func(z *data.Zone) error {
		switch {
		case z.Kind != p.kind || !mayImport(p.by, z) && z.Edition != p.edition:
		case z.Edition == p.edition:
			own[z.Code] = z
		case z.Edition == current:
			previous = append(previous, z)
		}
		return nil
	})
	return own, previous, err
}

// mayImport tells whether the viewer may import a zone: in each of its départements.
func mayImport(by data.Viewer, z *data.Zone) bool {
	return by.SeesZone(z) &&
		!slices.ContainsFunc(zoneDepartments(z), func(d string) bool { return !by.MayIn(data.RightImport, d) })
}

// zoneDepartments is the départements of a zone; "" when it tells none.
func zoneDepartments(z *data.Zone) []string {
	if len(z.DepartmentCodes) == 0 {
		return []string{""}
	}
	return z.DepartmentCodes
}

// within keeps the zones of the départements that a file covers, in the order of their codes.
func within(zones []*data.Zone, covered map[string]bool) []*data.Zone {
	var kept []*data.Zone
	for _, z := range zones {
		if slices.ContainsFunc(zoneDepartments(z), func(d string) bool { return covered[d] }) {
			kept = append(kept, z)
		}
	}
	slices.SortFunc(kept, func(a, b *data.Zone) int { return cmp.Compare(a.Code, b.Code) })
	return kept
}

// missing counts the zones of the same edition that this file no longer holds. They are
// kept: a zone that vanishes makes a home look safe.
func (p *zonesPlan) missing(before, kept []*data.Zone, im *data.Import, found *findings) int {
	held := map[string]bool{}
	for _, z := range kept {
		held[z.Code] = true
	}
	n := 0
	for _, z := range before {
		if !held[z.Code] {
			n++
		}
	}
	if n > 0 {
		found.add(data.Problem{
			Severity: data.SeverityWarning, Code: CodeMissingRecords, File: im.FileName,
			Message: data.Text{
				FR: fmt.Sprintf("%d zones de l’édition %s, dans les mêmes départements, ne sont plus dans ce fichier. Elles sont gardées.", n, p.edition),
				EN: fmt.Sprintf("%d zones of edition %s, in the same départements, are no longer in this file. They are kept.", n, p.edition),
			},
		})
	}
	return n
}

// outlined is a zone with what comparing its outline takes.
type outlined struct {
	*data.Zone
	bound orb.Bound
	area  float64 // m²
}

func outlineOf(z *data.Zone) outlined {
	return outlined{Zone: z, bound: z.Geometry.Bound(), area: repair.Area(z.Geometry)}
}

// common is the area in m² that two zones both cover.
func (o outlined) common(other outlined) float64 {
	return repair.Area(overlay.Intersection(o.Geometry, other.Geometry))
}

// symmetric is the area in m² that one of two zones covers and the other does not.
func (o outlined) symmetric(other outlined) float64 {
	return max(o.area+other.area-2*o.common(other), 0)
}

// zoneChanges compares two states of the zones of a territory: by code, then, for codes that
// only one of them has, by place, since a new generation renames its zones.
func zoneChanges(ctx context.Context, before, after []*data.Zone, changes *changeList) error {
	old := map[string]*data.Zone{}
	for _, z := range before {
		old[z.Code] = z
	}
	var added []outlined
	for _, z := range after {
		was := old[z.Code]
		if was == nil {
			added = append(added, outlineOf(z))
			continue
		}
		delete(old, z.Code)
		if err := ctx.Err(); err != nil {
			return err
		}
		if c, ok := compareZone(was, z); ok {
			changes.add(c)
		}
	}
	var removed []outlined
	for _, code := range slices.Sorted(maps.Keys(old)) {
		removed = append(removed, outlineOf(old[code]))
	}
	succeeded := map[string]bool{}
	for _, z := range added {
		if err := ctx.Err(); err != nil {
			return err
		}
		c := data.Change{Kind: data.ChangeNew, Record: z.Code, Name: z.Name}
		if from := predecessors(z, removed); len(from) > 0 {
			c.Kind, c.After = data.ChangeMoved, z.Code
			c.Before, c.AreaM2 = succession(z, from)
			for _, f := range from {
				succeeded[f.Code] = true
			}
		}
		changes.add(c)
	}
	for _, z := range removed {
		if !succeeded[z.Code] {
			changes.add(data.Change{Kind: data.ChangeGone, Record: z.Code, Name: z.Name})
		}
	}
	return nil
}

// compareZone compares two states of one zone.
func compareZone(was, is *data.Zone) (data.Change, bool) {
	c := data.Change{Record: is.Code, Name: is.Name}
	if !was.Geometry.Equal(is.Geometry) {
		a, b := outlineOf(was), outlineOf(is)
		if area := a.symmetric(b); area > outlineTolerance {
			c.Kind, c.AreaM2 = data.ChangeMoved, area
			c.Before, c.After = areaText(a.area), areaText(b.area)
			return c, true
		}
	}
	if sameZoneAttributes(was, is) {
		return c, false
	}
	c.Kind = data.ChangeAttributes
	c.Before, c.After = zoneText(was, is), zoneText(is, was)
	return c, true
}

// zoneText shows what of a zone differs from another state of it.
func zoneText(z, other *data.Zone) string {
	var parts []string
	if z.Name != other.Name {
		parts = append(parts, z.Name)
	}
	if !slices.Equal(z.CommuneCodes, other.CommuneCodes) {
		parts = append(parts, strings.Join(z.CommuneCodes, ", "))
	}
	if !slices.Equal(z.CommuneNames, other.CommuneNames) {
		parts = append(parts, strings.Join(z.CommuneNames, ", "))
	}
	if !slices.Equal(z.DepartmentCodes, other.DepartmentCodes) {
		parts = append(parts, strings.Join(z.DepartmentCodes, ", "))
	}
	if !samePointee(z.Population, other.Population) {
		parts = append(parts, "population: "+showNumber(z.Population))
	}
	if z.Restricted != other.Restricted {
		parts = append(parts, fmt.Sprintf("restricted: %t", z.Restricted))
	}
	return data.Clip(strings.Join(parts, "; "))
}

func areaText(m2 float64) string { return fmt.Sprintf("%.0f m²", m2) }

// predecessors are the zones of another code that cover the same place as z.
func predecessors(z outlined, removed []outlined) []outlined {
	var found []outlined
	for _, old := range removed {
		if !z.bound.Intersects(old.bound) {
			continue
		}
		if common := z.common(old); common > 0 && common >= successorShare*min(old.area, z.area) {
			found = append(found, old)
		}
	}
	return found
}

// succession is the codes of the predecessors of a zone and the area in m² that differs
// between what they covered together and the zone.
func succession(z outlined, from []outlined) (codes string, area float64) {
	if len(from) == 1 {
		return from[0].Code, z.symmetric(from[0])
	}
	var list []string
	var parts []orb.MultiPolygon
	for _, f := range from {
		list = append(list, f.Code)
		parts = append(parts, f.Geometry)
	}
	union := outlineOf(&data.Zone{Geometry: overlay.Union(parts)})
	return strings.Join(list, ", "), z.symmetric(union)
}
