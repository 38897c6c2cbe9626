package data

import (
	"slices"
	"time"
)

// Viewer is whoever reads or writes: its identity, and what it may do where. Sites,
// zones, places and indicators are only read through one, so that what it may not
// see cannot reach an output. Only api/auth and cmd construct one. The zero Viewer
// is the public.
type Viewer struct {
	subject string
	purpose string
	powers  []power
}

// power is what one assignment or grant gives within its scope.
type power struct {
	scope     Scope
	precision ViewPrecision
	rights    Right
}

// ViewPrecision is how precisely a viewer sees a site.
type ViewPrecision uint8

// Precisions of a view, from nothing to everything. The zero value is the safest.
const (
	ViewNone ViewPrecision = iota
	ViewMasked
	ViewExact
)

// Right is a set of things that a viewer may do within a scope.
type Right uint16

// Rights.
const (
	RightImport     Right = 1 << iota // import files, undo imports, choose editions
	RightEditSites                    // add, correct, close and merge homes by hand
	RightRestricted                   // see police-restricted layers
	RightReview                       // read and write reviews, incidents, measures
	RightReport                       // report an incident and reply for a home
	RightDecide                       // decide reviews, validate, assign
	RightStudy                        // siting studies
	RightApprove                      // decide on grants
	RightUsers                        // accounts, configuration
	RightAudit                        // read and verify the journal

	everything = RightAudit<<1 - 1
)

// Scope is where a right holds. The zero Scope is nowhere.
type Scope struct {
	// National is everywhere, by mission order.
	National bool `json:"national,omitempty"`
	// Departments are INSEE codes ("01", "2A", "971").
	Departments []string `json:"departments,omitempty"`
	// Sites are identifiers of named homes.
	Sites []string `json:"sites,omitempty"`
}

// HasDepartment tells whether a whole département is in the scope. What has no
// département ("") is only in the national scope.
func (s Scope) HasDepartment(code string) bool {
	return s.National || code != "" && slices.Contains(s.Departments, code)
}

// HasSite tells whether a home is in the scope: by name, by its département or by one
// that places children there.
func (s Scope) HasSite(site *Site) bool {
	return s.HasDepartment(site.DepartmentCode) || slices.ContainsFunc(site.PlacingDepartments, s.HasDepartment) ||
		slices.Contains(s.Sites, site.ID)
}

// Covers tells whether s holds everything that other does. Named homes are only
// covered by name: which département they are in is not known here.
func (s Scope) Covers(other Scope) bool {
	if s.National {
		return true
	}
	inside := func(all []string) func(string) bool {
		return func(x string) bool { return !slices.Contains(all, x) }
	}
	return !other.National && !slices.ContainsFunc(other.Departments, inside(s.Departments)) &&
		!slices.ContainsFunc(other.Sites, inside(s.Sites))
}

// Empty tells whether nothing is in the scope.
func (s Scope) Empty() bool { return !s.National && len(s.Departments) == 0 && len(s.Sites) == 0 }

// ViewerSpec is what api/auth or cmd knows of a viewer.
type ViewerSpec struct {
	Subject string // login or "operator", for the audit
	Purpose string
	// Assignments and Grants that hold at Now; those that have expired, or are not
	// approved, give nothing.
	Assignments []Assignment
	Grants      []Grant
	Now         time.Time

	// The rest describes the operator of the command line, who needs no account.
	Precision   ViewPrecision
	Departments []string // nil: every département
	Restricted  bool     // may see police-restricted layers
	Writes      bool     // may do everything else
}

// NewViewer builds a Viewer. Call it from api/auth and cmd only (a test holds this).
func NewViewer(s ViewerSpec) Viewer {
	v := Viewer{subject: s.Subject, purpose: s.Purpose}
	for _, a := range s.Assignments {
		if a.Holds(s.Now) {
			v.powers = append(v.powers, a.power())
		}
	}
	operator := power{scope: Scope{National: s.Departments == nil, Departments: s.Departments}, precision: s.Precision}
	if s.Restricted {
		operator.rights |= RightRestricted
	}
	if s.Writes {
		operator.rights |= everything &^ RightRestricted
	}
	if operator.precision > ViewNone || operator.rights != 0 {
		v.powers = append(v.powers, operator)
	}
	// A grant adds to a role that holds: it does not outlive it.
	roles := v
	for _, g := range s.Grants {
		if g.Holds(s.Now) && g.Kind == GrantExact && roles.PrecisionOver(g.Scope) >= ViewMasked {
			v.powers = append(v.powers, power{scope: g.Scope, precision: ViewExact})
		}
	}
	return v
}

// Subject names the viewer in the audit and in import records.
func (v Viewer) Subject() string { return v.subject }

// Purpose is why the viewer reads, as chosen for the session.
func (v Viewer) Purpose() string { return v.purpose }

// Precision is the best precision at which this viewer sees any site.
func (v Viewer) Precision() ViewPrecision {
	best := ViewNone
	for i := range v.powers {
		best = max(best, v.powers[i].precision)
	}
	return best
}

// PrecisionOf is how precisely the viewer sees this site; ViewNone when it may not
// know that it exists.
func (v Viewer) PrecisionOf(s *Site) ViewPrecision {
	best := ViewNone
	for i := range v.powers {
		if p := &v.powers[i]; p.precision > best && p.scope.HasSite(s) {
			best = p.precision
		}
	}
	return best
}

// SeesMaskedIn tells whether the viewer sees the masked homes of a département.
func (v Viewer) SeesMaskedIn(department string) bool {
	return slices.ContainsFunc(v.powers, func(p power) bool {
		return p.precision >= ViewMasked && p.scope.HasDepartment(department)
	})
}

// SeesSite tells whether the viewer may know that this site exists.
func (v Viewer) SeesSite(s *Site) bool { return v.PrecisionOf(s) > ViewNone }

// SeesDepartment tells whether the viewer has any power over a whole département.
func (v Viewer) SeesDepartment(code string) bool {
	return slices.ContainsFunc(v.powers, func(p power) bool { return p.scope.HasDepartment(code) })
}

// SeesRestricted tells whether the viewer sees police-restricted layers anywhere.
func (v Viewer) SeesRestricted() bool { return v.May(RightRestricted) }

// SeesZone tells whether the viewer may know that this zone exists.
func (v Viewer) SeesZone(z *Zone) bool {
	return !z.Restricted || slices.ContainsFunc(v.powers, func(p power) bool {
		return p.rights&RightRestricted != 0 &&
			(p.scope.National || slices.ContainsFunc(z.DepartmentCodes, p.scope.HasDepartment))
	})
}

// May tells whether the viewer has one of these rights anywhere.
func (v Viewer) May(any Right) bool {
	return slices.ContainsFunc(v.powers, func(p power) bool { return p.rights&any != 0 })
}

// MayIn tells whether the viewer has one of these rights over a whole département.
func (v Viewer) MayIn(any Right, department string) bool {
	return slices.ContainsFunc(v.powers, func(p power) bool { return p.rights&any != 0 && p.scope.HasDepartment(department) })
}

// MayAt tells whether the viewer has one of these rights over a home.
func (v Viewer) MayAt(any Right, s *Site) bool {
	return slices.ContainsFunc(v.powers, func(p power) bool { return p.rights&any != 0 && p.scope.HasSite(s) })
}

// MayEverywhere tells whether the viewer has one of these rights in the national scope.
func (v Viewer) MayEverywhere(any Right) bool {
	return slices.ContainsFunc(v.powers, func(p power) bool { return p.rights&any != 0 && p.scope.National })
}

// MayCover tells whether one power of the viewer gives one of these rights over the
// whole of a scope.
func (v Viewer) MayCover(any Right, scope Scope) bool {
	return slices.ContainsFunc(v.powers, func(p power) bool { return p.rights&any != 0 && p.scope.Covers(scope) })
}

// MayEdit tells whether the viewer may put a home by hand, before being what it is now,
// nil for a new one. Whoever may edit at the home may; but where it is, and which
// départements place children there, tells who sees it: that takes the right over its
// own département, before and after.
func (v Viewer) MayEdit(before, after *Site) bool {
	if before != nil && before.DepartmentCode == after.DepartmentCode && slices.Equal(before.PlacingDepartments, after.PlacingDepartments) {
		return v.MayAt(RightEditSites, before)
	}
	return v.MayIn(RightEditSites, after.DepartmentCode) && (before == nil || v.MayIn(RightEditSites, before.DepartmentCode))
}

// MayWrite tells whether the viewer may import or correct records anywhere.
func (v Viewer) MayWrite() bool { return v.May(RightImport | RightEditSites) }

// Has lists the viewer's rights, wherever they hold, for user interfaces.
func (v Viewer) Has() Right {
	var all Right
	for i := range v.powers {
		all |= v.powers[i].rights
	}
	return all
}
