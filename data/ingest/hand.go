package ingest

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"

	"vigie/data"
	"vigie/data/source"
	"vigie/data/territory"
	"vigie/geo/crs"
)

// SitePatch is a correction: fields left nil stay as they are. For the pointers to
// pointers, a pointer to nil empties the field.
type SitePatch struct {
	FINESS            *string
	LegalEntityFINESS *string
	Name              *string
	// Category is a FINESS category code, "" for none; the kind follows it.
	Category *string
	// OpenedOn is an ISO 8601 date, "" for unknown.
	OpenedOn    *string
	Address     *data.Address
	CommuneCode *string
	// DepartmentCode follows CommuneCode when only that is given.
	DepartmentCode *string
	// PlacingDepartments are the other départements that place children in the home.
	PlacingDepartments *[]string
	Capacity           **int
	// Position is longitude and latitude in degrees (CRS84); an empty precision means that
	// a person placed it (surveyed).
	Position **data.Position
}

func (p *SitePatch) apply(s *data.Site) {
	set := func(to *string, value *string) {
		if value != nil {
			*to = *value
		}
	}
	set(&s.FINESS, p.FINESS)
	set(&s.LegalEntityFINESS, p.LegalEntityFINESS)
	set(&s.Name, p.Name)
	set(&s.OpenedOn, p.OpenedOn)
	if p.Category != nil && *p.Category != s.Category {
		s.Category, s.Kind = *p.Category, data.KindOfCategory(*p.Category)
	}
	if p.Address != nil {
		s.Address = *p.Address
	}
	if p.CommuneCode != nil {
		s.CommuneCode = *p.CommuneCode
		if p.DepartmentCode == nil && data.ValidCommuneCode(s.CommuneCode) {
			s.DepartmentCode = data.DepartmentOfCommune(s.CommuneCode)
		}
	}
	set(&s.DepartmentCode, p.DepartmentCode)
	if p.PlacingDepartments != nil {
		s.PlacingDepartments = *p.PlacingDepartments
	}
	if p.Capacity != nil {
		s.Capacity = clonePointee(*p.Capacity)
	}
	if p.Position != nil {
		s.Position = clonePointee(*p.Position)
	}
	settle(s)
}

// settle fills what follows from the rest.
func settle(s *data.Site) {
	if s.Kind == "" || s.Category != "" {
		s.Kind = data.KindOfCategory(s.Category)
	}
	if s.Status == "" {
		s.Status = data.SiteOpen
	}
	if s.DepartmentCode == "" && data.ValidCommuneCode(s.CommuneCode) {
		s.DepartmentCode = data.DepartmentOfCommune(s.CommuneCode)
	}
	s.PlacingDepartments = data.PlacingDepartments(s.PlacingDepartments, s.DepartmentCode)
	if s.Position != nil && s.Position.Precision == "" {
		s.Position.Precision = data.PrecisionSurveyed
	}
}

// checkByHand is a *data.InvalidError when a record given by a person is not fit, nil otherwise.
// What an import would only warn of, a person is asked to put right, unless the record had it
// before the edit: closing a home must not wait for its département.
func checkByHand(s, before *data.Site) error {
	problems := handProblems(s)
	if before != nil {
		old := handProblems(before)
		problems = slices.DeleteFunc(problems, func(p data.Problem) bool {
			return slices.ContainsFunc(old, func(o data.Problem) bool {
				return o.Code == p.Code && o.Field == p.Field && o.Value == p.Value
			})
		})
	}
	if slices.ContainsFunc(problems, func(p data.Problem) bool { return p.Severity == data.SeverityError }) {
		return &data.InvalidError{Problems: problems}
	}
	return nil
}

func handProblems(s *data.Site) []data.Problem {
	problems := s.Validate()
	for i := range problems {
		if problems[i].Code == data.CodeMissingName {
			problems[i].Severity = data.SeverityError
		}
	}
	if s.DepartmentCode == "" {
		problems = append(problems, fieldProblem(s.ID, data.CodeInvalidDepartment, "department_code", data.Text{
			FR: "Le département manque\u00a0: donnez le code INSEE de la commune ou du département.",
			EN: "The département is missing: give the INSEE code of the commune or of the département.",
		}))
	}
	if s.Status == data.SiteOpen && s.ClosedOn != "" {
		problems = append(problems, fieldProblem(s.ID, data.CodeInvalidDate, "closed_on", data.Text{
			FR: "Une structure ouverte n’a pas de date de fermeture.",
			EN: "An open home has no closing date.",
		}))
	}
	if p, bad := positionByHand(s); bad && !hasField(problems, "position.point") {
		problems = append(problems, p)
	}
	return problems
}

func hasField(problems []data.Problem, field string) bool {
	return slices.ContainsFunc(problems, func(p data.Problem) bool { return p.Field == field })
}

func fieldProblem(record, code, field string, message data.Text) data.Problem {
	return data.Problem{Severity: data.SeverityError, Code: code, Record: data.Clip(record), Field: field, Message: message}
}

// positionByHand tells what is wrong with where a person put a home.
func positionByHand(s *data.Site) (data.Problem, bool) {
	if s.Position == nil {
		return data.Problem{}, false
	}
	lon, lat := s.Position.Point[0], s.Position.Point[1]
	legal, ok := crs.Legal(lon, lat)
	if !ok {
		if _, swapped := crs.Legal(lat, lon); swapped {
			return fieldProblem(s.ID, source.CodeSwapped, "position.point", data.Text{
				FR: "La position est hors de France\u00a0: latitude et longitude sont inversées.",
				EN: "The position is outside France: latitude and longitude are swapped.",
			}), true
		}
		return fieldProblem(s.ID, source.CodeOutsideFrance, "position.point", data.Text{
			FR: "La position est hors de France.",
			EN: "The position is outside France.",
		}), true
	}
	// A département's legal projection tells its part of the world; that of Polynesia
	// depends on the island.
	expected, ok := crs.LegalForDepartment(s.DepartmentCode)
	// The outline too: indicators of a home tell what is around it, and whoever may add one
	// in a département must not look into another.
	if ok && expected.Code() != legal.Code() && s.DepartmentCode != "987" || territory.Outside(s.DepartmentCode, s.Position.Point) {
		return fieldProblem(s.ID, source.CodeDepartmentMismatch, "position.point", data.Text{
			FR: "La position n’est pas dans le département " + s.DepartmentCode + ".",
			EN: "The position is not in département " + s.DepartmentCode + ".",
		}), true
	}
	return data.Problem{}, false
}

// AddSite adds a home by hand. Its ID is its FINESS number when it has one, else issued;
// the kind, the département, the status and the precision are filled from the rest when
// left empty. Errors: *data.InvalidError, also when the identifier is taken; data.ErrForbidden.
func (s *Service) AddSite(ctx context.Context, by data.Viewer, site data.Site) (*data.StoredSite, error) {
	if !by.May(data.RightEditSites) {
		return nil, data.ErrForbidden
	}
	site = cloneSite(&site)
	site.ID = site.FINESS
	if site.ID == "" {
		site.ID = s.ids()
	}
	settle(&site)
	if err := checkByHand(&site, nil); err != nil {
		return nil, err
	}
	if !by.MayEdit(nil, &site) {
		return nil, data.ErrForbidden
	}
	sites, err := s.load(ctx)
	if err != nil {
		return nil, err
	}
	if err := checkFINESSFree(sites, &site); err != nil {
		return nil, err
	}
	added := data.StoredSite{Site: site, Version: 1}
	if err := s.writeSites(ctx, by, "site.add", added); err != nil {
		if errors.Is(err, data.ErrConflict) {
			return nil, taken(&site) // another writer added it in between
		}
		return nil, err
	}
	return &added, s.refreshed(ctx)
}

func taken(site *data.Site) error {
	return &data.InvalidError{Problems: []data.Problem{fieldProblem(site.ID, CodeAlreadyExists, "finess", data.Text{
		FR: "Une structure porte déjà ce numéro FINESS\u00a0: corrigez-la plutôt que d’en ajouter une.",
		EN: "A home already has this FINESS number: correct it rather than adding one.",
	})}}
}

func checkFINESSFree(sites map[string]*data.StoredSite, site *data.Site) error {
	if site.FINESS == "" {
		return nil
	}
	for _, other := range sites {
		if other.ID != site.ID && (other.FINESS == site.FINESS || other.ID == site.FINESS) && other.MergedInto != site.ID {
			return taken(site)
		}
	}
	return nil
}

// CorrectSite changes fields of a home by hand; the next imports keep the correction.
// version is the one that the correction was made from. A correction that changes nothing
// writes nothing.
//
// Errors: data.ErrNotFound, also for a home that the viewer may not know of;
// data.ErrConflict when the home changed since; *data.InvalidError; data.ErrForbidden.
func (s *Service) CorrectSite(ctx context.Context, by data.Viewer, id string, version int64, change SitePatch) (*data.StoredSite, error) {
	return s.edit(ctx, by, "site.correct", id, version, func(site *data.Site, sites map[string]*data.StoredSite) error {
		change.apply(site)
		return checkFINESSFree(sites, site)
	})
}

// CloseSite marks a home as closed on a date (ISO 8601; today when empty). Errors are those
// of CorrectSite.
func (s *Service) CloseSite(ctx context.Context, by data.Viewer, id string, version int64, on string) (*data.StoredSite, error) {
	return s.edit(ctx, by, "site.close", id, version, func(site *data.Site, _ map[string]*data.StoredSite) error {
		if site.Status == data.SiteClosed {
			return &data.InvalidError{Problems: []data.Problem{fieldProblem(id, CodeAlreadyClosed, "status", data.Text{
				FR: "Cette structure est déjà fermée.", EN: "This home is already closed.",
			})}}
		}
		if on == "" {
			on = s.clock().UTC().Format("2006-01-02")
		}
		site.Status, site.ClosedOn = data.SiteClosed, on
		return nil
	})
}

// ReopenSite marks a closed home as open again. Errors are those of CorrectSite.
func (s *Service) ReopenSite(ctx context.Context, by data.Viewer, id string, version int64) (*data.StoredSite, error) {
	return s.edit(ctx, by, "site.reopen", id, version, func(site *data.Site, _ map[string]*data.StoredSite) error {
		if site.Status == data.SiteOpen {
			return &data.InvalidError{Problems: []data.Problem{fieldProblem(id, CodeAlreadyOpen, "status", data.Text{
				FR: "Cette structure est déjà ouverte.", EN: "This home is already open.",
			})}}
		}
		site.Status, site.ClosedOn = data.SiteOpen, ""
		return nil
	})
}

// MergeSites makes one home of two that are the same: keep survives, with its empty
// fields filled from absorb, which is closed and points to it from then on; imports no longer
// bring it back. The survivor is open when either was. versions are those of keep and absorb.
// It returns keep. Errors are those of CorrectSite.
func (s *Service) MergeSites(ctx context.Context, by data.Viewer, keep, absorbed string, versions [2]int64) (*data.StoredSite, error) {
	if !by.May(data.RightEditSites) {
		return nil, data.ErrForbidden
	}
	if keep == absorbed {
		return nil, &data.InvalidError{Problems: []data.Problem{fieldProblem(keep, CodeMergeWithItself, "id", data.Text{
			FR: "Une structure ne peut pas être fusionnée avec elle-même.",
			EN: "A home can’t be merged with itself.",
		})}}
	}
	sites, err := s.load(ctx)
	if err != nil {
		return nil, err
	}
	survivor, err := pick(sites, by, keep, versions[0])
	if err != nil {
		return nil, err
	}
	other, err := pick(sites, by, absorbed, versions[1])
	if err != nil {
		return nil, err
	}
	kept := data.StoredSite{Site: absorb(&survivor.Site, &other.Site), Version: survivor.Version + 1, Source: survivor.Source}
	gone := data.StoredSite{Site: cloneSite(&other.Site), Version: other.Version + 1, Source: other.Source, MergedInto: keep}
	if gone.Status != data.SiteClosed {
		gone.Status, gone.ClosedOn = data.SiteClosed, s.clock().UTC().Format("2006-01-02")
		if gone.OpenedOn > gone.ClosedOn {
			gone.ClosedOn = ""
		}
	}
	batch := []data.StoredSite{kept, gone}
	// Those merged into absorb before follow it, so that no chain builds up.
	for _, st := range sites {
		if st.MergedInto == absorbed {
			moved := *st
			moved.Version++
			moved.MergedInto = keep
			batch = append(batch, moved)
		}
	}
	slices.SortFunc(batch[2:], func(a, b data.StoredSite) int { return cmp.Compare(a.ID, b.ID) })
	if err := s.writeSites(ctx, by, "site.merge", batch...); err != nil {
		return nil, err
	}
	return &kept, s.refreshed(ctx)
}

// load reads every site: the store has no other way, and they are few.
func (s *Service) load(ctx context.Context) (map[string]*data.StoredSite, error) {
	sites := map[string]*data.StoredSite{}
	err := s.store.Sites(ctx, nil, func(st *data.StoredSite) error {
		sites[st.ID] = st
		return nil
	})
	return sites, err
}

// pick finds a home that the viewer may edit, at the version given.
func pick(sites map[string]*data.StoredSite, by data.Viewer, id string, version int64) (*data.StoredSite, error) {
	st := sites[id]
	switch {
	case st == nil || by.PrecisionOf(&st.Site) != data.ViewExact:
		return nil, fmt.Errorf("%w: site %q", data.ErrNotFound, id)
	case !by.MayAt(data.RightEditSites, &st.Site):
		return nil, data.ErrForbidden
	case st.Version != version:
		return nil, &data.ConflictError{Records: []string{id}, Total: 1, Message: data.Text{
			FR: "cette structure a été modifiée entre-temps (" + id + ")",
			EN: "this home was changed in the meantime (" + id + ")",
		}}
	case st.MergedInto != "":
		return nil, &data.InvalidError{Problems: []data.Problem{fieldProblem(id, CodeMerged, "merged_into", data.Text{
			FR: "Cette structure a été fusionnée avec " + st.MergedInto + "\u00a0: modifiez celle-ci.",
			EN: "This home was merged into " + st.MergedInto + ": edit that one.",
		})}}
	}
	return st, nil
}

// edit changes one home.
func (s *Service) edit(ctx context.Context, by data.Viewer, action, id string, version int64, change func(*data.Site, map[string]*data.StoredSite) error) (*data.StoredSite, error) {
	if !by.May(data.RightEditSites) {
		return nil, data.ErrForbidden
	}
	sites, err := s.load(ctx)
	if err != nil {
		return nil, err
	}
	st, err := pick(sites, by, id, version)
	if err != nil {
		return nil, err
	}
	edited := data.StoredSite{Site: cloneSite(&st.Site), Version: version + 1, Source: st.Source}
	if err := change(&edited.Site, sites); err != nil {
		return nil, err
	}
	if sameSite(&edited.Site, &st.Site) {
		return st, nil
	}
	if err := checkByHand(&edited.Site, &st.Site); err != nil {
		return nil, err
	}
	if !by.MayEdit(&st.Site, &edited.Site) {
		return nil, data.ErrForbidden
	}
	if err := s.writeSites(ctx, by, action, edited); err != nil {
		return nil, err
	}
	return &edited, s.refreshed(ctx)
}

func (s *Service) writeSites(ctx context.Context, by data.Viewer, action string, sites ...data.StoredSite) error {
	ids := make([]string, len(sites))
	for i := range sites {
		ids[i] = sites[i].ID
	}
	return s.store.Write(ctx, by, &data.Batch{PutSites: sites}, s.entry(by, action, data.LayerSites, ids, len(ids)))
}

// refreshed brings the snapshot up to date after a write that stands.
func (s *Service) refreshed(ctx context.Context) error {
	if err := s.refreshStored(ctx); err != nil {
		return fmt.Errorf("the change is stored, but its snapshot failed: %w", err)
	}
	return nil
}
