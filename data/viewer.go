package data

import "slices"

// Viewer is whoever reads: its identity, scope and precision. Sites, zones,
// places and indicators are only read through one, so that what it may not see
// cannot reach an output. Only api/auth and cmd construct one.
type Viewer struct {
	subject string
	// departments is the scope; nil means every département.
	departments []string
	precision   ViewPrecision
	restricted  bool
	writes      bool
	purpose     string
}

// ViewPrecision is how precisely a viewer sees a site.
type ViewPrecision uint8

// Precisions of a view, from nothing to everything. The zero value is the safest.
const (
	ViewNone ViewPrecision = iota
	ViewMasked
	ViewExact
)

// ViewerSpec is what api/auth or cmd knows of a viewer.
type ViewerSpec struct {
	Subject     string   // login or "operator", for the audit
	Departments []string // nil: every département
	Precision   ViewPrecision
	Restricted  bool // may see police-restricted layers
	Writes      bool // may import and correct
	Purpose     string
}

// NewViewer builds a Viewer. Call it from api/auth and cmd only (a test holds this).
func NewViewer(s ViewerSpec) Viewer {
	return Viewer{
		subject: s.Subject, departments: slices.Clone(s.Departments), precision: s.Precision,
		restricted: s.Restricted, writes: s.Writes, purpose: s.Purpose,
	}
}

// Subject names the viewer in the audit and in import records.
func (v Viewer) Subject() string { return v.subject }

// Purpose is why the viewer reads, as chosen for the session.
func (v Viewer) Purpose() string { return v.purpose }

// Precision is how precisely this viewer sees sites.
func (v Viewer) Precision() ViewPrecision { return v.precision }

// SeesDepartment tells whether a département is in the viewer's scope. A record
// without département is seen by viewers whose scope is everything.
func (v Viewer) SeesDepartment(code string) bool {
	return v.departments == nil || slices.Contains(v.departments, code)
}

// SeesSite tells whether the viewer may know that this site exists.
func (v Viewer) SeesSite(s *Site) bool {
	return v.precision > ViewNone && v.SeesDepartment(s.DepartmentCode)
}

// SeesRestricted tells whether police-restricted layers are visible.
func (v Viewer) SeesRestricted() bool { return v.restricted }

// MayWrite tells whether the viewer may import, undo and correct.
func (v Viewer) MayWrite() bool { return v.writes }
