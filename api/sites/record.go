package sites

import (
	"github.com/paulmach/orb"

	"vigie/data"
	"vigie/data/snapshot"
)

// position is a position as forms read and write it, in degrees, CRS84.
type position struct {
	Lon       float64        `json:"lon"`
	Lat       float64        `json:"lat"`
	Precision data.Precision `json:"precision"`
	Source    string         `json:"source,omitempty"`
}

// address is data.Address with every member written, for forms.
type address struct {
	Street     string `json:"street"`
	PostalCode string `json:"postal_code"`
	Locality   string `json:"locality"`
}

// record is a site as edits read and write it. Every member is always written,
// so that a form finds them all.
type record struct {
	ID                string          `json:"id"`
	FINESS            string          `json:"finess"`
	LegalEntityFINESS string          `json:"legal_entity_finess"`
	Name              string          `json:"name"`
	Category          string          `json:"category"`
	Kind              string          `json:"kind"`
	Status            data.SiteStatus `json:"status"`
	OpenedOn          string          `json:"opened_on"`
	ClosedOn          string          `json:"closed_on"`
	Address           address         `json:"address"`
	CommuneCode       string          `json:"commune_code"`
	DepartmentCode    string          `json:"department_code"`
	Capacity          *int            `json:"capacity"`
	Position          *position       `json:"position"`
	Version           int64           `json:"version"`
	MergedInto        string          `json:"merged_into"`
}

func recordOfStored(s *data.StoredSite) record {
	r := record{
		ID: s.ID, FINESS: s.FINESS, LegalEntityFINESS: s.LegalEntityFINESS, Name: s.Name, Category: s.Category,
		Kind: s.Kind, Status: s.Status, OpenedOn: s.OpenedOn, ClosedOn: s.ClosedOn, Address: address(s.Address),
		CommuneCode: s.CommuneCode, DepartmentCode: s.DepartmentCode, Capacity: s.Capacity,
		Version: s.Version, MergedInto: s.MergedInto,
	}
	if p := s.Position; p != nil {
		r.Position = &position{Lon: p.Point.Lon(), Lat: p.Point.Lat(), Precision: p.Precision, Source: p.Source}
	}
	return r
}

// find reads a site from the snapshot as this viewer sees it: the record holds
// what the collection's schema lets through and nothing else.
func find(current *snapshot.Snapshot, v data.Viewer, id string) (record, bool) {
	view, ok := current.Collection(v, data.LayerSites)
	if !ok {
		return record{}, false
	}
	f, ok := view.Get(id)
	if !ok {
		return record{}, false
	}
	r := record{ID: f.ID}
	var precision, origin string
	for i, column := range view.Schema().Columns {
		value := f.Values[i]
		text, _ := value.Text()
		switch column.Name {
		case "finess":
			r.FINESS = text
		case "legal_entity_finess":
			r.LegalEntityFINESS = text
		case "name":
			r.Name = text
		case "category":
			r.Category = text
		case "kind":
			r.Kind = text
		case "status":
			r.Status = data.SiteStatus(text)
		case "opened_on":
			r.OpenedOn = text
		case "closed_on":
			r.ClosedOn = text
		case "address":
			r.Address.Street = text
		case "postal_code":
			r.Address.PostalCode = text
		case "locality":
			r.Address.Locality = text
		case "commune_code":
			r.CommuneCode = text
		case "department_code":
			r.DepartmentCode = text
		case "capacity":
			if n, ok := value.Int(); ok {
				r.Capacity = &n
			}
		case "position_precision":
			precision = text
		case "position_source":
			origin = text
		case "version":
			if n, ok := value.Int(); ok {
				r.Version = int64(n)
			}
		}
	}
	if p, ok := f.Geometry.(orb.Point); ok {
		r.Position = &position{Lon: p.Lon(), Lat: p.Lat(), Precision: data.Precision(precision), Source: origin}
	}
	return r, true
}
