package ingest

import (
	"cmp"
	"reflect"
	"slices"
	"strconv"
	"strings"

	"vigie/data"
	"vigie/geo/crs"
)

// movedThreshold is the distance in metres from which a home counts as moved: less is
// rounding.
const movedThreshold = 1.0

// siteField is a part of a site that is merged as one: values that only make sense
// together change together.
type siteField struct {
	name string
	// given tells whether a record says anything of the field. A file never empties a
	// field: what it does not give stays as it is.
	given func(*data.Site) bool
	same  func(a, b *data.Site) bool
	copy  func(to, from *data.Site)
	// show is a short readable value, never a position.
	show func(*data.Site) string
	// change is what a difference counts as in the report.
	change data.ChangeKind
}

// textField makes the field of one string.
func textField(name string, at func(*data.Site) *string) siteField {
	return siteField{
		name:   name,
		given:  func(s *data.Site) bool { return *at(s) != "" },
		same:   func(a, b *data.Site) bool { return *at(a) == *at(b) },
		copy:   func(to, from *data.Site) { *at(to) = *at(from) },
		show:   func(s *data.Site) string { return *at(s) },
		change: data.ChangeAttributes,
	}
}

// siteFields lists the fields of a site that are merged: all but its ID.
func siteFields() []siteField {
	return []siteField{
		textField("finess", func(s *data.Site) *string { return &s.FINESS }),
		textField("legal_entity_finess", func(s *data.Site) *string { return &s.LegalEntityFINESS }),
		textField("name", func(s *data.Site) *string { return &s.Name }),
		{
			name:   "category",
			given:  func(s *data.Site) bool { return s.Category != "" || s.Kind != "" && s.Kind != data.KindOther },
			same:   func(a, b *data.Site) bool { return a.Category == b.Category && a.Kind == b.Kind },
			copy:   func(to, from *data.Site) { to.Category, to.Kind = from.Category, from.Kind },
			show:   func(s *data.Site) string { return strings.TrimSpace(s.Category + " " + s.Kind) },
			change: data.ChangeCategory,
		},
		{
			name:  "status",
			given: func(s *data.Site) bool { return s.Status != "" },
			same: func(a, b *data.Site) bool {
				return a.Status == b.Status && a.ClosedOn == b.ClosedOn
			},
			copy:   func(to, from *data.Site) { to.Status, to.ClosedOn = from.Status, from.ClosedOn },
			show:   func(s *data.Site) string { return strings.TrimSpace(string(s.Status) + " " + s.ClosedOn) },
			change: data.ChangeClosed, // or reopened
		},
		textField("opened_on", func(s *data.Site) *string { return &s.OpenedOn }),
		textField("address.street", func(s *data.Site) *string { return &s.Address.Street }),
		textField("address.postal_code", func(s *data.Site) *string { return &s.Address.PostalCode }),
		textField("address.locality", func(s *data.Site) *string { return &s.Address.Locality }),
		{
			name:  "commune_code",
			given: func(s *data.Site) bool { return s.CommuneCode != "" || s.DepartmentCode != "" },
			same: func(a, b *data.Site) bool {
				return a.CommuneCode == b.CommuneCode && a.DepartmentCode == b.DepartmentCode
			},
			copy: func(to, from *data.Site) {
				to.CommuneCode, to.DepartmentCode = from.CommuneCode, from.DepartmentCode
			},
			show:   func(s *data.Site) string { return cmp.Or(s.CommuneCode, s.DepartmentCode) },
			change: data.ChangeAttributes,
		},
		{
			name:  "placing_departments",
			given: func(s *data.Site) bool { return len(s.PlacingDepartments) > 0 },
			same: func(a, b *data.Site) bool {
				return slices.Equal(a.PlacingDepartments, b.PlacingDepartments)
			},
			copy: func(to, from *data.Site) {
				to.PlacingDepartments = slices.Clone(from.PlacingDepartments)
			},
			show:   func(s *data.Site) string { return strings.Join(s.PlacingDepartments, " ") },
			change: data.ChangeAttributes,
		},
		{
			name:   "capacity",
			given:  func(s *data.Site) bool { return s.Capacity != nil },
			same:   func(a, b *data.Site) bool { return samePointee(a.Capacity, b.Capacity) },
			copy:   func(to, from *data.Site) { to.Capacity = clonePointee(from.Capacity) },
			show:   func(s *data.Site) string { return showNumber(s.Capacity) },
			change: data.ChangeAttributes,
		},
		{
			name:   "position",
			given:  func(s *data.Site) bool { return s.Position != nil },
			same:   func(a, b *data.Site) bool { return samePointee(a.Position, b.Position) },
			copy:   func(to, from *data.Site) { to.Position = clonePointee(from.Position) },
			show:   showPosition,
			change: data.ChangeMoved,
		},
	}
}

func samePointee[T comparable](a, b *T) bool {
	if a == nil || b == nil {
		return a == b
	}
	return *a == *b
}

func clonePointee[T any](p *T) *T {
	if p == nil {
		return nil
	}
	v := *p
	return &v
}

func showNumber(n *int) string {
	if n == nil {
		return ""
	}
	return strconv.Itoa(*n)
}

// showPosition names the precision only: where a home is stays in the record.
func showPosition(s *data.Site) string {
	if s.Position == nil {
		return "not_located"
	}
	return string(s.Position.Precision)
}

func cloneSite(s *data.Site) data.Site {
	c := *s
	c.Capacity, c.Position = clonePointee(s.Capacity), clonePointee(s.Position)
	c.PlacingDepartments = slices.Clone(s.PlacingDepartments)
	return c
}

// merged is the outcome of a three-way merge.
type merged struct {
	site data.Site
	// source is the record as this file gave it, completed by what earlier files gave and
	// this one does not: the base of the next merge.
	source data.Site
	// changes are what the merge changed, and what it kept by hand.
	changes []data.Change
	// positionDropped: the file moved the home to another commune without locating it.
	positionDropped bool
	// positionOlder: the file changed the street without locating the home again.
	positionOlder bool
}

// mergeSite brings what a file says of a site into the site as stored. base is the site
// as the last file gave it, nil for one added by hand. Field by field: what the file
// changed since base is taken, unless it was also corrected by hand, in which case the
// correction is kept and reported; what the file did not change stays as it is.
func mergeSite(base *data.Site, present, incoming *data.Site) merged {
	if base == nil {
		base = &data.Site{}
	}
	m := merged{site: cloneSite(present), source: cloneSite(base)}
	m.source.ID = incoming.ID
	in := incoming
	m.placeWithoutPosition(base, present, in)
	for _, f := range siteFields() {
		if !f.given(in) {
			continue
		}
		f.copy(&m.source, in)
		switch {
		case f.same(in, base) || f.same(in, present):
			// Not changed by the file, or changed by it to what is there already.
		case f.same(present, base) || !f.given(present):
			f.copy(&m.site, in)
			m.changes = append(m.changes, fieldChange(f, present, in))
		default:
			m.changes = append(m.changes, data.Change{
				Kind: data.ChangeKeptByHand, Record: present.ID, Name: present.Name,
				Before: f.name + ": " + f.show(present), After: f.name + ": " + f.show(in),
			})
		}
	}
	// The file may have moved the home to one of them.
	m.site.PlacingDepartments = data.PlacingDepartments(m.site.PlacingDepartments, m.site.DepartmentCode)
	m.dropPosition(present)
	m.changes = joinAttributes(m.changes)
	return m
}

// placeWithoutPosition decides on the position of a home whose address the file changed
// without giving a position: in another commune the old one is wrong and goes; in another
// street it is in doubt and stays.
func (m *merged) placeWithoutPosition(base, present, in *data.Site) {
	if in.Position != nil || base.Position == nil || !samePointee(base.Position, present.Position) {
		return
	}
	switch {
	case in.CommuneCode != "" && base.CommuneCode != "" && in.CommuneCode != base.CommuneCode:
		m.positionDropped = true
	case in.Address.Street != "" && base.Address.Street != "" && !strings.EqualFold(in.Address.Street, base.Address.Street):
		m.positionOlder = true
	}
}

func (m *merged) dropPosition(present *data.Site) {
	if !m.positionDropped {
		return
	}
	m.site.Position, m.source.Position = nil, nil
	m.changes = append(m.changes, data.Change{
		Kind: data.ChangeMoved, Record: present.ID, Name: m.site.Name,
		Before: showPosition(present), After: showPosition(&m.site),
	})
}

// fieldChange describes that the file's value replaces the present one.
func fieldChange(f siteField, present, in *data.Site) data.Change {
	c := data.Change{
		Kind: f.change, Record: present.ID, Name: cmp.Or(in.Name, present.Name),
		Before: f.show(present), After: f.show(in),
	}
	switch f.change {
	case data.ChangeClosed:
		switch {
		case in.Status == data.SiteOpen && present.Status == data.SiteClosed:
			c.Kind = data.ChangeReopened
		case in.Status == present.Status: // another closing date
			c.Kind = data.ChangeAttributes
			c.Before, c.After = f.name+": "+c.Before, f.name+": "+c.After
		}
	case data.ChangeMoved:
		c.DistanceM = distance(present.Position, in.Position)
		if present.Position != nil && in.Position != nil && c.DistanceM < movedThreshold {
			c.Kind, c.DistanceM = data.ChangeAttributes, 0
			c.Before, c.After = f.name+": "+c.Before, f.name+": "+c.After
		}
	case data.ChangeAttributes:
		c.Before, c.After = f.name+": "+c.Before, f.name+": "+c.After
	}
	return c
}

// joinAttributes makes one line of all the attribute changes of a record.
func joinAttributes(changes []data.Change) []data.Change {
	first := -1
	kept := changes[:0]
	for _, c := range changes {
		if c.Kind == data.ChangeAttributes && first >= 0 {
			kept[first].Before += "; " + c.Before
			kept[first].After += "; " + c.After
			continue
		}
		if c.Kind == data.ChangeAttributes {
			first = len(kept)
		}
		kept = append(kept, c)
	}
	return kept
}

// sameSite tells whether two sites are the same in every field.
func sameSite(a, b *data.Site) bool {
	return reflect.DeepEqual(a, b)
}

// absorb fills the empty fields of a site from another that is merged into it, and keeps
// it open when either is: a home must not vanish by a merge.
func absorb(keep, other *data.Site) data.Site {
	out := cloneSite(keep)
	for _, f := range siteFields() {
		if !f.given(&out) && f.given(other) {
			f.copy(&out, other)
		}
	}
	out.PlacingDepartments = data.PlacingDepartments(out.PlacingDepartments, out.DepartmentCode)
	if other.Status == data.SiteOpen {
		out.Status, out.ClosedOn = data.SiteOpen, ""
	}
	return out
}

// distance between two positions in metres along the ellipsoid, 0 when one is unknown.
func distance(a, b *data.Position) float64 {
	if a == nil || b == nil {
		return 0
	}
	d, _ := crs.Inverse(a.Point, b.Point)
	return d
}
